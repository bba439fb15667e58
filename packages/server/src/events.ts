import type { Dropped, HoldfastError } from "@holdfast/core";

/** What `identify` returned; without it, the number of the connection. */
export type PeerId = string | number;

/**
 * Why a peer is gone. `closed`: it said goodbye or hung up. `reset`: the connection broke. `heartbeat`: it no longer answers.
 * `protocol`: what it sent cannot be read. `stalled`: it does not read. `replaced`: it logged in again elsewhere. `drained`: it
 * left because `drain()` asked it to, or was closed when that time was over. `requested`: we closed or aborted it.
 */
export type PeerCause = "closed" | "reset" | "heartbeat" | "protocol" | "stalled" | "replaced" | "drained" | "requested";

export interface PeerMissed { readonly misses: number; readonly of: number }
export interface Gone {
  readonly cause: PeerCause;
  readonly error?: HoldfastError;
  /** Messages handed to the channel that the peer has not vouched for: each may have arrived or not. Exact for `framed()`. */
  readonly unconfirmed: number;
}

/** What a peer tells. As with links, names are facts and `message` is the message itself. */
export interface PeerEvents<Out, In> {
  message: [message: In];
  /** A ping was not answered in time. */
  missed: [event: PeerMissed];
  /** An answer is overdue. The peer lives on. */
  suspected: [];
  /** After a `send` that returned false: messages go out at once again. */
  drained: [];
  /** A message was given up: an outgoing one, or an incoming one that nobody listened to (`unread`). */
  dropped: [event: Dropped<Out | In>];
  /** The end. Nothing follows. */
  gone: [event: Gone];
}
