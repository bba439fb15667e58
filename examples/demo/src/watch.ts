import { pause, patience, type Outcome, type Scene } from "./fault.ts";
import type { Name } from "./stage.ts";

/** Waits until the condition holds, or until patience ends. */
export async function until(condition: () => boolean, ms: number = patience): Promise<boolean> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() >= end) return false;
    await pause(5);
  }
  return true;
}

/** The server the application is on. Faults are done to that one. */
export async function current({ stage, app }: Scene): Promise<Name> {
  await app.link.ready();
  return stage.nameOf(app.link.endpoint) ?? "tcp"; // Connected: it is one of the three.
}

/** Long enough for the backoff to be forgotten and the heartbeat to be in its stride. */
export const settle = (): Promise<void> => pause(900);

interface Verdict { readonly fault: string; readonly injected: boolean; readonly boundMs: number; readonly naive: string; /** The fault must end the connection, or must not. */ readonly loss: boolean; readonly losses: number }

/** Puts what was watched into one row. */
export function outcome({ app, stage }: Scene, { fault, injected, boundMs, naive, loss, losses }: Verdict): Outcome {
  const { since, noticedAt, echoedAt } = app.watched;
  const noticedMs = noticedAt === undefined ? null : Math.round(noticedAt - since);
  const recoveredMs = echoedAt === undefined ? null : Math.round(echoedAt - since);
  const survived = noticedMs !== null && noticedMs <= boundMs && recoveredMs !== null && (losses > 0) === loss;
  return { fault, injected, noticedMs, boundMs: Math.round(boundMs), recoveredMs, endpoint: app.link.endpoint ?? null, naive, survived: survived && stage.nameOf(app.link.endpoint) !== undefined };
}
