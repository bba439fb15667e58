import type { HoldfastError, Millis, Terms } from "@holdfast/core";
import type { Message } from "../../frames/frame.ts";
import type { SessionId } from "../../store/store.ts";
import type { KeeperOrder } from "./keeper-order.ts";

/** Who carries out what the machine decides. Each may call the machine back before it returns. */
export interface KeeperHost {
  /** False: taken, and nothing but control frames until `drained`. */
  transmit(frame: Uint8Array): boolean;
  /** The greeting was answered: the channel carries the session from here on. */
  greeted(terms: Terms): void;
  /** Answered by `answered` or `failed`, at once or later. */
  ask(order: KeeperOrder): void;
  /** May this one come in? 0: yes. Otherwise: it may ask again in so many ms. */
  admit(who: Entrant): Millis;
  /** Hand it to the application. Answered by `handled` or `handlerFailed`, at once or later; the next one comes after that. */
  handle(message: Message, sequence: number): void;
  /** A message without a number. Nothing answers it. */
  volatile(message: Message): void;
  /** Say `turned` when all was told that arrived together: then what it led to is committed in one. */
  turn(): void;
  /** The peer answered our ping. */
  pong(nonce: number): void;
  /** Close the channel, or let the client do it `within` so many ms; what was transmitted still goes out. Its end needs not be told by `ended`, but may be. */
  done(within?: Millis): void;
  /** Abort the channel. The same. */
  drop(error: HoldfastError): void;
  tell(report: KeeperReport): void;
}

/** `open` and `attach`: as soon as a greeting came, before anything is asked or kept. `proven`: an attach whose proof is right. */
export type Entrant = { readonly what: "open" | "attach" } | { readonly what: "proven"; readonly id: SessionId };

/** What became of a channel and its session, for whoever watches. Never more than one of `opened` and `attached`; what follows is about that session. */
export type KeeperReport =
  | { readonly type: "opened"; readonly id: SessionId; readonly epoch: number; readonly principal: string; readonly timeout: Millis }
  | { readonly type: "attached"; readonly id: SessionId; readonly epoch: number; readonly principal: string; readonly timeout: Millis; readonly restarted: boolean }
  /** A greeting was not taken. `badProof`: somebody does not know the secret. */
  | { readonly type: "refused"; readonly why: RefusalWhy; readonly code: number }
  /** The channel is over for this session, which somebody else owns: with `epoch`. */
  | { readonly type: "moved"; readonly epoch: number }
  /** The session is over. `handler`: we closed it, since its handler failed too often at one message. */
  | { readonly type: "ended"; readonly why: "closed" | "expired" | "unknown" | "handler" }
  /** Something went wrong; the channel ends, where it was not gone before. */
  | { readonly type: "failed"; readonly error: HoldfastError }
  /** Messages for the client that did not get into the store under this epoch. `uncertain`: they may have. */
  | { readonly type: "leftover"; readonly messages: readonly Message[]; readonly uncertain: boolean };

export type RefusalWhy = "protocol" | "insecure" | "busy" | "unauthorized" | "badProof" | "unknown" | "expired" | "closed" | "stateLost" | "stale" | "diverged" | "failed";
