import { parseEndpoint, type Millis } from "@holdfast/core";
import { faultProxy } from "@holdfast/testkit/proxy";
import { setTimeout as sleep } from "node:timers/promises";
import { Keeper, memoryStore, type Handle } from "../../src/keeper/index.ts";
import { Mover } from "./mover.ts";
import { OwnStation } from "./station.ts";
import { together, type Tally } from "./tally.ts";
import { patiently } from "./until.ts";

export interface MigrationsGiven {
  readonly moves: number;
  /** They move side by side, each at most twice a second: a keeper takes one attach of a session in a second. */
  readonly sessions: number;
  /** Moves of each session before those whose times count. @default 0 */
  readonly warm?: number;
  /** Round trip between client and servers. @default 0 */
  readonly rtt?: Millis;
  /** Time between two messages of a session, each way. @default 5 */
  readonly every?: Millis;
}
export interface MigrationsFound {
  readonly moves: number;
  readonly failed: number;
  readonly outward: Tally;
  readonly inward: Tally;
  /** Connections that broke, and sessions that did not go on in full. */
  readonly gaps: number;
  /** From what was said until it was handled: of messages that were under way while their session moved, while it might have (see `Mover`), and of all others. */
  readonly moving: Delays;
  readonly sham: Delays;
  readonly steady: Delays;
  /** Of the moves themselves, at the median. */
  readonly move: Millis;
}
export interface Delays { readonly count: number; readonly p50: Millis; readonly p99: Millis }

/** Sessions that talk both ways move back and forth between two servers on one store. */
export async function migrations({ moves, sessions: count, warm = 0, rtt = 0, every = 5 }: MigrationsGiven): Promise<MigrationsFound> {
  await using stack = new AsyncDisposableStack();
  const [store, movers] = [memoryStore(), new Map<string, Mover>()];
  const handle: Handle = (message, { session, sequence }) => { movers.get(session.id)?.handled(String(message), sequence); };
  const stations = ["a", "b"].map(() => stack.use(new OwnStation("tcp://127.0.0.1:0", store, { limits: { opensPerSecond: Infinity, failuresPerMinute: Infinity }, handle })));
  await Promise.all(stations.map((station) => station.start()));
  const endpoints = await Promise.all(stations.map(({ uri }) => farther(uri, rtt, stack)));
  const postman = stack.use(new Keeper({ store, handle: () => undefined }));
  for (let at = 0; at < count; at += 1) {
    const mover = stack.use(await Mover.open(endpoints));
    movers.set(mover.id, mover);
  }
  const all = [...movers.values()];
  for (const mover of all) mover.talk(every, (message) => postman.send(mover.id, message));
  await sleep(500);
  await Promise.all(all.map((mover, at) => mover.moves(Math.floor((moves + at) / count), warm)));
  for (const mover of all) mover.stop();
  await patiently(() => all.every(({ complete }) => complete));
  await sleep(200); // What comes twice would come now.
  const found = all.map((mover) => mover.found());
  const delays = (of: "moving" | "sham" | "steady"): Delays => delaysOf(found.flatMap((one) => one[of]));
  return {
    moves: found.reduce((sum, one) => sum + one.moves.length, 0), failed: found.reduce((sum, one) => sum + one.failed, 0), gaps: found.reduce((sum, one) => sum + one.gaps, 0),
    outward: together(found.map((one) => one.outward)), inward: together(found.map((one) => one.inward)), moving: delays("moving"), sham: delays("sham"), steady: delays("steady"),
    move: delaysOf(found.flatMap((one) => one.moves)).p50,
  };
}

async function farther(uri: string, rtt: Millis, stack: AsyncDisposableStack): Promise<string> {
  if (rtt === 0) return uri;
  const { host, port } = parseEndpoint(uri);
  const proxy = stack.use(await faultProxy({ target: { host, port } }));
  proxy.latency({ delay: rtt / 2 });
  return proxy.uri();
}

function delaysOf(values: readonly Millis[]): Delays {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): Millis => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: values.length, p50: at(0.5), p99: at(0.99) };
}
