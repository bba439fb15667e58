// `npm run fuzz:zookeeper`: a million packets, and a look at the memory. `-- --seed 7 --packets 1` repeats one conversation.
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({ options: { seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 40)) }, packets: { type: "string", default: "1000000" } } });
const [seed, packets] = [Number(values.seed), Number(values.packets)];
/** What may be left behind, in bytes. */
const most = 24 * 1_048_576;

/** Where we are, for the watchdog: a loop without an end would never tell. */
const at = new BigInt64Array(new SharedArrayBuffer(16));
const watchdog = new Worker(`
const { workerData: at } = require("node:worker_threads");
for (let last = -1n, now; ; last = now) {
  now = at[0];
  if (now === last) {
    require("node:fs").writeSync(2, "seed " + last + " hangs. Replay it: npm run fuzz:zookeeper -- --seed " + last + " --packets 1\\n");
    process.kill(process.pid, "SIGKILL");
  }
  Atomics.wait(at, 1, 0n, 10_000); // Nobody wakes it: a nap.
}`, { eval: true, workerData: at });

function held(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

console.log(`${packets} packets from seed ${seed}`);
const began = performance.now();
at[0] = BigInt(seed);
await fuzz(Math.min(packets, 20_000), seed + 2 ** 41); // Warm.
const before = held();
let next = 100_000;
await fuzz(packets, seed, (done, nextSeed) => {
  at[0] = BigInt(nextSeed);
  if (done < next) return;
  next += 100_000;
  const grown = held() - before;
  console.log(`${done} packets, ${(grown / 1_048_576).toFixed(1)} MB more than at first`);
  if (grown > most) throw new Error(`the memory grows: ${grown} bytes more than at first`);
});
await watchdog.terminate();
console.log(`nothing broke in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
