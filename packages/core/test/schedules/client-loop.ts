import type { Heartbeat } from "../../src/policy/heartbeat.ts";
import { kinds, type Kind } from "./queue.ts";

/** How long after a sleep the network brings what it kept for us. */
const wakeUp = 500;

/** The client's event loop: stalled by a long computation, or asleep with the whole machine. While it is, nothing happens on it. */
export class ClientLoop {
  #until = -Infinity;
  #reachableFrom = -Infinity;
  /** How long it has stood still in all. */
  stalled = 0;

  stall(now: number, lasts: number): void {
    const until = Math.max(this.#until, now + lasts);
    this.stalled += until - Math.max(this.#until, now);
    this.#until = until;
  }

  /** The network stands still, too. Returns until when the peer seems dead with no excuse; undefined where a late alarm excuses it. */
  sleep(now: number, lasts: number, { interval, timeout, maxMisses }: Heartbeat): number | undefined {
    // The first standstill of a silence is excused, where it is long enough to make an alarm late; a second one need not be.
    const excused = lasts >= 2.5 * timeout && now >= this.#until + interval + 2 * maxMisses * timeout;
    this.stall(now, lasts);
    this.#reachableFrom = this.#until + wakeUp;
    return excused ? undefined : this.#reachableFrom;
  }

  /** When an event of this kind can happen at the earliest. */
  ready(kind: Kind): number {
    return kind === kinds.toClient ? Math.max(this.#until, this.#reachableFrom) : this.#until;
  }
}
