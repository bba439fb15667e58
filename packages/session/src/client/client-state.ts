import type { Millis } from "@holdfast/core";
import type { Pieces } from "../frames/data.ts";
import type { Grant, Message } from "../frames/frame.ts";

/**
 * Everything a client's machine knows: plain data, changed in place.
 *
 * `live`: attached or trying to be. `closing`: the same, until all is acknowledged, or `closeBy`. `moved`, `unauthorized`, `suspended`: at rest, nothing
 * is sent and nothing is dialled until the user says so. `over`: the end.
 */
export interface ClientState {
  phase: "live" | "closing" | "moved" | "unauthorized" | "suspended" | "over";
  /** Absent until a keeper has opened a session. */
  credential: Credential | undefined;
  /** Of the last ATTACHED, or OPENED. */
  epoch: number;
  /** The highest attach number that was used, or that is known to be used. */
  lastAttach: number;
  /** The attach number of the last ATTACHED. */
  answeredAttach: number;
  /** The highest attach number whose channel ended before an answer came: the store may have accepted it. */
  doubtfulAttach: number;
  /** The counters have lost their meaning: the next ATTACH says RESTARTED. */
  restarted: boolean;
  /** The user said `takeover`: one STALE_ATTACH is answered with a higher number. */
  insists: boolean;
  /** In the order in which they began; few. */
  channels: ChannelState[];
  /** The channel that was attached last and is still there; 0: none. */
  active: number;
  /** Epoch of a MOVED that is kept back; 0: none. */
  heldMoved: number;
  outgoing: OutgoingState;
  incoming: IncomingState;
  /** When the last frame was sent that a keeper answered, as far as that proves that the store renewed the session. */
  provenAt: Millis;
  presumedExpired: boolean;
  /** Broken rules in a row, on attached channels. */
  protocolErrors: number;
  /** The last word of each endpoint that was asked since a keeper attached us, and of that one: does it know the session? */
  verdicts: { endpoint: string; unknown: boolean }[];
  closeBy: Millis;
}

export interface Credential {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
  readonly generation: Uint8Array;
  timeout: Millis;
}

export interface ChannelState {
  readonly number: number;
  /** `greeting`: OPEN or ATTACH is unanswered. `attached`: the one that messages go through. `superseded`: a later one is attached. */
  stage: "greeting" | "attached" | "superseded";
  readonly endpoint: string;
  readonly secure: boolean;
  /** The greeting as it was sent: proofs cover it. */
  readonly greeting: Uint8Array;
  /** Its attach number; 0: it is an OPEN. */
  readonly attach: number;
  /** The number of messages that were handled when the greeting was sent. */
  readonly claimed: number;
  /** The number of the last message that the greeting says we may have sent when it is answered. */
  readonly claimedSent: number;
  /** Its ATTACH says EARLY: until that is answered, messages are put behind it as well as on the active channel. */
  readonly early: boolean;
  /** Bytes that may still be put there. */
  earlyRoom: number;
  readonly sentAt: Millis;
  epoch: number;
  /** What the keeper takes in. */
  grant: Grant;
  /** Number of the last message that came on this channel. */
  arrived: number;
  /** Number of the last message that was put on it. */
  put: number;
  /** What we acknowledged on it. */
  told: number;
  /** What the keeper acknowledged on it. */
  heard: number;
  /** It asked us to wait. */
  blocked: boolean;
  /** A message that is not complete. */
  pieces: Pieces;
  /** Pings without an answer, oldest first; few. */
  pings: { nonce: number; sentAt: Millis }[];
}

/** Messages for the keeper that it has not acknowledged: numbers `base + 1` … `base + messages.length - head`. */
export interface OutgoingState {
  messages: Message[];
  /** Their payload bytes. */
  sizes: number[];
  /** Where the oldest one stands in the lists. */
  head: number;
  /** The last message that the keeper committed. */
  base: number;
  /** The highest number that was ever put on a channel. */
  sent: number;
  /** Bytes of the messages after `sent`. */
  waitingBytes: number;
  /** Bytes of the messages that were put on the active channel and are not acknowledged. */
  flightBytes: number;
  /** A `send` said `waiting`, and `drained` is due. */
  saidWait: boolean;
}

export interface IncomingState {
  /** Number of the last message that was given to the application. */
  delivered: number;
  /** Number of the last message that the application took. */
  handled: number;
  /** Payload bytes of the messages between, oldest first. */
  sizes: number[];
  unhandledBytes: number;
  /** Bytes handled since an acknowledgement left. */
  unackedBytes: number;
  /** When an acknowledgement is due. */
  ackAt: Millis;
}

export function newClient(): ClientState {
  return {
    phase: "live", credential: undefined, epoch: 0, lastAttach: 0, answeredAttach: 0, doubtfulAttach: 0, restarted: false, insists: false,
    channels: [], active: 0, heldMoved: 0, outgoing: newOutgoing(), incoming: newIncoming(),
    provenAt: -Infinity, presumedExpired: false, protocolErrors: 0, verdicts: [], closeBy: Infinity,
  };
}

export function newOutgoing(): OutgoingState {
  return { messages: [], sizes: [], head: 0, base: 0, sent: 0, waitingBytes: 0, flightBytes: 0, saidWait: false };
}

export function newIncoming(): IncomingState {
  return { delivered: 0, handled: 0, sizes: [], unhandledBytes: 0, unackedBytes: 0, ackAt: Infinity };
}
