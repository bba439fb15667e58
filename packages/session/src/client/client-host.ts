import type { LeaveNotice, Millis, Next } from "@holdfast/core";
import type { Grant, Message } from "../frames/frame.ts";
import type { Hmac } from "../proof/proof.ts";

/** What the client's machine orders, and whom it tells. Carried out at once; an order may end a channel, and `ended` may be called from inside it. */
export interface ClientHost {
  /** As `Channel.send`. False: taken, but please wait for `drained(channel)`. */
  transmit(channel: number, frame: Uint8Array): boolean;
  /** The channel is attached: messages flow, and a heartbeat is due every `heartbeat` ms (0: the keeper does not say). */
  greeted(channel: number, terms: { readonly heartbeat: Millis; readonly resumed: boolean }): void;
  /** The ping with this nonce was answered. */
  pong(channel: number, nonce: number): void;
  /** The keeper asks us to move to another endpoint. */
  leave(channel: number, notice: LeaveNotice): void;
  /** Ends the channel now; another one is wanted. The machine has forgotten it: an `ended` for it changes nothing. */
  drop(channel: number, fault: Fault): void;
  /** Ends the channel in order: it is not needed any more. Forgotten like a dropped one. */
  done(channel: number): void;
  /** No more channels, until `started` is asked for by the user again: with a fault now, without one in order, so that what was transmitted goes out. */
  rest(fault?: Fault): void;
  /** A message for the application. 0 as its sequence: volatile. `handled(sequence)` is expected for all others, in order. */
  deliver(message: Message, sequence: number): void;
  /** After a `send` that said `waiting`: nothing waits any more. */
  drained(): void;
  tell(report: ClientReport): void;
}

/** What went wrong on a channel or with a session: an error in the making. `words` hold no secret and no content. */
export interface Fault { readonly code: FaultCode; readonly words: string; readonly next: Next; readonly retryAfter: Millis }
export type FaultCode =
  | "HF_SESSION_REFUSED" | "HF_SESSION_LIMITS" | "HF_SESSION_UNPROVEN" | "HF_SESSION_PROTOCOL" | "HF_SESSION_CHECKPOINT" | "HF_SESSION_IN_DOUBT" | "HF_SESSION_PLAINTEXT"
  | "HF_SESSION_UNAUTHORIZED" | "HF_SESSION_MOVED" | "HF_SESSION_EXPIRED" | "HF_SESSION_LOST" | "HF_SESSION_ENDED";

/** What the machine tells of a session. Facts; told after the state has changed. */
export type ClientReport =
  | { readonly type: "attached"; readonly channel: number; readonly epoch: number; readonly resumed: boolean; readonly continuity: Continuity }
  /** From here on the session may be over: whoever acts as its owner stops. */
  | { readonly type: "presumedExpired" }
  /** After `presumedExpired`: it lives all the same. */
  | { readonly type: "restored" }
  /** Somebody else holds the credential and attached. Final, until `takeover`. */
  | { readonly type: "moved"; readonly epoch: number; readonly uncertain: readonly Message[]; readonly unsent: readonly Message[] }
  /** The keeper wants other credentials. At rest, until `retry`. */
  | { readonly type: "unauthorized"; readonly fault: Fault }
  | { readonly type: "expired"; /** The client's messages that were handled. */ readonly lastReceived: number; readonly undelivered: readonly Message[] }
  | { readonly type: "lost"; readonly why: LossWhy; /** Sent, and nobody knows whether handled. */ readonly uncertain: readonly Message[]; /** Never sent. */ readonly unsent: readonly Message[] }
  /** `tooLong`: taken before the keeper's limits were known, and never sent. `takenOver`: it stood in a ticket, and another holder has gone on since: it may have been handled. */
  | { readonly type: "dropped"; readonly message: Message; readonly why: "tooLong" | "takenOver" }
  /** The end. `undelivered`: what was taken and never acknowledged, where no report before this one had it. */
  | { readonly type: "closed"; readonly cause: EndCause; readonly undelivered: readonly Message[]; readonly fault?: Fault };

/** `new`: a session was opened. `full`: nothing lost, nothing twice. `restarted`: the counters were lost, so messages that were handled before may come again. */
export type Continuity = "new" | "full" | "restarted";
/** `unknown`: no keeper knows the session. `stateLost`: the store lost what it had acknowledged. `diverged`: somebody else used the credential. `protocol`: the keepers cannot read us, or we them. */
export type LossWhy = "unknown" | "stateLost" | "diverged" | "protocol";
/** `requested`: by us. `ended`: by the server, on purpose. `refused`, `exhausted`: the link gave up. */
export type EndCause = "requested" | "ended" | "expired" | "lost" | "refused" | "exhausted";

/** How a client behaves. Complete values. */
export interface ClientPolicy {
  readonly hmac: Hmac;
  /** Milliseconds since 1970: only to choose attach numbers, and for the deadline in a ticket. */
  readonly wallClock: () => Millis;
  /** The session timeout that is asked for. */
  readonly timeout: Millis;
  /** What we take in: longest frame, and the window for the keeper. */
  readonly grant: Grant;
  /** Open a session, and so get its secret, on a channel that is neither encrypted nor on this machine. */
  readonly allowPlaintext: boolean;
  /** After `expired` and `lost`: end, or open a fresh session on the next channel. */
  readonly onEnd: "close" | "renew";
  /** An acknowledgement is due after so many messages, a quarter of the window's bytes, or this long after the first message it is for. */
  readonly ackAfter: { readonly messages: number; readonly delay: Millis };
  /** What may wait beyond the keeper's window, or while no keeper is attached. */
  readonly outbox: { readonly maxMessages: number; readonly maxBytes: number };
  /** How long `close` waits for acknowledgements. */
  readonly drainTimeout: Millis;
}

/** What is known of a channel when it begins. */
export interface ChannelFacts {
  /** A name without secrets: for words, and to know which endpoints were asked. */
  readonly endpoint: string;
  /** Encrypted, or it does not leave this machine. */
  readonly secure: boolean;
  /** For `authorize`; see `longestAuth`. */
  readonly auth: Uint8Array;
  /** Longest frame that the transport carries. */
  readonly frameMax: number;
}

/** What became of a message. `sent`: it is on its way. `waiting`: taken, but please wait for `drained`. The others: not taken. */
export type Taken = "sent" | "waiting" | "full" | "tooLong" | "over";
