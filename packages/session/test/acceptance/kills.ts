import { constant, type Millis } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { RedisServer } from "@holdfast/test-servers";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { Session } from "../../src/index.ts";
import { Keeper, memoryStore, type SessionStore } from "../../src/keeper/index.ts";
import { redisStore } from "../../src/redis/index.ts";
import { Receipts } from "./receipts.ts";
import { RemoteStation } from "./remote-station.ts";
import { Speaker } from "./speaker.ts";
import { gate, OwnStation, type Gate, type Station } from "./station.ts";
import { tally, type Tally } from "./tally.ts";
import { patiently, until } from "./until.ts";

export interface KillsGiven {
  readonly kills: number;
  /** Round trip between the client and the server. */
  readonly rtt: Millis;
  /** `keeper`: one in this process with a memory store, closed without a word. `processes`: two of them on one Redis, killed with SIGKILL in turn. */
  readonly of: "keeper" | "processes";
  /** Time between two messages, each way. */
  readonly every?: Millis;
}
export interface KillsFound {
  readonly kills: number;
  /** Kills right between what a handler did and its commit. */
  readonly atEffect: number;
  /** Messages that were handled again, and whose receipt was there. */
  readonly again: number;
  readonly outward: Tally;
  /** What the handler answered, committed with its message. */
  readonly answers: Tally;
  /** What others had for the client, appended to the store. */
  readonly inward: Tally;
  /** Attaches whose continuity was anything but full. */
  readonly broken: number;
  /** From the kill to the next attach, the longest. */
  readonly slowest: Millis;
}

interface Scene { readonly folder: string; readonly store: SessionStore; readonly gates: readonly Gate[]; readonly stations: readonly Station[]; readonly outlives: boolean }

/** Kills servers under a session that talks both ways, and compares what was accepted with the receipts. */
export async function killCycles(given: KillsGiven): Promise<KillsFound> {
  await using stack = new AsyncDisposableStack();
  const scene = await open(given, stack);
  const { folder, store, gates } = scene;
  const mine = stack.use(new Receipts(join(folder, "client")));
  const session = new Session({ endpoints: gates.map(({ uri }) => uri), transports: [tcp({})], backoff: constant(10, { jitter: "none" }), outbox: { maxMessages: 100_000, maxBytes: 16_777_216 }, logger: false });
  stack.defer(() => session.close());
  session.receive((message, { sequence }) => mine.put("client", sequence, String(message)));
  let broken = 0;
  session.on("attached", ({ continuity }) => { if (continuity === "restarted") broken += 1; });
  await session.open();
  const id = session.ticket()?.id ?? "";
  const postman = stack.use(new Keeper({ store, handle: () => undefined }));
  const ours = stack.use(new Speaker("c", given.every ?? 5, (message) => session.send(message)));
  const theirs = stack.use(new Speaker("p", given.every ?? 5, (message) => postman.send(id, message)));
  const slowest = await cycles(given, scene, session);
  ours.stop();
  theirs.stop();
  using receipts = new Receipts(join(folder, "servers"));
  const expected = { out: ours.accepted.length, in: ours.accepted.length + theirs.accepted.length };
  await patiently(() => receipts.all.length >= expected.out && mine.all.length >= expected.in);
  await sleep(300); // What comes twice would come now.
  return {
    kills: given.kills, atEffect: Math.floor(given.kills / 2), again: receipts.again, broken, slowest,
    outward: tally(ours.accepted, receipts.all), answers: tally(ours.accepted.map((word) => `re ${word}`), mine.all, (word) => word.startsWith("re ")),
    inward: tally(theirs.accepted, mine.all, (word) => word.startsWith("p")),
  };
}

async function open({ of, rtt }: KillsGiven, stack: AsyncDisposableStack): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-kills-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const receipts = join(folder, "servers");
  const names = of === "keeper" ? ["a"] : ["a", "b"];
  const gates = await Promise.all(names.map((name) => gate(folder, name, rtt)));
  for (const { proxy } of gates) stack.use(proxy);
  if (of === "keeper") {
    const store = memoryStore();
    const stations = gates.map(({ behind }) => stack.use(new OwnStation(behind, store, { receipts })));
    await Promise.all(stations.map((station) => station.start()));
    return { folder, store, gates, stations, outlives: false };
  }
  const redis = stack.use(await RedisServer.start());
  const client = createClient({ url: redis.url });
  client.on("error", () => undefined);
  await client.connect();
  stack.defer(() => { client.destroy(); });
  const stations = gates.map(({ behind }) => stack.use(new RemoteStation({ listen: behind, redis: redis.url, receipts })));
  await Promise.all(stations.map((station) => station.start()));
  return { folder, store: redisStore({ client }), gates, stations, outlives: true };
}

/** Every second kill comes between what a handler did and its commit. Returns the longest time until the session was attached again. */
async function cycles({ kills }: KillsGiven, { gates, stations, outlives }: Scene, session: Session): Promise<Millis> {
  let slowest = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const { epoch } = session;
    const station = stations[gates.findIndex(({ label }) => label === session.snapshot().link.endpoint)];
    if (station === undefined) throw new Error("the session is attached nowhere");
    if (kill % 2 === 1) await station.killAtEffect();
    else {
      await sleep(50 + Math.random() * 150);
      await station.kill();
    }
    const killedAt = performance.now();
    if (!outlives) await station.start();
    await until(`kill ${kill}: attached again`, () => session.epoch > epoch && session.phase === "attached");
    slowest = Math.max(slowest, performance.now() - killedAt);
    if (outlives) await station.start();
  }
  return slowest;
}
