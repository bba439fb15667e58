import type { Frame, Millis } from "@holdfast/core";

/** Lower-case hexadecimal of the 16 bytes. Half a credential: show `sessionLabel(id)` instead. */
export type SessionId = string;

/** A store may answer at once or later. In memory it answers at once, and then nothing waits. */
export type Answer<T> = T | Promise<T>;

/**
 * Where sessions live, shared by all keepers that serve them. Each call is one atomic step: the store alone decides who owns a session, and
 * whatever changes a session names the epoch it believes in. A rejected promise means "unknown whether it happened": the keeper then ends the
 * channel, and the client attaches anew.
 *
 * Stores pass `sessionStoreSuite` of `@holdfast/testkit/stores` unmodified.
 */
export interface SessionStore {
  /** A new session with epoch 1. The id was drawn at random by the keeper; one that was used before is a `StoreError`. `full`: no room for more sessions. */
  create(id: SessionId, session: NewSession): Answer<Created | Full>;
  /** What a proof is checked against. `undefined`: no such session, and no tombstone. */
  find(id: SessionId): Answer<Found | Tombstone | undefined>;
  /** Decides who owns the session from now on: the five rules of docs/spec/hfs1.md, "Opening and attaching". */
  attach(id: SessionId, claim: Claim): Answer<Attachment | AttachRefusal>;
  /**
   * One step: how far the client's messages are handled, messages for the client, how far those were acknowledged (which makes room first).
   * Renews the deadline. The messages are the store's from here on: nobody changes their bytes.
   */
  commit(id: SessionId, epoch: number, change: Change): Answer<Committed | Full | Fenced | Ended>;
  /** A message for the client from somebody who does not own the session. It goes out where the client is, or when it returns. */
  append(id: SessionId, messages: readonly Frame[]): Answer<Committed | Full | Ended>;
  /** Messages for the client that are not acknowledged, from `from` on, at most `limit`. None where there is no such session. */
  read(id: SessionId, from: number, limit: number): Answer<readonly Outgoing[]>;
  /** Renews the deadline. */
  touch(id: SessionId, epoch: number): Answer<Committed | Fenced | Ended>;
  /** Ends the session now; its keys go, and a tombstone stays for ten timeouts. */
  close(id: SessionId, epoch: number): Answer<Ended | Fenced>;

  /**
   * Sets a key that goes when the session does. One session holds a key at a time; holding it already, only the value changes. `full`: the
   * session holds as many as the store allows.
   */
  hold(id: SessionId, epoch: number, key: string, value: string): Answer<Held | Full | Fenced | Ended>;
  /** Lets a key go. A key that somebody else holds, or nobody, is left as it is. */
  release(id: SessionId, epoch: number, key: string): Answer<Committed | Fenced | Ended>;
  /** The keys that begin with `prefix`, of all sessions, sorted. */
  keys(prefix: string): Answer<readonly Key[]>;

  /**
   * Ends the sessions whose deadline has passed, at most `limit` of them. Called by keepers, never while one has stood still. Until then an
   * overdue session lives, and what renews its deadline saves it.
   */
  expire(limit: number): Answer<readonly SessionId[]>;
  /**
   * Asks for news, also of what the caller does itself. An optimisation for `appended` (by `append`, not by `commit`) and `attached`; for `key` and
   * `ended` each change is told at least once, or `missed` is. A listener may be called before the call that it tells of has answered.
   */
  subscribe(listener: (news: News) => void): Answer<() => void>;
}

export interface NewSession {
  /** 32 bytes; absent where a master key derives it. */
  readonly secret?: Uint8Array;
  readonly timeout: Millis;
  /** Who opened it, as `authorize` said. */
  readonly principal: string;
  /** Most bytes of messages for the client that wait (UTF-8 for texts, an empty one counts as one); `append` and `commit` answer `full` beyond it. */
  readonly maxBytes: number;
}
export interface Created { readonly ok: "created"; readonly epoch: number; readonly generation: Uint8Array }
export interface Found { readonly ok: "found"; readonly secret?: Uint8Array; readonly timeout: Millis; readonly principal: string }
/** What is left of a session that is over. */
export interface Tombstone { readonly ok: "tombstone"; readonly why: "expired" | "closed"; readonly received: number; readonly secret?: Uint8Array; readonly principal: string }

/** What a client says of itself in ATTACH. */
export interface Claim {
  readonly attach: number;
  readonly received: number;
  readonly sent: number;
  readonly acked: number;
  /** 8 bytes: the store's generation, as the client has heard it in OPENED. */
  readonly generation: Uint8Array;
  /** Its counters mean nothing: the store believes its `attach` and `generation` only. */
  readonly restarted: boolean;
}
export interface Attachment {
  readonly ok: "attached";
  readonly epoch: number;
  /** The client's messages that are handled. */
  readonly received: number;
  /** Number of the last message for the client: what the claim has `received`, or more. */
  readonly sent: number;
  /** The client's acknowledgement; messages after it are still there for `read`. */
  readonly acked: number;
  readonly timeout: Millis;
}
export interface AttachRefusal {
  readonly ok: "refused";
  readonly why: "unknown" | "expired" | "closed" | "stateLost" | "stale" | "diverged";
  readonly received: number;
  /** For `stale`: the number to be higher than. */
  readonly attach: number;
}

export interface Change {
  /** The client's messages are handled up to here. Lower than before: no change. */
  readonly received?: number;
  /** Messages for the client. They get the next numbers. */
  readonly append?: readonly Frame[];
  /** The client acknowledged up to here. Lower than before: no change. Above what the store has sent: a `StoreError`, and nothing is changed. */
  readonly acked?: number;
}
/**
 * `sent`: the number of the last message for the client, also those that others appended. Lower than an earlier answer for the same epoch: the store
 * went back to an older state, as after a failover that lost the last writes; the keeper ends the channel, and the client learns by attaching what is lost.
 */
export interface Committed { readonly ok: "committed"; readonly sent: number }
/** The session has another epoch: somebody else owns it since. Nothing was changed. */
export interface Fenced { readonly ok: "fenced"; readonly epoch: number }
/** The session is over. Nothing was changed. */
export interface Ended { readonly ok: "ended"; readonly why: "expired" | "closed" | "unknown"; readonly received: number }
/** No room. Nothing was changed. */
export interface Full { readonly ok: "full" }
export interface Outgoing { readonly sequence: number; readonly message: Frame }

export interface Held { readonly ok: "held" | "taken"; readonly key: Key }
export interface Key { readonly key: string; readonly value: string; readonly session: SessionId; /** Epoch of the session when it came to hold the key: a fencing token. */ readonly epoch: number }

export type News =
  | { readonly type: "appended"; readonly session: SessionId; readonly sent: number }
  | { readonly type: "attached"; readonly session: SessionId; readonly epoch: number }
  | { readonly type: "ended"; readonly session: SessionId; readonly why: "expired" | "closed" }
  | { readonly type: "key"; readonly key: string; /** Absent: it is gone. */ readonly now?: Key }
  /** The way to the store was cut: whoever watches looks again. */
  | { readonly type: "missed" };
