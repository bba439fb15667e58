import type { Endpoint, HoldfastError } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import type { KeptSession } from "./kept-session.ts";
import type { RefusalWhy } from "./machine/keeper-host.ts";

export interface SessionBegan { readonly session: KeptSession }
export interface SessionAttached {
  readonly session: KeptSession;
  readonly remote: Endpoint;
  /** Its client is a new process with a saved credential: it may have handled some of what it gets again. */
  readonly restarted: boolean;
}
export interface SessionDetached {
  readonly session: KeptSession;
  readonly remote: Endpoint;
  /** What broke the channel; absent where it ended in order. */
  readonly error?: Error;
}
/** Somebody attached elsewhere with the same credential: the client itself, which moved; or another one that has it. */
export interface SessionMoved {
  readonly session: KeptSession;
  /** The channel that was attached until now. */
  readonly remote: Endpoint;
  /** Where it is now, if that is this keeper. */
  readonly to?: Endpoint;
  readonly epoch: number;
}
export interface SessionExpired { readonly key: string }
export interface SessionClosed {
  readonly session: KeptSession;
  /**
   * `closed`: by its client, or by the application. `expired`: some keeper ended it, since nobody had renewed it. `handler`: `handle` failed too often at one
   * message. `unknown`: the store does not know it any more.
   */
  readonly why: "closed" | "expired" | "handler" | "unknown";
}
export interface SessionRefused { readonly remote: Endpoint; readonly why: RefusalWhy; readonly code: number }
export interface KeeperFailed { readonly error: HoldfastError; readonly session?: KeptSession }
export interface MessagesDropped {
  readonly session: KeptSession;
  readonly count: number;
  /** They may have been delivered all the same, or may be yet. */
  readonly uncertain: boolean;
  /** The messages. Not enumerable: whoever prints the event does not print them. */
  readonly messages: readonly Message[];
}

/** What a keeper tells. One payload object per event; nothing in them is secret but `session.id` and `messages`, which are not shown. */
export interface KeeperEvents {
  /** A session was opened here, or attached here for the first time. Its messages come after this. */
  session: [event: SessionBegan];
  /** A channel carries it, after `session`. */
  attached: [event: SessionAttached];
  /** No channel of this keeper does. It may return, here or elsewhere. */
  detached: [event: SessionDetached];
  /** The channel that carried it does not any more, since a newer one does. For audits: see `SessionMoved`. */
  moved: [event: SessionMoved];
  /** This keeper ended a session that nobody had renewed. */
  expired: [event: SessionExpired];
  /** A session that was here, attached or not, is over. */
  closed: [event: SessionClosed];
  /** A greeting was not taken. */
  refused: [event: SessionRefused];
  /** The store, a handler or a client failed; its channel has ended, where there was one. */
  failed: [event: KeeperFailed];
  /** Messages that `send` had taken outside of a handler did not get into the store, or nobody knows. */
  dropped: [event: MessagesDropped];
}
