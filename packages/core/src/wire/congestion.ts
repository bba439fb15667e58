import type { Millis } from "../ports/clock.ts";

/** Most frames of a peer that may be answered while it reads none of the answers. */
export const maxUnread = 1024;

/** A channel that asks to wait: since when, and how many frames of a peer that does not read were answered meanwhile. */
export class Congestion {
  /** Infinity while the channel takes everything. */
  since: Millis = Infinity;
  #answering = false;
  #unread = 0;

  /** A frame has arrived: what is written until `heard(false)` answers it. */
  heard(frame: boolean): void {
    this.#answering = frame && this.since !== Infinity;
  }

  /** The channel asked to wait. `begun`: it had not yet; `hopeless`: the peer goes on asking and reads nothing. */
  wait(now: Millis): "begun" | "goes on" | "hopeless" {
    if (this.since === Infinity) {
      this.since = now;
      this.#unread = 0;
      return "begun";
    }
    if (!this.#answering) return "goes on";
    this.#answering = false; // One frame counts once, however much is said to it.
    this.#unread += 1;
    return this.#unread > maxUnread ? "hopeless" : "goes on";
  }

  over(): void {
    this.since = Infinity;
  }
}
