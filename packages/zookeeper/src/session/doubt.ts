import type { Clock, Millis } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";

/** What is asked, and whom to ask. */
export interface Doubtful {
  /** When the oldest request that has no answer was sent; undefined where all have. */
  readonly waitingSince: Millis | undefined;
  /** How long a request may wait without a doubt. */
  readonly patience: Millis;
  /** The server shall show that it is alive. */
  probe(): void;
}

/**
 * Doubts a server that leaves a request unanswered. Pings are answered at once, whatever else a server has to do, so a ping tells a slow
 * request from a dead server: a frozen one is found long before the next regular ping is due, and an idle session pings no more than others.
 */
export class Doubt {
  readonly #clock: Clock;
  readonly #subject: Doubtful;
  readonly #alarm: LazyAlarm;

  constructor(clock: Clock, subject: Doubtful) {
    this.#clock = clock;
    this.#subject = subject;
    this.#alarm = new LazyAlarm(clock, () => { this.#look(); });
  }

  /** Requests wait again, after none did. */
  begin(): void {
    this.#alarm.set(this.#clock.now() + this.#subject.patience);
  }

  end(): void {
    this.#alarm.clear();
  }

  #look(): void {
    const { waitingSince, patience } = this.#subject;
    if (waitingSince === undefined) return; // The next request begins anew.
    const now = this.#clock.now();
    const overdue = now >= waitingSince + patience;
    if (overdue) this.#subject.probe();
    this.#alarm.set(overdue ? now + patience : waitingSince + patience);
  }
}
