import type { Random } from "@holdfast/core";
import type { Ensemble, ZooKeeperServer } from "@holdfast/test-servers";
import type { FaultProxy } from "@holdfast/testkit/proxy";
import { setTimeout as sleep } from "node:timers/promises";

/** The network of one client: a proxy before each server. */
export type Lines = readonly FaultProxy[];

export interface Targets {
  readonly ensemble: Ensemble;
  readonly lines: readonly Lines[];
  readonly random: Random;
}

/** Each does something bad, waits and makes it good again. */
type Fault = (targets: Targets) => Promise<void>;

/** Servers and clients that something is being done to: one thing at a time. */
const busy = new Set<unknown>();

const faults: Readonly<Record<string, Fault>> = {
  kill: (targets) => withServer(targets, async (server, span) => {
    await server.kill();
    await sleep(span(300, 2_500));
    await server.start();
  }),
  freeze: (targets) => withServer(targets, async (server, span) => {
    server.freeze();
    await sleep(span(200, 4_000));
    server.thaw();
  }),
  /** Longer than the session, at times: then it expires. */
  partition: (targets) => withLines(targets, async (lines, span) => {
    for (const line of lines) {
      await line.refuse();
      line.reset();
    }
    await sleep(span(100, 6_000));
    for (const line of lines) await line.pass();
  }),
  blackHole: (targets) => withLines(targets, async (lines, span) => {
    for (const line of lines) line.blackHole();
    await sleep(span(300, 5_000));
    for (const line of lines) await line.pass();
  }),
  reset: (targets) => withLines(targets, async (lines) => { for (const line of lines) line.reset(); }),
  /** All of them, so that nobody can be reached. */
  outage: async (targets) => {
    const servers = targets.ensemble.servers.filter((server) => !busy.has(server));
    for (const server of servers) busy.add(server);
    await Promise.all(servers.map((server) => server.kill()));
    await sleep(500 + targets.random() * 3_000);
    await Promise.all(servers.map((server) => server.start()));
    for (const server of servers) busy.delete(server);
  },
};

const weights: Readonly<Record<keyof typeof faults, number>> = { kill: 30, freeze: 20, partition: 20, blackHole: 18, reset: 10, outage: 2 };

/** Draws a fault. */
export function draw(random: Random): string {
  let left = random() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (const [name, weight] of Object.entries(weights)) {
    left -= weight;
    if (left < 0) return name;
  }
  return "reset";
}

export async function inflict(name: string, targets: Targets): Promise<void> {
  await faults[name]?.(targets);
}

type Span = (least: number, most: number) => number;

async function withServer({ ensemble, random }: Targets, run: (server: ZooKeeperServer, span: Span) => Promise<void>): Promise<void> {
  const free = ensemble.servers.filter((server) => !busy.has(server));
  const server = free[Math.floor(random() * free.length)];
  if (server === undefined) return;
  await alone(server, async () => {
    // Only while the others serve: 3.8.0 loses acknowledged writes when a follower dies while it catches up (ZOOKEEPER-4646), and a soak
    // of ours must not stumble over that.
    const others = ensemble.servers.filter((one) => one !== server);
    if (others.some((one) => busy.has(one))) return;
    for (const other of others) if (!serving.has(await other.mode() ?? "")) return;
    await run(server, (least, most) => least + random() * (most - least));
  });
}

const serving: ReadonlySet<string> = new Set(["leader", "follower"]);

async function withLines({ lines, random }: Targets, run: (lines: Lines, span: Span) => Promise<void>): Promise<void> {
  const free = lines.filter((one) => !busy.has(one));
  const chosen = free[Math.floor(random() * free.length)];
  if (chosen === undefined) return;
  await alone(chosen, () => run(chosen, (least, most) => least + random() * (most - least)));
}

async function alone(target: unknown, run: () => Promise<void>): Promise<void> {
  busy.add(target);
  await run().finally(() => { busy.delete(target); });
}
