// `retry()` for operations: a flaky test that is run again as pytest's rerun does it, and calls by the failover rule of Dubbo.
//
//     node scripts/dev.mjs pnpm -C examples/rerun start
import { constant, isHoldfastError } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import { Refusal, startProviders } from "./providers.ts";

// pytest --reruns 5 --reruns-delay 0.1
const outcome = await retry(({ attempt }) => testFlaky(attempt), {
  retries: 5,
  backoff: constant(100), // `exponential()`, which is jittered, where many might come back at once.
  onRetry: ({ attempt, error, delay }) => { console.log(`test_flaky RERUN (${attempt}: ${error.message}), again in ${delay} ms`); },
});
console.log(`test_flaky ${outcome}\n`);

// Dubbo: retries="2" timeout="500". That is three tries, one right after the other, each with another provider.
const call = (...providers: readonly string[]): Promise<string> => retry(({ attempt, signal }) => order(providers[attempt - 1] ?? "", signal), {
  retries: 2,
  timeout: 500, // For each try by itself. Its signal is aborted then, so that no request goes on unseen.
  shouldRetry: ({ error }) => !(error instanceof Refusal),
  onRetry: ({ attempt, error }) => { console.log(`provider ${attempt}: ${error.message}`); },
});

const { hangs, fails, works, refuses, stop } = await startProviders();

console.log(`provider 3: ${await call(hangs, fails, works)}\n`);

const last = await call(fails, fails, hangs).catch((error: unknown) => error); // The last error, as it was thrown.
console.log(`provider 3: ${isHoldfastError(last) ? last.code : String(last)}, and no try is left\n`);

const final = await call(refuses, works, works).catch((error: unknown) => error);
console.log(`provider 1: ${String(final)}. Nobody else is asked`);

stop();

function testFlaky(attempt: number): string {
  if (attempt < 3) throw new Error(`assert ${attempt} == 3`);
  return "PASSED";
}

async function order(provider: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(provider, { method: "POST", signal });
  if (response.status === 409) throw new Refusal(await response.text()); // It was reached and has said no.
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return response.text();
}
