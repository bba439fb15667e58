import type { LeaveNotice, Millis } from "@holdfast/core";
import type { Message } from "../../frames/frame.ts";
import type { KeeperAnswer, KeeperOrder } from "./keeper-order.ts";

/** What a keeper's machine is told. Once it is over, all of it is without effect. */
export interface KeeperCalls {
  /** A frame arrived. Its bytes may be kept. */
  frame(bytes: Uint8Array | string, now: Millis): void;
  /** The channel takes frames again. */
  drained(now: Millis): void;
  /** The channel is gone. What the application has begun is still brought to its end; see `over`. */
  ended(now: Millis): void;

  answered(order: KeeperOrder, answer: KeeperAnswer, now: Millis): void;
  /** Whether it happened is unknown. */
  failed(order: KeeperOrder, error: unknown, now: Millis): void;
  /** What arrived together was told. Answers `host.turn`; once too often does no harm. */
  turned(now: Millis): void;

  handled(sequence: number, now: Millis): void;
  /** `failures`: how often this message has failed in this process, this time included. */
  handlerFailed(sequence: number, failures: number, cause: unknown, now: Millis): void;

  /** A message for the client, from outside a handler. */
  send(message: Message, now: Millis): Verdict;
  /** One that answers the message `sequence`, whose handler is at work: committed in one step with having handled it, or not at all. */
  reply(message: Message, sequence: number, now: Millis): Verdict;
  /** False: dropped. */
  sendVolatile(message: Message, now: Millis): boolean;
  /** Asks the client for a sign of life: the answer is `host.pong`. */
  ping(nonce: number, now: Millis): void;
  /** Asks the client to move elsewhere. */
  dismiss(notice: LeaveNotice, now: Millis): void;
  /** Ends the session, after what was begun. */
  closeSession(now: Millis): void;
  /** Says goodbye: whoever calls it closes the channel right after, and the session goes on. */
  close(now: Millis): void;

  /** The store told of an owner with this epoch. An old one changes nothing. */
  expelled(epoch: number, now: Millis): void;
  /** The store told that messages up to here wait for the client. */
  appended(sent: number, now: Millis): void;
  /** There is reason to ask the store whether the session is still there, and still ours. */
  doubted(now: Millis): void;

  /** Somebody is about to attach: no further message is begun, so that none is handled twice, until `resume`. */
  rest(now: Millis): void;
  resume(now: Millis): void;

  /** When to call `wake`; `Infinity`: never. Earlier does no harm. */
  wakeAt(): Millis;
  wake(now: Millis): void;
}


/**
 * What became of a message for the client. `taken`: it is committed with the next commit. Otherwise it was not taken: `full`, there are too many bytes
 * that the client has not acknowledged; `tooLong`, this client does not read so long a message; `over`, the session is not attached here.
 */
export type Verdict = "taken" | "full" | "tooLong" | "over";
