import { detectionBound, resolveHeartbeat } from "@holdfast/core";
import { block, blockRepeatedly, sleep } from "./busy.ts";
import { Child } from "./child.ts";
import { kinds } from "./detect/case.ts";
import type { Report, Row } from "./report.ts";
import { Flock } from "./stalls/flock.ts";
import type { Doors, Killed } from "./stalls/server.ts";

const stalls = 20;
/** Two of each framed kind, one plain. */
const five = [0, 0, 1, 1, 2];
const brisk = { interval: 400, timeout: 400, maxMisses: 3 } as const;
/** Timeouts that outweigh the interval, so that a stall of 0.8 × the bound is always shorter than what may go unanswered. */
const patient = { interval: 200, timeout: 600, maxMisses: 3 } as const;

/** Loops that stand still: our own must not make live peers look dead, nor hide dead ones; the server's must be ridden out. */
export async function stallsOfLoops(): Promise<Report> {
  const server = new Child(new URL("./stalls/server.ts", import.meta.url), []);
  try {
    const doors = await server.hear<Doors>();
    const rows = [await ourStalls(doors), ...await theirStalls(server, doors), ...await alwaysLate(server, doors)];
    return { name: "stalls", about: `an event loop that stands still, on our side and on the server's, over tcp, ws and plain ws`, rows };
  } finally {
    await server.end();
  }
}

const at = (ports: readonly number[], which: number): { readonly kind: (typeof kinds)[number]; readonly port: number } => ({ kind: kinds[which] ?? "tcp", port: ports[which] ?? 0 });

async function ourStalls({ live }: Doors): Promise<Row> {
  const flock = new Flock();
  await flock.gather(five.map((which) => at(live, which)), "lan");
  for (let stall = 0; stall < stalls; stall += 1) {
    await sleep(Math.random() * 1_500); // So that stalls meet all moments of a heartbeat.
    block(3_000);
    await sleep(50);
  }
  await sleep(4_000);
  flock.disperse();
  const kills = flock.lostAt.size;
  return { what: `our loop blocked 3 s, ${stalls} times, 5 links (lan): kills`, ours: kills, figure: kills, unit: "", target: "0", met: kills === 0 };
}

async function theirStalls(server: Child, { live }: Doors): Promise<readonly Row[]> {
  const length = 0.8 * detectionBound(resolveHeartbeat(patient));
  const calm = new Flock();
  const strict = new Flock();
  await calm.gather(five.map((which) => at(live, which)), patient);
  for (let stall = 0; stall < stalls; stall += 1) {
    await sleep(Math.random() * 400);
    server.say({ block: length });
    await server.hear();
    await sleep(200);
  }
  calm.disperse();
  await strict.gather(five.map((which) => at(live, which)), { ...patient, maxMisses: 1 });
  server.say({ block: length });
  await server.hear();
  strict.disperse();
  const [kills, misses, lost] = [calm.lostAt.size, calm.missed, strict.lostAt.size];
  return [
    { what: `their loop blocked ${length} ms (0.8 bounds), ${stalls} times, 5 links: kills`, ours: kills, figure: kills, unit: "", target: "0", met: kills === 0 },
    { what: "  pings missed meanwhile", ours: misses, figure: misses, unit: "", target: `≥ ${stalls * 5}`, met: misses >= stalls * 5 },
    { what: "  the same once, with maxMisses 1: kills", ours: lost, figure: lost, unit: "of 5", target: "5 of 5", met: lost === 5 },
  ];
}

/** Our loop is blocked for 100 ms of every 150. */
async function alwaysLate(server: Child, { live, doomed }: Doors): Promise<readonly Row[]> {
  const bound = detectionBound(resolveHeartbeat(brisk));
  const alive = new Flock();
  const dead = new Flock();
  const many = Array.from({ length: 30 }, (_, index) => index % kinds.length);
  await alive.gather(many.map((which) => at(live, which)), brisk);
  await dead.gather(many.map((which) => at(doomed, which)), brisk);
  const stop = blockRepeatedly(100, 150);
  await sleep(5_000);
  const early = dead.lostAt.size;
  server.say({ kill: true });
  const { killedAt } = await server.hear<Killed>();
  await dead.allLost(3 * bound);
  await sleep(5_000);
  stop();
  alive.disperse();
  dead.disperse();
  const worst = dead.lostAt.size < many.length ? Infinity : Math.max(...dead.lostAt.values()) - killedAt;
  const kills = alive.lostAt.size + early;
  return [
    { what: `our loop blocked 100 of every 150 ms: dead peers found after (bounds)`, ours: worst / bound, figure: worst, unit: "ms", target: "≤ 2 bounds", met: worst <= 2 * bound },
    { what: "  live peers given up, of 60", ours: kills, figure: kills, unit: "", target: "0", met: kills === 0 },
  ];
}
