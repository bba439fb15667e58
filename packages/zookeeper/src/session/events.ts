import type { HoldfastError, LossCause, Millis } from "@holdfast/core";

export interface Attached {
  /** `host:port`. */
  readonly server: string;
  /** False: a new session. */
  readonly resumed: boolean;
  /** The server has no quorum: it answers reads, and what it says may be old. */
  readonly readOnly: boolean;
}
export interface Detached {
  readonly server: string;
  readonly cause: LossCause;
  readonly error?: HoldfastError;
  /** In so many ms the session will be presumed to be over. */
  readonly presumedIn: Millis;
}
export interface DialFailed { readonly server: string; readonly error: HoldfastError }
export interface DialWait { /** Until the next dial, in ms. */ readonly delay: Millis }
export interface Expired {
  /** Ephemeral nodes made through this client that are gone, without the chroot. */
  readonly ephemerals: readonly string[];
  /** A new session takes its place. */
  readonly renewed: boolean;
}
export interface SessionClosed { /** Absent where you closed it. */ readonly error?: HoldfastError }

/** What a session tells. Names are facts; neither ids nor passwords are ever in them. */
export interface SessionEvents {
  /** A server has granted the session: requests flow. */
  connected: [event: Attached];
  /** The connection is lost; the session lives on, and a server is being looked for. */
  disconnected: [event: Detached];
  /** From here on the session may be over: stop acting as the owner of what its ephemeral nodes stand for. */
  presumedExpired: [];
  /** After `presumedExpired`: it was alive all the same. Nobody can have taken its place. */
  restored: [];
  /** A server has said that the session is over. */
  expired: [event: Expired];
  /** A dial failed; the next server follows. */
  failed: [event: DialFailed];
  /** Every server was tried in vain: a wait begins. */
  waiting: [event: DialWait];
  /** A server left a ping unanswered. */
  missed: [event: { readonly server: string; readonly misses: number; readonly of: number }];
  /** The end. Nothing follows. */
  closed: [event: SessionClosed];
}
