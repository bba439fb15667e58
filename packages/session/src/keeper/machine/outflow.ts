// Messages for the client: numbered by the store, transmitted in order, as many as the client has granted.
import { encodeData, encodeVolatile, fragments } from "../../frames/data.ts";
import { longestMessage } from "../../frames/limits.ts";
import type { Message } from "../../frames/frame.ts";
import type { Outgoing } from "../../store/store.ts";
import { weigh } from "../../store/weight.ts";
import { KeeperError } from "../keeper-error.ts";
import { attachedAt, type Desk } from "./desk.ts";
import { fail } from "./endings.ts";
import { touch } from "./renewal.ts";
import { takeAck } from "./acknowledgements.ts";
import { rules } from "./keeper-policy.ts";
import type { Attached, Draft, Outflow } from "./keeper-state.ts";

/** The store has taken `drafts` as the last messages up to `sent`. What others appended before them is read first. */
export function numbered(desk: Desk, drafts: readonly Draft[], sent: number): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  const { outflow } = attached;
  if (drafts.length > 0 && sent - drafts.length < outflow.known) {
    fail(desk, new KeeperError("HF_SESSION_STORE", `the store gave number ${sent} to a message for the client, which has had messages up to ${outflow.known}: it has lost what it had taken. The client attaches anew and is told what is uncertain`));
    return;
  }
  outflow.sent = Math.max(outflow.sent, sent);
  // A window full of messages is at hand: the rest is better off in the store than in two places.
  if (outflow.known !== sent - drafts.length || outflow.waiting.length >= outflow.grant.windowMessages) return;
  for (const { message, size } of drafts) {
    if (mayGo(outflow, size)) {
      outflow.known += 1;
      transmit(desk, attached, message, size);
      if (attachedAt(desk) !== attached) return; // The channel ended inside.
    } else keep(outflow, message, size);
  }
}

/** Others appended messages, up to this number. */
export function noticed(desk: Desk, sent: number): void {
  const attached = attachedAt(desk);
  if (attached === undefined || sent <= attached.outflow.sent) return;
  attached.outflow.sent = sent;
  pump(desk);
}

/** What the store had from `known + 1` on. */
export function readBack(desk: Desk, rows: readonly Outgoing[]): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  const { outflow } = attached;
  outflow.reading = false;
  for (const { sequence, message } of rows) {
    if (sequence === outflow.known + 1) keep(outflow, message, weigh(message));
    else if (sequence > outflow.known) return suspect(desk, attached);
  }
  if (rows.length === 0 && outflow.known < outflow.sent) return suspect(desk, attached);
  pump(desk);
}

/** Transmits what may go, and asks the store for more. */
export function pump(desk: Desk): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  const { outflow } = attached;
  while (!outflow.blocked && outflow.waiting.length > 0) {
    const message = outflow.waiting[0] as Message; // The length was looked at.
    const size = outflow.sizes[0] ?? 0;
    if (!fits(outflow, size)) return;
    if (size > longestFor(outflow)) {
      fail(desk, new KeeperError("HF_SESSION_TOO_LONG", `a message of ${size} bytes waits for a client that reads at most ${longestFor(outflow)}: send shorter ones, or have the client grant more`));
      return;
    }
    outflow.waiting.shift();
    outflow.sizes.shift();
    outflow.waitingBytes -= size;
    transmit(desk, attached, message, size);
    if (attachedAt(desk) !== attached) return; // The channel ended inside.
  }
  ask(desk, attached);
}

/** A message without a number: goes out now, or not at all. */
export function sendVolatile(desk: Desk, message: Message): boolean {
  const attached = attachedAt(desk);
  if (attached === undefined || attached.outflow.blocked) return false;
  const frame = encodeVolatile(message);
  if (frame.length > attached.outflow.grant.frameMax) return false;
  if (!desk.host.transmit(frame)) attached.outflow.blocked = true;
  return true;
}

/** The channel takes frames again. */
export function unblock(desk: Desk): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  attached.outflow.blocked = false;
  pump(desk);
}

/** The longest message that this client reads. */
export function longestFor({ grant: { frameMax, windowBytes } }: Outflow): number {
  return longestMessage(frameMax, windowBytes);
}

/** Nothing waits for the window, for the channel, or in the store. */
export function drainedOut({ waiting, known, sent }: Outflow): boolean {
  return waiting.length === 0 && known >= sent;
}

function fits({ flight, flightBytes, grant }: Outflow, size: number): boolean {
  // One message may always be in flight, or a small window would end the conversation.
  return flight.length === 0 || (flight.length < grant.windowMessages && flightBytes + size <= grant.windowBytes);
}

/** Without waiting in a queue that is empty. */
function mayGo(outflow: Outflow, size: number): boolean {
  return !outflow.blocked && outflow.waiting.length === 0 && size <= longestFor(outflow) && fits(outflow, size);
}

function keep(outflow: Outflow, message: Message, size: number): void {
  outflow.waiting.push(message);
  outflow.sizes.push(size);
  outflow.waitingBytes += size;
  outflow.known += 1;
}

function transmit(desk: Desk, attached: Attached, message: Message, size: number): void {
  const { outflow } = attached;
  outflow.transmitted += 1;
  outflow.flight.push(size);
  outflow.flightBytes += size;
  const acked = takeAck(attached);
  if (size + 9 <= outflow.grant.frameMax) {
    if (!desk.host.transmit(encodeData(message, acked))) outflow.blocked = true;
    return;
  }
  for (const frame of fragments(message, outflow.grant.frameMax, acked)) {
    if (!desk.host.transmit(frame)) outflow.blocked = true;
  }
}

function ask(desk: Desk, { outflow, ledger }: Attached): void {
  const { windowMessages, windowBytes } = outflow.grant;
  if (outflow.reading || outflow.blocked || outflow.waiting.length > 0 || outflow.known >= outflow.sent) return;
  if (outflow.flight.length > 0 && (outflow.flight.length >= windowMessages || outflow.flightBytes >= windowBytes)) return;
  outflow.reading = true;
  const limit = Math.max(1, Math.min(rules.readLimit, windowMessages - outflow.flight.length, outflow.sent - outflow.known));
  desk.host.ask({ type: "read", id: ledger.id, from: outflow.known + 1, limit });
}

/** Messages are missing that nobody acknowledged here: somebody else has taken the session over, or the store lost them. It is asked. */
function suspect(desk: Desk, { ledger }: Attached): void {
  ledger.gap = true;
  touch(desk);
}
