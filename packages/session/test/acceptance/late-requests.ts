import { constant, parseEndpoint } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { faultProxy } from "@holdfast/testkit/proxy";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../src/index.ts";
import { memoryStore } from "../../src/keeper/index.ts";
import { Receipts } from "./receipts.ts";
import { History, recorded } from "./recording-store.ts";
import { OwnStation } from "./station.ts";
import { tally, together, type Tally } from "./tally.ts";
import { patiently, until } from "./until.ts";

export interface LateFound {
  readonly rounds: number;
  /** Rounds after which the receipts and what the store had accepted were what they were before the release. */
  readonly unchanged: number;
  /** Late messages that reached a handler again, on a server that had not heard of the move; all of them had their receipt. */
  readonly handledAgain: number;
  /** Changes that the store refused since they came from an older epoch. */
  readonly fenced: number;
  readonly overlaps: number;
  readonly all: Tally;
}

/**
 * A message waits in a proxy on the old connection while the client moves and says it again elsewhere; then it is let go. In every second round the
 * old server hears nothing of the move, so that only the store can tell it.
 */
export async function lateRequests(rounds: number): Promise<LateFound> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "holdfast-late-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [path, history, store] = [join(folder, "servers"), new History(), memoryStore()];
  let deaf = false;
  const limits = { opensPerSecond: Infinity };
  const old = stack.use(new OwnStation("tcp://127.0.0.1:0", recorded(store, history, "old", () => deaf), { receipts: path, limits }));
  const next = stack.use(new OwnStation("tcp://127.0.0.1:0", recorded(store, history, "next"), { receipts: path, limits }));
  await Promise.all([old.start(), next.start()]);
  const { host, port } = parseEndpoint(old.uri);
  const proxy = stack.use(await faultProxy({ target: { host, port } }));
  using receipts = new Receipts(path);
  let unchanged = 0;
  for (let round = 0; round < rounds; round += 1) {
    deaf = round % 2 === 1;
    const session = new Session({ endpoints: [proxy.uri(), next.uri], transports: [tcp({})], shuffle: false, backoff: constant(10), logger: false });
    await session.open();
    const handled = (count: number): Promise<void> => until(`round ${round}: ${count} acknowledged`, () => session.snapshot().outgoing.acknowledged === count);
    session.send(`${round} early`);
    await handled(1);
    proxy.hold("outward");
    session.send(`${round} late`);
    await session.migrate(next.uri);
    await handled(2);
    session.send(`${round} afterwards`);
    await handled(3);
    const [before, fenced] = [state(receipts, history, session), history.fenced()];
    proxy.release("outward");
    await until("the old connection is gone", () => proxy.connections.length === 0);
    if (deaf) await patiently(() => history.fenced() > fenced, 10_000);
    await sleep(20);
    if (state(receipts, history, session) === before) unchanged += 1;
    await session.close();
  }
  const perSession = Map.groupBy(receipts.all, ({ key }) => key);
  const all = [...perSession.values()].map((own, round) => tally(["early", "late", "afterwards"].map((word) => `${round} ${word}`), own));
  return { rounds, unchanged, handledAgain: receipts.again, fenced: history.fenced(), overlaps: history.overlaps(), all: together(all) };
}

/** What the handlers did, and what the store took from anybody for this session. */
function state(receipts: Receipts, history: History, session: Session): string {
  const { id } = session.ticket() ?? {};
  const { epoch, phase } = session;
  const stale = history.deeds.filter((deed) => deed.id === id && deed.what === "commit" && deed.ok === "committed" && deed.epoch < epoch).length;
  return JSON.stringify([receipts.all, stale, epoch, phase, session.snapshot().outgoing]);
}
