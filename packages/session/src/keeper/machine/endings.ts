// How a channel ends, and how a session does. Ways out of `attached`: to `leaving`, where the channel is gone and the session still ours, so that what the
// application has begun can be committed; or to `over`, once nothing is left to do.
import type { HoldfastError } from "@holdfast/core";
import { codes } from "../../frames/codes.ts";
import { encode } from "../../frames/encode.ts";
import type { Ended } from "../../store/store.ts";
import { KeeperError } from "../keeper-error.ts";
import { acknowledge } from "./acknowledgements.ts";
import { attachedAt, ledgerAt, type Desk } from "./desk.ts";
import { rules } from "./keeper-policy.ts";
import type { Draft } from "./keeper-state.ts";

/**
 * Somebody else owns the session: the client is told with which epoch, and nothing of this channel is committed any more. Only the answer of an open commit is
 * waited for, since it says what became of the messages in it.
 */
export function move(desk: Desk, epoch: number): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined || ledger.lost) return;
  const open = attachedAt(desk) !== undefined;
  ledger.lost = true;
  if (!open) return;
  desk.host.transmit(encode({ type: "moved", epoch }));
  leave(desk);
  desk.host.tell({ type: "moved", epoch });
  // A client that moves hears this before it hears of its new place, where that is farther away: it hangs up once it has got there, without a gap.
  desk.host.done(rules.movedWithin);
}

/** The session is over: says so to the client. */
export function endSession(desk: Desk, { why, received }: Ended): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  const ours = ledger.closing === "asked" && why !== "expired";
  const open = attachedAt(desk) !== undefined;
  if (open) desk.host.transmit(encode({ type: "close", code: ours ? codes.normal : codesOfEnds[why], received, reason: "" }));
  finishOff(desk);
  desk.host.tell({ type: "ended", why: ours ? ledger.endedBy : why });
  if (open) desk.host.done();
}

/** The client broke the rules. */
export function violate(desk: Desk, what: string): void {
  hangUp(desk, codes.protocol, what);
}

/** Ends the channel with a word to the client, and an error for whoever watches. */
export function hangUp(desk: Desk, code: number, reason: string): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  acknowledge(desk);
  desk.host.transmit(encode({ type: "close", code, received: attached.ledger.received, reason }));
  leave(desk);
  desk.host.tell({ type: "failed", error: new KeeperError("HF_SESSION_PROTOCOL", `the client of a session was hung up on (${code}): ${reason}`) });
  desk.host.done();
}

/** We go away: the client goes elsewhere, and keeps the session. Whoever asked for it closes the channel. */
export function sayGoodbye(desk: Desk): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  acknowledge(desk);
  desk.host.transmit(encode({ type: "close", code: codes.goingAway, received: attached.ledger.received, reason: "" }));
  leave(desk);
}

/** Something on our side failed: ends the channel without a word, and the client attaches anew. */
export function fail(desk: Desk, error: HoldfastError): void {
  const open = attachedAt(desk) !== undefined;
  leave(desk);
  if (ledgerAt(desk) !== undefined) desk.host.tell({ type: "failed", error });
  if (open) desk.host.drop(error);
}

/** The channel is no more. What came whole and was not begun is forgotten: the client sends it again. Unless it was its last will. */
export function leave(desk: Desk): void {
  const { state } = desk;
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  const { ledger } = attached;
  if (ledger.closing === "no") ledger.inbox = [];
  state.stage = { phase: "leaving", ledger };
}

/** Nothing is left to do. */
export function finishOff(desk: Desk): void {
  desk.state.stage = over;
}

/** Tells of the messages for the client that nobody takes along: not those that answer a message, which will be handled again. */
export function leftOver({ host }: Desk, drafts: readonly Draft[], certainty: { readonly uncertain: boolean }): void {
  const messages = drafts.filter(({ answers }) => answers === 0).map(({ message }) => message);
  if (messages.length > 0) host.tell({ type: "leftover", messages, ...certainty });
}

const over = { phase: "over" } as const;
const codesOfEnds = { expired: codes.expired, closed: codes.normal, unknown: codes.unknownSession } as const;
