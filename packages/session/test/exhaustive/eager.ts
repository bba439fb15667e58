// Moves that are made at once, and alone: whatever else may happen can happen as well afterwards, and leads to the same. So the orders in which they come later
// need not be looked at (partial order reduction). Each has the reason why it commutes with all others. With a crash of the keeper they commute in the sense
// that it undoes them: what a machine knows is forgotten, and what is on its way to a client is lost with its channel.
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import { claimOf } from "./claims.ts";
import { tellKeeper } from "./keeper-step.ts";
import { carryOut, type Fence, type Store } from "./model-store.ts";
import { make, type Move } from "./moves.ts";
import type { Channel, Client, Frame, Peer, Setting } from "./setting.ts";

/** The setting after all moves that are made at once. */
export function settled(setting: Setting, fence: Fence): Setting {
  let next = tidied(setting, fence);
  for (let move = urgent(next, fence); move !== undefined; move = urgent(next, fence)) next = tidied(make(next, move, fence), fence);
  return next;
}

/** Whether the search looks at this move here. It does not where the same move can be made later, or another one now, and leads to the same. */
export function worthwhile(setting: Setting, move: Move): boolean {
  if (move.type === "dial" || move.type === "late") return isFirstOfItsKind(setting, move.keeper);
  if (move.type !== "send") return true;
  // What is sent while no channel is attached waits, and goes out when one is, as if it had been sent right then. Nobody sees it before.
  const state = setting.clients[move.at]?.state;
  return state !== undefined && state.active !== 0;
}

/** Keepers are alike, and those that have no channel the more so. Without a crash to come it does not matter, either, which channels share one. */
function isFirstOfItsKind({ channels, crashes }: Setting, keeper: number): boolean {
  if (crashes === 0) return keeper === 0;
  const isFree = (at: number): boolean => !channels.some((channel) => channel.keeper === at && channel.peer !== undefined);
  for (let before = 0; before < keeper; before += 1) if (isFree(before) && isFree(keeper)) return false;
  return true;
}

function urgent(setting: Setting, fence: Fence): Move | undefined {
  const { channels, clients } = setting;
  for (let at = 0; at < channels.length; at += 1) {
    const channel = channels[at] as Channel; // Within its length.
    const type = (channel.peer && keeperUrgent(channel, channel.peer, setting, fence)) ?? clientUrgent(channel, clients[channel.client]);
    if (type !== undefined) return { type, at };
  }
  return undefined;
}

function keeperUrgent({ client, up }: Channel, peer: Peer, { store, says }: Setting, fence: Fence): "up" | "hear" | "answer" | "endAtKeeper" | undefined {
  const { phase } = peer.state.stage;
  // A greeting arrives: its keeper asks the store to attach, and waits. Nothing else can happen to this channel before, and a crash puts a greeting that the
  // store has not heard of into somebody's hands whether it has arrived or not.
  if (phase === "greeting") return up.length > 0 ? "up" : undefined;
  const [order] = peer.asked;
  // The store hears a commit that it does not take. It never will, since epochs only grow, and nothing is changed.
  if (order?.type === "commit" && !fence(order.epoch, store)) return "hear";
  const [answered] = peer.answers;
  if (answered !== undefined && isNext(answered, phase, up)) return "answer";
  if (client >= 0 || says > 0) return undefined;
  // Nobody holds the channel and nobody will say anything on it. What is under way arrives, unless an answer of the store may come before it; and then the
  // channel ends, which keeps it from nothing that it would do otherwise.
  if (up.length === 0) return phase === "attached" ? "endAtKeeper" : undefined;
  return peer.asked.length === 0 && peer.answers.length === 0 ? "up" : undefined;
}

/** Whether it makes no difference if something else is told to this machine before it hears this answer. */
function isNext({ order, answer }: { readonly order: KeeperOrder; readonly answer: KeeperAnswer }, phase: Peer["state"]["stage"]["phase"], up: readonly Frame[]): boolean {
  // A channel that is gone hears nothing but the store's answers.
  if (phase === "leaving" || phase === "over") return true;
  if (answer === undefined || !("ok" in answer)) return false;
  // What a client says before its ATTACH is answered waits for the answer, and is heard then as if it had come after it. But a machine that reads the store when it hears the answer reads what is there then.
  if (order.type === "attach") return answer.ok === "refused" || (answer.ok === "attached" && answer.sent === answer.acked);
  // It says MOVED then, and whatever came before could not have been committed any more. What is on its way already is to be looked at all the same.
  return answer.ok === "fenced" && up.length === 0;
}

/** Where a client is attached elsewhere by now, the end of this channel, or MOVED on it, makes it forget the channel, and does nothing else. */
function clientUrgent({ number, down: [first], peer }: Channel, client: Client | undefined): "down" | "endAtClient" | undefined {
  if (client === undefined || client.state.channels.find((channel) => channel.number === number)?.stage !== "superseded") return undefined;
  if (first !== undefined) return first.bytes[0] === 11 ? "down" : undefined;
  return peer === undefined || peer.parted ? "endAtClient" : undefined;
}

/** Takes out what can change nothing any more. */
function tidied(setting: Setting, fence: Fence): Setting {
  const { store, channels, recorded } = setting;
  const isDead = (channel: Channel): boolean => channel.client < 0 && channel.peer !== undefined && idle(channel, channel.peer, store, fence);
  const isOld = (frame: Frame): boolean => stale(claimOf(frame), store);
  if (!channels.some(isDead) && !recorded.some(isOld)) return setting;
  return { ...setting, channels: channels.filter((channel) => !isDead(channel)), recorded: recorded.filter((frame) => !isOld(frame)) };
}

/** Nobody holds the channel, and nothing that its machine asks of the store is done, now or later. */
function idle({ up }: Channel, peer: Peer, store: Store, fence: Fence): boolean {
  const { state: { stage }, asked: [order] } = peer;
  if (order?.type === "attach") return stale(order, store);
  if ((stage.phase !== "attached" && stage.phase !== "leaving") || fence(stage.ledger.epoch, store)) return false;
  // What is on its way is not swallowed: the machine looks at it.
  for (let at = 0, machine = peer; at < up.length; at += 1) machine = tellKeeper(machine, store, { type: "frame", frame: up[at] as Frame }).peer; // Within its length.
  return true;
}

/** The store has seen a higher attach number, and will not forget it. It is asked: one that takes any number would find nothing stale. */
function stale(order: KeeperOrder | undefined, store: Store): boolean {
  if (order === undefined) return false;
  const { answer } = carryOut(store, order, { from: 0, handed: [] });
  return answer !== undefined && "ok" in answer && answer.ok === "refused" && answer.why === "stale";
}
