import type { Millis } from "../ports/clock.ts";

/** Most frames of a peer that may be answered while it reads none of the answers. */
export const maxUnread = 1024;

/** A channel that asks to wait: since when, and how many frames of a peer that does not read were answered meanwhile. */
export class Congestion {
  readonly since: Millis;
  #answering = false;
  #unread = 0;

  constructor(now: Millis) {
    this.since = now;
  }

  /** A frame has arrived: what is written until `heard(false)` answers it. */
  heard(frame: boolean): void {
    this.#answering = frame;
  }

  /** The channel asked again. True: the peer goes on asking and reads nothing. */
  hopeless(): boolean {
    if (!this.#answering) return false;
    this.#answering = false; // One frame counts once, however much is said to it.
    this.#unread += 1;
    return this.#unread > maxUnread;
  }
}
