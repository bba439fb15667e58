import type { HoldfastError, LossCause, Migrated, Millis } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import type { Continuity, EndCause, LossWhy } from "./client-host.ts";

export interface SessionAttached {
  /** Label of the endpoint. */
  readonly endpoint: string;
  /** Counts the attaches of this session, of all its holders: a fencing token. */
  readonly epoch: number;
  /** False: the session is a new one. */
  readonly resumed: boolean;
  /** `new`, `full` (nothing lost, nothing twice), or `restarted`: a handler may have seen some of the messages that come now. */
  readonly continuity: Continuity;
}
export interface SessionDetached {
  readonly endpoint: string;
  readonly cause: LossCause;
  readonly error?: HoldfastError;
  /** In so many ms the session will be presumed to be over. */
  readonly deadline: Millis;
  /** Messages sent and not acknowledged. They are sent again. */
  readonly unconfirmed: number;
}
export interface SessionExpired {
  /** How many of our messages were handled. */
  readonly lastReceived: number;
  /** The others, in order. They are not sent again. */
  readonly undelivered: readonly Message[];
}
export interface SessionLost {
  readonly why: LossWhy;
  /** Sent and not acknowledged: each may have been handled or not. */
  readonly uncertain: readonly Message[];
  /** Taken and never sent. */
  readonly unsent: readonly Message[];
}
export interface SessionMoved {
  /** Of the new owner, as far as it is known. */
  readonly epoch: number;
  readonly uncertain: readonly Message[];
  readonly unsent: readonly Message[];
}
export interface SessionDropped {
  readonly message: Message;
  /** `tooLong`: longer than the keeper takes, which was not known when it was taken. `takenOver`: see `takeover`. */
  readonly why: "tooLong" | "takenOver";
}
export interface SessionFailed { readonly endpoint: string; readonly error: HoldfastError }
export interface SessionWaiting { readonly attempt: number; /** Until the next dial, in ms. */ readonly delay: Millis }
/** `suspended`: it lives on without us. The others: see `EndCause`. */
export type SessionCloseCause = EndCause | "suspended";
export interface SessionClosed {
  readonly cause: SessionCloseCause;
  readonly error?: HoldfastError;
  /** Messages that were taken and never acknowledged, where no event before this one had them. */
  readonly undelivered: readonly Message[];
}

/** What a session tells: facts, one payload object each, without secrets. */
export interface SessionEvents {
  /** A keeper serves the session: messages flow. */
  attached: [event: SessionAttached];
  /** The channel is gone; another one is looked for. */
  detached: [event: SessionDetached];
  /** From here on the session may be over: stop acting as the owner of what it stands for. */
  presumedExpired: [event: Readonly<Record<never, never>>];
  /** After `presumedExpired`: it was alive all the same. */
  restored: [event: Readonly<Record<never, never>>];
  /** A keeper proved that the session is over, for nothing renewed it for its timeout. */
  expired: [event: SessionExpired];
  /** The session cannot go on, and not everything is known. */
  lost: [event: SessionLost];
  /** Somebody else holds the credential and owns the session now. Nothing goes on until `takeover()` or `close()`. */
  moved: [event: SessionMoved];
  /** The keepers want other credentials. Nothing goes on until `open()` or `close()`. */
  unauthorized: [event: { readonly error: HoldfastError }];
  /** The session moved to another endpoint without a gap. */
  migrated: [event: Migrated];
  /** A dial or a greeting failed. */
  failed: [event: SessionFailed];
  /** Every endpoint was tried: a wait begins. */
  waiting: [event: SessionWaiting];
  /** A message was given up. */
  dropped: [event: SessionDropped];
  /** After a `send` that returned false: nothing waits any more. */
  drained: [];
  /** The end. Nothing follows. */
  closed: [event: SessionClosed];
  /** `sequence`: its number in the session, 0 for a volatile one. Acknowledged when the listeners have returned, unless `receive` or `for await` is used. */
  message: [message: Message, about: Receipt];
}
export interface Receipt { readonly sequence: number }
