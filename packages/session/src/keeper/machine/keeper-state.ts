import type { Millis } from "@holdfast/core";
import { noPieces, type Pieces } from "../../frames/data.ts";
import type { Attach, Grant, Message, Open } from "../../frames/frame.ts";
import type { Attachment, Change, SessionId } from "../../store/store.ts";

/** All that the machine of one channel knows. Plain data: a copy is another machine in the same state. Changed in place. */
export interface KeeperState {
  /** The channel is encrypted, or does not leave the machine: a secret may travel on it. */
  readonly secure: boolean;
  stage: Stage;
}

/** `leaving`: the channel is gone, and what the application has begun is brought to its end, for as long as the session is ours. */
export type Stage =
  | { readonly phase: "greeting" }
  | Opening
  | Attaching
  | Attached
  | { readonly phase: "leaving"; readonly ledger: Ledger }
  | { readonly phase: "over" };

export interface Opening {
  readonly phase: "opening";
  readonly open: Open;
  readonly frame: Uint8Array;
  principal: string;
  /** When the store was asked for it. */
  askedAt: Millis;
  /** Once the application agreed. */
  fresh: { readonly id: Uint8Array; readonly secret: Uint8Array } | undefined;
}

export interface Attaching {
  readonly phase: "attaching";
  readonly attach: Attach;
  readonly frame: Uint8Array;
  readonly id: SessionId;
  principal: string;
  /** When the store was asked for it. */
  askedAt: Millis;
  /** Once the proof was found right. */
  secret: Uint8Array | undefined;
  /** What came behind it, to be heard when the session is attached. */
  readonly early: Uint8Array[];
  earlyBytes: number;
}

export interface Attached {
  readonly phase: "attached";
  readonly ledger: Ledger;
  readonly inflow: Inflow;
  readonly outflow: Outflow;
  readonly beats: Beats;
}

/** A message for the client that the store does not have yet: what it weighs, and which message it answers; 0: none. */
export interface Draft { readonly message: Message; readonly size: number; readonly answers: number }

/** What the store has, and what it is to have next. Outlives the channel. */
export interface Ledger {
  readonly id: SessionId;
  readonly epoch: number;
  readonly timeout: Millis;
  /** The client's messages that are whole and not begun; the first has the number `begun + 1`. */
  inbox: Message[];
  /** Handed to the application up to here. Greater than `handled`: it is at work on that one. */
  begun: number;
  handled: number;
  /** Committed as handled up to here. */
  received: number;
  /** Messages are being handed over: a handler that answers at once must not begin the next one inside. */
  handing: boolean;
  /** No message is begun: somebody is about to attach. */
  resting: boolean;
  /** What the handler at work has answered so far. */
  replies: Draft[];
  /** Messages for the client that the next commit takes along. */
  drafts: Draft[];
  /** Of `replies` and `drafts`. */
  draftBytes: number;
  /** The client's acknowledgement, as heard and as committed. */
  acked: number;
  trimmed: number;
  /** The commit that is not answered. */
  flying: { readonly change: Change; readonly drafts: readonly Draft[]; readonly askedAt: Millis } | undefined;
  turning: boolean;
  /** The store had no room: when to try again. */
  fullUntil: Millis;
  /** When the touch that is not answered was asked for. */
  touchedAt: Millis | undefined;
  /** The store is known to have renewed the deadline at this time or later. */
  renewedAt: Millis;
  /** The store gave us messages with a gap: either we do not own the session any more, or it is broken. */
  gap: boolean;
  /** The session is to end, after what was begun. `byClient`: it has said goodbye, and waits for nothing more. */
  closing: "no" | "wanted" | "asked";
  byClient: boolean;
  endedBy: "closed" | "handler";
  /** Somebody else owns the session: nothing is committed any more, and the answer of an open commit is all that is waited for. */
  lost: boolean;
}

/** The client's messages on this channel. */
export interface Inflow {
  readonly pieces: Pieces;
  /** The number of the last whole message. */
  counted: number;
  /** Acknowledged to the client up to here, and the sizes of those after it. */
  told: number;
  readonly sizes: number[];
  bytes: number;
  /** When an acknowledgement is due. */
  ackAt: Millis;
}

/** Messages for the client on this channel. */
export interface Outflow {
  /** What the client takes in. */
  readonly grant: Grant;
  /** The number of the last one in the store, of the last one that we have at hand, of the last one transmitted. */
  sent: number;
  known: number;
  transmitted: number;
  /** At hand, not transmitted. */
  readonly waiting: Message[];
  readonly sizes: number[];
  waitingBytes: number;
  /** Sizes of those transmitted and not acknowledged. */
  readonly flight: number[];
  flightBytes: number;
  reading: boolean;
  /** The channel asked to wait. */
  blocked: boolean;
}

export interface Beats {
  /** A ping that was not answered yet. */
  nonce: number | undefined;
  /** Our own pings without an answer. */
  asked: number;
  tokens: number;
  refilledAt: Millis;
}

export function greetingState(secure: boolean): KeeperState {
  return { secure, stage: { phase: "greeting" } };
}

export function attachedStage(id: SessionId, { epoch, received, sent, acked, timeout }: Omit<Attachment, "ok">, { frameMax, windowMessages, windowBytes }: Grant, beats: Beats, renewedAt: Millis): Attached {
  return {
    phase: "attached", beats,
    ledger: {
      id, epoch, timeout, inbox: [], begun: received, handled: received, received, handing: false, resting: false, replies: [], drafts: [], draftBytes: 0,
      acked, trimmed: acked, flying: undefined, turning: false, fullUntil: -Infinity, touchedAt: undefined, renewedAt, gap: false,
      closing: "no", byClient: false, endedBy: "closed", lost: false,
    },
    inflow: { pieces: noPieces(), counted: received, told: received, sizes: [], bytes: 0, ackAt: Infinity },
    outflow: {
      grant: { frameMax, windowMessages, windowBytes }, sent, known: acked, transmitted: acked,
      waiting: [], sizes: [], waitingBytes: 0, flight: [], flightBytes: 0, reading: false, blocked: false,
    },
  };
}
