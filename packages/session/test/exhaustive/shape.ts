import { decode } from "../../src/frames/decode.ts";
import type { ChannelState } from "../../src/client/client-state.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { Attached, Draft, Ledger } from "../../src/keeper/machine/keeper-state.ts";
import type { Claim } from "../../src/store/store.ts";
import type { Store } from "./model-store.ts";
import type { Client, Frame, Peer } from "./setting.ts";

/**
 * What can make a difference of a part of a setting, in two hashes of 32 bits. Apart from them the epochs and the attach numbers in it: an epoch counts by its
 * order alone, for nobody does anything with one but compare it, and a new one is higher than all there are. Attach numbers are compared, too, but a new one
 * may be the next of its client's, so it matters whether there is another one so near.
 *
 * Left out is what nothing that follows depends on: where it is not plain, the line that leaves it out says why. `bisimulation.ts` checks all of it:
 * settings with the same shape must have successors with the same shapes.
 */
export interface Shape { readonly one: number; readonly two: number; readonly epochs: readonly number[]; readonly attaches: readonly number[] }

class Pen {
  #text = "";
  readonly #epochs: number[] = [];
  readonly #attaches: number[] = [];

  put(...words: readonly unknown[]): void {
    for (const word of words) this.#text += `${String(word)},`;
  }

  epoch(epoch: number): void {
    this.#text += "e,";
    this.#epochs.push(epoch);
  }

  attach(attach: number): void {
    this.#text += "a,";
    this.#attaches.push(attach);
  }

