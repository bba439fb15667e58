import type { HoldfastError } from "../errors/holdfast-error.ts";
import type { CloseCause, LossCause, MoveCause, Phase, Stage } from "../machine/link-state.ts";
import type { RoundTripTime } from "../machine/round-trip.ts";
import type { Millis } from "../ports/clock.ts";
import type { DropCause } from "./outbox.ts";

export interface Connecting { readonly attempt: number; readonly endpoint: string }
export interface Failed { readonly attempt: number; readonly endpoint: string; readonly error: HoldfastError }
export interface Connected { readonly endpoint: string; readonly epoch: number; readonly resumed: boolean }
export interface Missed { readonly endpoint: string; readonly misses: number; readonly of: number }
export interface Suspected { readonly endpoint: string; /** Given where the application suspects, absent where the heartbeat does. */ readonly reason?: string }
export interface Prepared { readonly endpoint: string; readonly epoch: number }
export interface Disconnected {
  readonly endpoint: string;
  readonly cause: LossCause;
  readonly error?: HoldfastError;
  /**
   * Messages handed to the channel that the peer has not vouched for, and that are not sent again: each may have arrived or not. Exact for
   * `framed()`; with other protocols, what was sent since the last ping that was answered.
   */
  readonly unconfirmed: number;
  /** With `outbox.resend`: so many more are sent again on the next channel. They may have arrived, too. */
  readonly resent?: number;
}
export interface Migrated {
  readonly from: string;
  readonly to: string;
  /** `drained`: the peer had asked for it. `suspected`: the old channel was silent. `priority`: a primary is back. */
  readonly cause: MoveCause;
  readonly epoch: number;
  /** As in `Disconnected`, of the old channel: more than 0 where it died, was silent, or did not confirm everything in time. */
  readonly unconfirmed: number;
  /** As in `Disconnected`. */
  readonly resent?: number;
}
export interface Waiting { readonly attempt: number; /** Until the next dial, in ms. */ readonly delay: Millis }
export interface Draining { readonly endpoint: string; /** The peer closes after this many ms. */ readonly within: Millis }
export type Dropped<Message> = DroppedMessage<Message> | Forgotten;
export interface DroppedMessage<Message> {
  readonly message: Message;
  /** `unread` is about an incoming message that nobody listened to; the others about outgoing ones. */
  readonly why: DropCause | "unread";
  readonly error?: unknown;
}
/** With `outbox.resend`: messages that a lost channel had not confirmed and that are not sent again, for there was no room to remember them. */
export interface Forgotten {
  readonly message: undefined;
  readonly why: "forgotten";
  readonly count: number;
  readonly error?: undefined;
}
export interface Closed { readonly cause: CloseCause; readonly error?: HoldfastError }

/** What a link tells. Names are facts; endpoints are labels without secrets; one payload object per event, but `message` is the message itself. */
export interface LinkEvents<Out, In> {
  /** A dial begins. */
  connecting: [event: Connecting];
  /** A dial or a greeting failed. */
  failed: [event: Failed];
  /**
   * Messages flow over a channel that was not in use before: the first one, one after a loss, or, right after `migrated`, one that the link has moved to. Where
   * `resumed` is false its server knows nothing of us: log in or subscribe here. What listeners send now goes out before messages that waited.
   */
  connected: [event: Connected];
  /** A channel to another endpoint is kept in reserve from now on. */
  prepared: [event: Prepared];
  /** A ping was not answered in time. */
  missed: [event: Missed];
  suspected: [event: Suspected];
  /** The link has moved to another channel without a gap: a `connected` for that one follows at once. */
  migrated: [event: Migrated];
  /** A connection is over, and none is there. Only ever after a `connected`. */
  disconnected: [event: Disconnected];
  /** Every endpoint was tried: a wait begins. */
  waiting: [event: Waiting];
  /** A message was given up. */
  dropped: [event: Dropped<Out | In>];
  /** After a `send` that returned false: messages go out at once again. */
  drained: [];
  /** The peer asks us to move. */
  draining: [event: Draining];
  /** The end. Nothing follows. */
  closed: [event: Closed];
  message: [message: In];
}

/** A link at one moment: plain data without secrets. */
export interface Snapshot {
  readonly phase: Phase;
  readonly endpoint: string | undefined;
  readonly epoch: number | undefined;
  readonly attempt: number;
  readonly rtt: RoundTripTime | undefined;
  readonly unconfirmed: number;
  readonly outbox: { readonly messages: number; readonly bytes: number };
  readonly slots: readonly { readonly epoch: number; readonly stage: Stage; readonly endpoint: string }[];
}
