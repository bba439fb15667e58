import { constant, type Millis } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../src/index.ts";
import { memoryStore } from "../../src/keeper/index.ts";
import { History, recorded } from "./recording-store.ts";
import { Speaker } from "./speaker.ts";
import { OwnStation } from "./station.ts";
import { until } from "./until.ts";

export interface HoldersGiven {
  /** Sessions, each of which somebody takes, and its older holder takes back. */
  readonly rounds: number;
  readonly timeout: Millis;
}
export interface HoldersFound {
  /** Openings with a ticket, and takeovers. */
  readonly actions: number;
  /** Attaches that the store accepted because of them, and the most for one of them. */
  readonly attaches: number;
  readonly most: number;
  /** `moved`, of all holders: once for each action. */
  readonly moved: number;
  /** Attaches within two timeouts after the last action, when everybody should stand still. */
  readonly fights: number;
  /** Messages that a holder that had moved could still say. */
  readonly spoken: number;
  readonly overlaps: number;
}

const backoff = constant(10, { jitter: "none" });

/** Two holders of one ticket, both talking: the older one stops, and takes the session back only if it is told to. */
export async function twoHolders({ rounds, timeout }: HoldersGiven): Promise<HoldersFound> {
  await using stack = new AsyncDisposableStack();
  const [history, store] = [new History(), memoryStore()];
  const limits = { timeoutMin: timeout, opensPerSecond: Infinity };
  const stations = ["a", "b"].map((name) => stack.use(new OwnStation("tcp://127.0.0.1:0", recorded(store, history, name), { limits })));
  await Promise.all(stations.map((station) => station.start()));
  const quarrels = await Promise.all(Array.from({ length: rounds }, async (_, round) => {
    await sleep(round * 20);
    return quarrel(stations.map(({ uri }) => uri), timeout, history, stack);
  }));
  const sum = (name: "attaches" | "moved" | "fights" | "spoken"): number => quarrels.reduce((total, one) => total + one[name], 0);
  return {
    actions: 2 * rounds, attaches: sum("attaches"), most: Math.max(...quarrels.map(({ most }) => most)), moved: sum("moved"), fights: sum("fights"), spoken: sum("spoken"),
    overlaps: history.overlaps(),
  };
}

interface Quarrel { readonly attaches: number; readonly most: number; readonly moved: number; readonly fights: number; readonly spoken: number }

async function quarrel(endpoints: readonly string[], timeout: Millis, history: History, stack: AsyncDisposableStack): Promise<Quarrel> {
  const options = { endpoints, transports: [tcp({})], backoff, timeout, logger: false } as const;
  let [moved, spoken] = [0, 0];
  const watched = (session: Session): Session => {
    session.on("moved", () => { moved += 1; });
    session.on("message", () => undefined);
    stack.defer(() => session.close());
    stack.use(new Speaker("", 20, (message) => {
      if (session.phase === "moved") spoken += accepts(session, message);
      else session.send(message);
    }));
    return session;
  };
  const older = watched(new Session(options));
  await older.open();
  const ticket = older.ticket();
  if (ticket === undefined) throw new Error("an open session has a ticket");
  const newer = watched(new Session({ ...options, ticket }));
  const counts = [history.attaches(ticket.id)];
  await newer.open();
  await until("the older one was told", () => moved >= 1 && older.phase === "moved");
  await sleep(100);
  counts.push(history.attaches(ticket.id));
  await older.takeover();
  await until("the newer one was told", () => moved >= 2 && newer.phase === "moved");
  await sleep(100);
  counts.push(history.attaches(ticket.id));
  await sleep(2 * timeout);
  const perAction = [1, 2].map((at) => (counts[at] ?? 0) - (counts[at - 1] ?? 0));
  const last = history.attaches(ticket.id);
  return { attaches: last, most: Math.max(...perAction), moved, fights: last - (counts[2] ?? 0), spoken };
}

function accepts(session: Session, message: string): number {
  try {
    session.send(message);
    return 1;
  } catch {
    return 0;
  }
}
