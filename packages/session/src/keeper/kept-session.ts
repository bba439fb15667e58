import type { Message } from "../frames/frame.ts";
import type { Held, SessionId } from "../store/store.ts";

/** A session, as the application sees it at a keeper that serves it, or served it last. */
export interface KeptSession {
  /** A stable public name, the same on every keeper: 64 hexadecimal digits. With a sequence it makes a key for idempotence. May be shown and logged. */
  readonly key: string;
  /** Half of the credential, and an address for `keeper.send` on any keeper. Never to be shown or logged. */
  readonly id: SessionId;
  /** Who opened it, as `authorize` said; empty without one. */
  readonly principal: string;
  /** Counts the attaches: a fencing token for what the application does elsewhere. */
  readonly epoch: number;
  /** Its client is connected here. */
  readonly attached: boolean;
  /**
   * A message for the client: it goes out now, or when the client returns, wherever that is. Inside `handle`, with the session given there, it is committed in
   * one step with having handled the message, or not at all. Throws a `BackpressureError` where too much waits already, and a `KeeperError` for a message
   * longer than the client reads (`HF_SESSION_TOO_LONG`) or where the session is known to be over (`HF_SESSION_ENDED`). What cannot be kept after all is told in `dropped`.
   */
  send(message: Message): void;
  /** A message that is dropped where it cannot go out at once: false. */
  sendVolatile(message: Message): boolean;
  /** Ends the session, after what was said to the client has gone out. Resolves when it is over, or somebody else's. */
  close(): Promise<void>;
  /**
   * Sets a key that goes when the session does; `taken`: another session holds it, and its key is returned. Rejects with a `KeeperError` where the session is over
   * or served by another keeper, and with what the store rejects with.
   */
  hold(key: string, value: string): Promise<Held>;
  /** Lets go of a key; of one that it does not hold, too. */
  release(key: string): Promise<void>;
}

/** What a handler gets along with a message. */
export interface HandlerContext {
  /** What is sent through this one while the handler is at work is committed together with the message. */
  readonly session: KeptSession;
  /** The number of the message in its session: 1, 2, 3 … */
  readonly sequence: number;
}
