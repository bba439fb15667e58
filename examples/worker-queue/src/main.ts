// A queue of jobs over TCP. A dispatcher puts jobs into sessions, two workers do them, and all three are killed again and again. A job is
// done when it is handled, and each is done once.
//
//     node scripts/dev.mjs pnpm -C examples/worker-queue start [redis://host:port]
//
// Without a Redis of your own it starts one, which takes redis-server (on Debian a package of that name).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisServer } from "@holdfast/test-servers";
import { Hand } from "./hand.ts";
import { Receipts } from "./receipts.ts";

const jobs = 300; // In each of three queues.
const [given] = process.argv.slice(2);
await using stack = new AsyncDisposableStack();
const redis = given ?? stack.use(await RedisServer.start()).url;
const [tickets, folder] = [await newFolder(), await newFolder()];

let again = 0;
const workers = await Promise.all([1, 2].map(() => Hand.begin("worker.ts", [redis, folder], () => { again += 1; })));
for (const worker of workers) stack.use(worker);
console.log(`two workers, on ${workers.map(({ address }) => address).join(" and ")}`);
const finished = Promise.withResolvers<void>();
const dispatcher = stack.use(await Hand.begin("dispatcher.ts", [workers.map(({ address }) => address).join(), tickets, String(jobs)], () => { finished.resolve(); }));

const kills = { workers: 0, dispatchers: 0 };
let over = false;
void finished.promise.then(() => { over = true; });
for (const latest = performance.now() + 15_000; !over && performance.now() < latest;) {
  const [first] = workers.splice(0, 1) as [Hand];
  workers.push(first); // In turn.
  console.log(`kill -9 the worker on ${first.address}`);
  await first.kill();
  kills.workers += 1;
  await sleep(300);
  if (over) break;
  console.log("kill -9 the dispatcher");
  await dispatcher.kill();
  kills.dispatchers += 1;
  await sleep(300);
}
await finished.promise;

const done = new Receipts(folder).jobs;
const different = new Set(done).size;
console.log(`${kills.workers} workers and ${kills.dispatchers} dispatchers were killed`);
console.log(`${3 * jobs} jobs: ${different} done, ${3 * jobs - different} not done, ${done.length - different} done twice`);
console.log(`(handled again by another worker, and known by their receipt: ${again})`);
process.exitCode = different === 3 * jobs && done.length === different ? 0 : 1;

async function newFolder(): Promise<string> {
  const path = await mkdtemp(`${tmpdir()}/holdfast-queue-`);
  stack.defer(() => rm(path, { recursive: true }));
  return path;
}