  get shape(): Shape {
    return { ...hash(this.#text), epochs: this.#epochs, attaches: this.#attaches };
  }
}

/** Two hashes of a text (cyrb53's halves). */
function hash(text: string): { readonly one: number; readonly two: number } {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 2_654_435_761);
    two = Math.imul(two ^ unit, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909);
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return { one, two };
}

/** Each part is drawn once. */
export function drawn<T extends object>(draw: (pen: Pen, part: T) => void): (part: T) => Shape {
  const known = new WeakMap<T, Shape>();
  return (part) => {
    let shape = known.get(part);
    if (shape === undefined) {
      const pen = new Pen();
      draw(pen, part);
      known.set(part, (shape = pen.shape));
    }
    return shape;
  };
}

/** Somebody may still attach: then it matters which number was the last. */
export const storeShape: (store: Store) => Shape = drawn((pen, store) => {
  drawStore(pen, store);
  pen.attach(store.attach);
});
export const finalStoreShape: (store: Store) => Shape = drawn(drawStore);

/** The order in which messages were committed was looked at when they were: what may be committed once more is all that counts. */
function drawStore(pen: Pen, { epoch, received, acked, appended, committed }: Store): void {
  pen.put("store", received, acked, appended.join(), committed.map(String).toSorted().join());
  pen.epoch(epoch);
}

/** Proofs are right, or the frame would not be there; versions, limits and reasons are always the same. */
export const frameShape: (frame: Frame) => Shape = drawn((pen, { bytes }: Frame) => {
  const frame = decode(bytes);
  if (typeof frame === "string") return pen.put(frame);
  pen.put(frame.type);
  switch (frame.type) {
    case "attach": pen.put(frame.early); return drawClaim(pen, frame);
    case "attached": pen.put(frame.received, frame.replayFrom); return pen.epoch(frame.epoch);
    case "refused": pen.put(frame.code); return pen.attach(frame.attach);
    case "moved": return pen.epoch(frame.epoch);
    case "data": return pen.put(frame.acked, frame.payload.join("."));
    case "ack": return pen.put(frame.acked);
    default: return pen.put(bytes.join("."));
  }
});

/** A client that is gone says nothing and hears nothing. Numbers of channels do not count, but their order; sizes follow from messages, and there are no pings. */
export const clientShape: (client: Client) => Shape = drawn((pen, client: Client) => {
  if (client.gone || (client.held.length === 0 && client.dials === 0)) return pen.put(client.name, "gone"); // Nor can one that will not dial again.
  const { state, dials, sends, name } = client;
  const { outgoing, incoming, channels } = state;
  pen.put(name, dials, sends, state.phase, state.restarted, state.insists, state.protocolErrors);
  pen.attach(state.lastAttach);
  // Attach numbers of the past matter where one that is on its way, or one that is in doubt, is compared with them.
  const least = Math.min(...channels.filter(({ stage }) => stage === "greeting").map(({ attach }) => attach));
  const doubt = state.doubtfulAttach > state.answeredAttach ? state.doubtfulAttach : 0;
  const answered = least > state.answeredAttach ? 0 : state.answeredAttach;
  for (const number of [doubt, answered]) {
    if (number === 0) pen.put("-");
    else pen.attach(number);
  }
  pen.epoch(state.epoch);
  if (state.heldMoved === 0) pen.put("-");
  else pen.epoch(state.heldMoved);
  pen.put(outgoing.base, outgoing.sent, outgoing.messages.slice(outgoing.head).join(), incoming.delivered, incoming.handled);
  for (const channel of channels) drawChannel(pen, channel);
});

/** The greeting is there for the proof of its answer. Once there was one, nobody looks at it again. */
function drawChannel(pen: Pen, { stage, attach, claimed, claimedSent, early, epoch, arrived, put, told, heard, blocked, pieces }: ChannelState): void {
  pen.put(stage);
  if (stage === "greeting") {
    pen.put(claimed, claimedSent, early, put); // The room that is left follows from the messages.
    return pen.attach(attach);
  }
  pen.put(arrived, put, told, heard, blocked, pieces.pieces.length);
  pen.epoch(epoch);
}

/** A keeper's machine, whose channel somebody holds or may still say something on. */
export const peerShape: (peer: Peer) => Shape = drawn((pen, peer: Peer) => { drawPeer(pen, peer, { open: true }); });
/** One that nobody says anything to any more, and that nobody hears. */
export const loneShape: (peer: Peer) => Shape = drawn((pen, peer: Peer) => { drawPeer(pen, peer, { open: false }); });

function drawPeer(pen: Pen, { state: { stage }, handed, from, asked, answers, parted }: Peer, how: { readonly open: boolean }): void {
  pen.put("peer", stage.phase, parted);
  for (const order of asked) drawOrder(pen, order);
  if (stage.phase === "over") return; // What it asked may still happen. The answer means nothing to it.
  pen.put("answers");
  for (const { order, answer } of answers) {
    drawOrder(pen, order);
    drawAnswer(pen, answer);
  }
  if (stage.phase === "attaching") {
    pen.put(stage.secret !== undefined, stage.attach.early, stage.early.map((bytes) => bytes.join(".")).join());
    drawClaim(pen, stage.attach);
  }
  if (stage.phase !== "attached" && stage.phase !== "leaving") return;
  const { ledger } = stage;
  // What was committed was compared then.
  pen.put(handed.slice(Math.max(0, ledger.received - from)).join());
  drawLedger(pen, ledger);
  if (stage.phase === "attached" && how.open) drawFlow(pen, stage);
}

function drawLedger(pen: Pen, ledger: Ledger): void {
  const { epoch, inbox, begun, handled, received, replies, drafts, acked, trimmed, flying, turning, touchedAt, gap, closing, byClient, lost, resting } = ledger;
  pen.epoch(epoch);
  pen.put(inbox.join(), begun, handled, received, written(replies), written(drafts), acked, trimmed, turning, touchedAt, gap, closing, byClient, lost, resting);
  pen.put(flying === undefined ? "-" : JSON.stringify(flying.change));
}

function written(drafts: readonly Draft[]): string {
  return drafts.map(({ message, answers }) => `${String(message)}:${answers}`).join();
}

function drawFlow(pen: Pen, { inflow, outflow, beats }: Attached): void {
  const { sent, known, transmitted, waiting, flight, reading, blocked } = outflow;
  pen.put(inflow.counted, inflow.told, inflow.sizes.length, inflow.pieces.pieces.length);
  pen.put(sent, known, transmitted, waiting.join(), flight.length, reading, blocked, beats.tokens, beats.nonce);
}

function drawOrder(pen: Pen, order: KeeperOrder): void {
  pen.put(order.type);
  if (order.type === "attach") drawClaim(pen, order.claim);
  if (order.type !== "commit") return;
  pen.epoch(order.epoch);
  pen.put(JSON.stringify(order.change));
}

function drawClaim(pen: Pen, { attach, received, sent, acked, restarted }: Omit<Claim, "generation">): void {
  pen.put(received, sent, acked, restarted);
  pen.attach(attach);
}

function drawAnswer(pen: Pen, answer: KeeperAnswer): void {
  if (answer === undefined || !("ok" in answer)) return pen.put("other");
  pen.put(answer.ok);
  switch (answer.ok) {
    case "attached": pen.put(answer.received, answer.sent, answer.acked); return pen.epoch(answer.epoch);
    case "refused": pen.put(answer.why); return pen.attach(answer.attach);
    case "committed": return pen.put(answer.sent);
    case "fenced": return pen.epoch(answer.epoch);
    default: return pen.put("other");
  }
}
