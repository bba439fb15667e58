import type { Alarm, Clock, Millis } from "../ports/clock.ts";

/**
 * One alarm for one owner. Asking for a later moment costs nothing: the alarm that is armed rings early, the owner looks at
 * its state and asks again. So a link needs one timer operation per interval, not one per frame.
 */
export class LazyAlarm {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #alarm: Alarm | undefined;
  #at: Millis = Infinity;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Makes sure that `wake` is called at `at` or earlier. `Infinity` is satisfied by any alarm and by none. */
  set(at: Millis): void {
    if (at >= this.#at) return;
    this.#alarm?.cancel();
    this.#at = at;
    this.#alarm = this.#clock.alarm(at, () => {
      this.#at = Infinity;
      this.#alarm = undefined;
      this.#wake();
    });
  }

  /** Lets go of the timer. */
  clear(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#at = Infinity;
  }
}
