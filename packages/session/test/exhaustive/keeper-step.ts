import { KeeperMachine } from "../../src/keeper/machine/keeper-machine.ts";
import type { KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import { greetingState } from "../../src/keeper/machine/keeper-state.ts";
import { Violation } from "../simulation/violation.ts";
import { carryOut, type Fence, type Store } from "./model-store.ts";
import { copy } from "./plain.ts";
import { Pool } from "./pool.ts";
import { frameOf, keeperPolicy, type Frame, type Peer } from "./setting.ts";

/** What a keeper's machine is told. `say`: its application says the message of this number. */
export type KeeperNews = { readonly type: "frame"; readonly frame: Frame } | { readonly type: "end" } | { readonly type: "answer" } | { readonly type: "say"; readonly number: number };

export interface KeeperStep {
  readonly peer: Peer;
  readonly sent: readonly Frame[];
  /** The store was read: with another store something else may come of it. */
  readonly read: boolean;
}

const peers = new Pool<Peer>();
const steps = new WeakMap<Peer, Map<string | Frame, { always?: KeeperStep; with: Map<Store, KeeperStep> }>>();
/** A store that is broken on purpose does other things. */
const heard = new WeakMap<Fence, WeakMap<Peer, Map<Store, Heard>>>();

interface Heard { readonly peer: Peer; readonly store: Store }

const now = 0;

/** A channel of which nothing was heard yet. */
export const fresh: Peer = peers.one({ state: greetingState(true), handed: [], from: 0, asked: [], answers: [], parted: false });

/** Tells the machine something, and then that the turn is over. The same news lead to the same step, which is worked out once. */
export function tellKeeper(peer: Peer, store: Store, news: KeeperNews): KeeperStep {
  let known = steps.get(peer);
  if (known === undefined) steps.set(peer, (known = new Map()));
  const what = news.type === "frame" ? news.frame : news.type === "say" ? `say ${news.number}` : news.type;
  let found = known.get(what);
  if (found === undefined) known.set(what, (found = { with: new Map() }));
  let step = found.always ?? found.with.get(store);
  if (step !== undefined) return step;
  step = work(peer, store, news);
  if (step.read) found.with.set(store, step);
  else found.always = step;
  return step;
}

/** The store carries out the first order that it was asked. */
export function hearAsked(peer: Peer, store: Store, fence: Fence): Heard {
  let all = heard.get(fence);
  if (all === undefined) heard.set(fence, (all = new WeakMap()));
  let known = all.get(peer);
  if (known === undefined) all.set(peer, (known = new Map()));
  let found = known.get(store);
  if (found !== undefined) return found;
  const [order, ...asked] = peer.asked;
  if (order === undefined) throw new Error("nothing was asked");
  const { store: after, answer } = carryOut(store, order, peer, fence);
  found = { peer: peers.one({ ...peer, asked, answers: [...peer.answers, { order, answer }] }), store: after };
  known.set(store, found);
  return found;
}

function work(peer: Peer, store: Store, news: KeeperNews): KeeperStep {
  const next: { -readonly [Name in keyof Peer]: Peer[Name] } = { ...peer, state: copy(peer.state) };
  const sent: Frame[] = [];
  let [turning, read] = [false, false];
  const part = (): void => { next.parted = true; };
  const ask = (order: KeeperOrder): void => {
    // These two decide something. All others are answered at once, which keeps the search small.
    if (order.type === "attach" || order.type === "commit") return void (next.asked = [...next.asked, order]);
    read ||= order.type === "read" || order.type === "touch";
    machine.answered(order, carryOut(store, order, next).answer, now);
  };
  const machine = new KeeperMachine(keeperPolicy, {
    transmit: (bytes) => {
      if (next.parted) throw new Violation("I5", "a keeper transmits on a channel that it ended");
      sent.push(frameOf(bytes));
      return true;
    },
    greeted: () => {},
    ask,
    admit: () => 0,
    handle: (message, sequence) => {
      if (sequence !== next.from + next.handed.length + 1) throw new Violation("I1", `hands over ${sequence} after ${next.from + next.handed.length}`);
      next.handed = [...next.handed, message];
      machine.handled(sequence, now);
    },
    volatile: () => {},
    turn: () => { turning = true; },
    pong: () => {},
    done: part,
    drop: part,
    tell: (report) => {
      if (report.type === "attached" && machine.state.stage.phase === "attached") next.from = machine.state.stage.ledger.received;
      if (report.type === "failed") throw new Violation("I12", report.error.message);
    },
  }, next.state);
  tell(machine, next, news);
  while (turning) {
    turning = false;
    machine.turned(now);
  }
  return { peer: peers.one(next), sent, read };
}

function tell(machine: KeeperMachine, next: { -readonly [Name in keyof Peer]: Peer[Name] }, news: KeeperNews): void {
  switch (news.type) {
    case "frame": return machine.frame(news.frame.bytes, now);
    case "end":
      next.parted = true;
      return machine.ended(now);
    case "answer": {
      const [first, ...answers] = next.answers;
      next.answers = answers;
      if (first !== undefined) machine.answered(first.order, first.answer, now);
      return;
    }
    case "say": return void machine.send(`s.${news.number}`, now);
    default: return news satisfies never;
  }
}
