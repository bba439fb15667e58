// `npm run soak:zookeeper [-- --minutes 20 --faults 1000 --clients 20 --seed 1]`: real clients on a real ensemble through kills, freezes,
// partitions, resets and outages. Ends with 1, and says why, when a law was broken.
import { Ensemble } from "@holdfast/test-servers";
import { seededRandom } from "@holdfast/testkit";
import { faultProxy } from "@holdfast/testkit/proxy";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ZooKeeper } from "../../src/index.ts";
import { Customer, places } from "./customer.ts";
import { draw, inflict, type Lines } from "./faults.ts";
import { Laws } from "./laws.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" }, faults: { type: "string", default: "1000" }, clients: { type: "string", default: "20" }, seed: { type: "string", default: String(Date.now() % 1_000_000) } } });
const [minutes, wanted, size, seed] = [values.minutes, values.faults, values.clients, values.seed].map(Number) as [number, number, number, number];
const random = seededRandom(seed);
const sessionTimeout = 3_000;
const say = (line: string): void => { console.log(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${line}`); };

say(`${size} clients, ${wanted} faults in ${minutes} minutes, seed ${seed}`);
await using ensemble = await Ensemble.start({ size: 3 });
await using stack = new AsyncDisposableStack();
const laws = new Laws(say);
const witness = stack.use(new ZooKeeper({ servers: ensemble.connectString, sessionTimeout: 60_000, retry: "safe" }));
await witness.open();
for (const path of ["/soak", ...Object.values(places)]) await witness.create(path);

const lines: Lines[] = [];
const customers: Customer[] = [];
for (let at = 0; at < size; at += 1) {
  const line = await Promise.all(ensemble.servers.map(({ port }) => faultProxy({ target: { host: "127.0.0.1", port } })));
  for (const proxy of line) stack.use(proxy);
  lines.push(line);
  customers.push(new Customer(`client-${at}`, { servers: line.map(({ port }) => `127.0.0.1:${port}`), sessionTimeout, random: seededRandom(seed + at + 1) }, laws, witness));
}

const end = new AbortController();
const working = customers.map((customer) => customer.work(end.signal));
const inflicted: Record<string, number> = {};
const underWay = new Set<Promise<void>>();
const [start, span] = [performance.now(), minutes * 60_000];
for (let count = 0; count < wanted; count += 1) {
  await sleep(Math.max(0, start + (span * count) / wanted - performance.now()));
  const name = draw(random);
  inflicted[name] = (inflicted[name] ?? 0) + 1;
  const fault = inflict(name, { ensemble, lines, random }).catch((error: unknown) => { laws.breach(`the fault ${name} failed: ${String(error)}`); }).finally(() => { underWay.delete(fault); });
  underWay.add(fault);
  if (count % 50 === 49) say(`${count + 1} faults; ${laws.outcomes.done} requests done, ${laws.pending} pending; ${customers.reduce((sum, { moves }) => sum + moves, 0)} attaches, ${customers.reduce((sum, { expiries }) => sum + expiries, 0)} expiries, ${laws.holds} holds of the lock`);
}

say("the faults are over: everything has to settle");
await Promise.all(underWay);
await ensemble.startAll();
end.abort();
const settled = new AbortController();
await Promise.race([Promise.all(working), sleep(60_000, undefined, { signal: settled.signal }).then(() => { laws.breach(`${laws.pending} requests are not settled a minute after the last fault`); }, () => { /* In time. */ })]);
settled.abort();
await Promise.all(customers.flatMap(({ checks }) => [...checks]));
await judge();
say(JSON.stringify({ seed, inflicted, outcomes: laws.outcomes, ephemeralsChecked: laws.ephemeralsChecked, holds: laws.holds, breaches: laws.breaches }));
process.exitCode = laws.breaches.length > 0 ? 1 : 0;

/** What the servers hold must agree with what the clients were told. */
async function judge(): Promise<void> {
  if (laws.pending > 0) laws.breach(`${laws.pending} requests are not settled`);
  await witness.sync("/soak");
  for (const { name, writes } of customers) {
    const version = (await witness.exists(`${places.counters}/${name}`))?.version ?? 0;
    if (version < writes.done || version > writes.done + writes.unknown) laws.breach(`${name} was told of ${writes.done} writes done and ${writes.unknown} unknown, and there are ${version}`);
  }
  await Promise.all(customers.map(({ zk }) => zk.close()));
  await witness.sync("/soak");
  const left = await witness.getChildren(places.nodes);
  if (left.length > 0) laws.breach(`${left.length} ephemeral nodes are left after every session was closed, such as ${left[0] ?? ""}`);
}
