import type { Millis } from "@holdfast/core";
import type { SessionId, Tombstone } from "./store.ts";
import { TimingWheel, type Scheduled } from "./timing-wheel.ts";

interface Grave extends Scheduled { readonly id: SessionId; readonly tombstone: Tombstone }

/** A tombstone stays for so many times the session's timeout. */
export const tombstoneTimeouts = 10;

/** What is left of sessions that are over: for ten of their timeouts, and the youngest `most` of them. */
export class Tombstones {
  readonly #most: number;
  readonly #graves: Map<SessionId, Grave> = new Map();
  readonly #wheel: TimingWheel<Grave>;

  constructor(most: number, now: Millis) {
    this.#most = most;
    this.#wheel = new TimingWheel(now);
  }

  add(id: SessionId, tombstone: Tombstone, timeout: Millis, now: Millis): void {
    if (this.#most < 1) return;
    if (this.#graves.size >= this.#most) for (const oldest of this.#graves.values()) { this.#remove(oldest); break; }
    const grave = { id, tombstone, deadline: now + tombstoneTimeouts * timeout, slot: -1, place: 0 };
    this.#graves.set(id, grave);
    this.#wheel.add(grave);
  }

  get(id: SessionId, now: Millis): Tombstone | undefined {
    const grave = this.#graves.get(id);
    return grave !== undefined && grave.deadline > now ? grave.tombstone : undefined;
  }

  /** Removes those whose time is over. */
  sweep(now: Millis): void {
    for (let grave = this.#wheel.take(now); grave !== undefined; grave = this.#wheel.take(now)) this.#graves.delete(grave.id);
  }

  #remove(grave: Grave): void {
    this.#wheel.remove(grave);
    this.#graves.delete(grave.id);
  }
}
