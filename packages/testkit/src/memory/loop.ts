import type { Alarm, Millis } from "@holdfast/core";

/** Where a network puts what is on its way. A `SimClock` is one. */
export interface Loop {
  now(): Millis;
  /** Calls `run` at `at` or later, never before it returns. */
  arrival(at: Millis, run: () => void): Alarm;
}

/** After so many microtasks in a row the timers of the event loop get a turn: two peers that answer each other for ever must not stop the world. */
const longestStreak = 1_000;

/** Real time without delays: everything arrives in a microtask. Its `now()` stands still, for nothing takes time. */
export class MicrotaskLoop implements Loop {
  #streak = 0;

  now(): Millis {
    return 0;
  }

  arrival(_at: Millis, run: () => void): Alarm {
    const alarm = { waiting: true, cancel: (): void => { alarm.waiting = false; } };
    const ring = (): void => { if (alarm.waiting) run(); };
    if (this.#streak < longestStreak) {
      this.#streak += 1;
      queueMicrotask(ring);
    } else {
      setTimeout(() => {
        this.#streak = 0;
        ring();
      }, 0);
    }
    return alarm;
  }
}
