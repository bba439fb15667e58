import type { Message } from "../../src/frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import { refuse } from "../../src/store/attach-rules.ts";
import { Violation } from "../simulation/violation.ts";
import { Pool } from "./pool.ts";

/** One session in a store: plain data. The rules of ATTACH are those of the memory store. */
export interface Store {
  readonly epoch: number;
  readonly attach: number;
  readonly received: number;
  readonly acked: number;
  /** All messages for the client, the first has number 1. */
  readonly appended: readonly Message[];
  /** All messages of the client that were committed, in that order. */
  readonly committed: readonly Message[];
}

/** What the store does, and what it answers. */
export interface Done { readonly store: Store; readonly answer: KeeperAnswer }
/** The messages that a machine has handed to its application, the first has the number `from + 1`. */
export interface Handed { readonly from: number; readonly handed: readonly Message[] }
/** Whether a commit of this epoch is taken. Another answer than the usual one breaks the store, to see whether anybody notices. */
export type Fence = (epoch: number, store: Store) => boolean;

export const secret: Uint8Array = new Uint8Array(32).fill(3);
export const generation: Uint8Array = new Uint8Array(8).fill(7);
export const properFence: Fence = (epoch, store) => epoch === store.epoch;

const stores = new Pool<Store>();

/** The one store that is equal. What it has is looked at when it is the first. */
export function store(fields: Store): Store {
  return stores.one(fields, check);
}

/** Carries out an order. */
export function carryOut(store: Store, order: KeeperOrder, handed: Handed, fence: Fence = properFence): Done {
  switch (order.type) {
    case "find": return { store, answer: { ok: "found", secret, timeout: 1e9, principal: "somebody" } };
    case "authorize": return { store, answer: { ok: "authorized", principal: "somebody" } };
    case "attach": return attach(store, order);
    case "commit": return fence(order.epoch, store) ? commit(store, order, handed) : { store, answer: { ok: "fenced", epoch: store.epoch } };
    case "read": return { store, answer: store.appended.map((message, at) => ({ sequence: at + 1, message })).filter(({ sequence }) => sequence > store.acked && sequence >= order.from).slice(0, order.limit) };
    case "touch": return { store, answer: order.epoch === store.epoch ? { ok: "committed", sent: store.appended.length } : { ok: "fenced", epoch: store.epoch } };
    default: throw new Error(`the model has no ${order.type}`);
  }
}

function attach(before: Store, { claim }: KeeperOrder & { readonly type: "attach" }): Done {
  const { received, acked, appended } = before;
  const refusal = refuse({ attach: before.attach, received, sent: appended.length, acked }, claim, generation);
  if (refusal !== undefined) return { store: before, answer: refusal };
  const after = store({ ...before, epoch: before.epoch + 1, attach: claim.attach, acked: claim.restarted ? acked : Math.max(acked, claim.received) });
  return { store: after, answer: { ok: "attached", epoch: after.epoch, received, sent: appended.length, acked: after.acked, timeout: 1e9 } };
}

function commit(before: Store, { change: { received = 0, acked = 0, append = [] } }: KeeperOrder & { readonly type: "commit" }, { from, handed }: Handed): Done {
  const committed = [...before.committed];
  for (let number = before.received + 1; number <= received; number += 1) committed.push(handed[number - from - 1] ?? "?");
  const after = store({ ...before, received: Math.max(before.received, received), acked: Math.max(before.acked, acked), appended: [...before.appended, ...append], committed });
  return { store: after, answer: { ok: "committed", sent: after.appended.length } };
}

/** What must hold of every store. */
function check({ received, committed, appended }: Store): void {
  if (committed.length !== received) throw new Violation("I1", `${received} messages received, ${committed.length} committed`);
  const names = committed.map(String);
  if (new Set(names).size < names.length) throw new Violation("I1", `a message is committed twice: ${names.join(" ")}`);
  if (names.includes("?")) throw new Violation("I1", "a message is committed that was not handled");
  // Each holder's messages in the order in which it sent them: their names count down.
  for (const sender of new Set(names.map((name) => name.slice(0, 3)))) {
    const own = names.filter((name) => name.startsWith(sender));
    if (own.some((name, at) => at > 0 && name > (own[at - 1] ?? ""))) throw new Violation("I1", `out of order: ${names.join(" ")}`);
  }
  if (new Set(appended.map(String)).size < appended.length) throw new Violation("I2", `appended twice: ${appended.map(String).join(" ")}`);
}
