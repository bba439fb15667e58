import type { Message } from "../../src/frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import { refuse } from "../../src/store/attach-rules.ts";

/** One session in a store: plain data. The rules of ATTACH are those of the memory store. */
export interface StoreState {
  epoch: number;
  attach: number;
  received: number;
  acked: number;
  /** All messages for the client, the first has number 1. */
  appended: Message[];
  /** All messages of the client that were committed, in that order. */
  committed: Message[];
}

export const secret: Uint8Array = new Uint8Array(32).fill(3);
export const generation: Uint8Array = new Uint8Array(8).fill(7);

/** Carries out an order. `handed`: the messages that the machine has handed to its application, the first has the number `from + 1`. */
export function carryOut(store: StoreState, order: KeeperOrder, handed: { readonly from: number; readonly messages: readonly Message[] }): KeeperAnswer {
  switch (order.type) {
    case "find": return { ok: "found", secret, timeout: 1e9, principal: "somebody" };
    case "authorize": return { ok: "authorized", principal: "somebody" };
    case "attach": {
      const refusal = refuse({ attach: store.attach, received: store.received, sent: store.appended.length, acked: store.acked }, order.claim, generation);
      if (refusal !== undefined) return refusal;
      store.epoch += 1;
      store.attach = order.claim.attach;
      if (!order.claim.restarted) store.acked = Math.max(store.acked, order.claim.received);
      return { ok: "attached", epoch: store.epoch, received: store.received, sent: store.appended.length, acked: store.acked, timeout: 1e9 };
    }
    case "commit": {
      if (order.epoch !== store.epoch) return { ok: "fenced", epoch: store.epoch };
      const { received = 0, acked = 0, append = [] } = order.change;
      for (let number = store.received + 1; number <= received; number += 1) store.committed.push(handed.messages[number - handed.from - 1] ?? "?");
      store.received = Math.max(store.received, received);
      store.acked = Math.max(store.acked, acked);
      store.appended.push(...append);
      return { ok: "committed", sent: store.appended.length };
    }
    case "read": return store.appended.map((message, at) => ({ sequence: at + 1, message })).filter(({ sequence }) => sequence > store.acked && sequence >= order.from).slice(0, order.limit);
    case "touch": return order.epoch === store.epoch ? { ok: "committed", sent: store.appended.length } : { ok: "fenced", epoch: store.epoch };
    default: throw new Error(`the model has no ${order.type}`);
  }
}
