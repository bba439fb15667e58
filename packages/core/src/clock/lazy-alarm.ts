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
  #ring: (() => void) | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Makes sure that `wake` is called at `at` or earlier. `Infinity` lets go of the timer. */
  set(at: Millis): void {
    if (at === Infinity) this.clear();
    if (at >= this.#at) return;
    this.#alarm?.cancel();
    this.#at = at;
    this.#ring ??= () => {
      this.#alarm = undefined;
      this.#at = Infinity;
      this.#wake();
    };
    this.#alarm = this.#clock.alarm(at, this.#ring);
  }

  /** Lets go of the timer. */
  clear(): void {
    this.#alarm?.cancel();
    this.#alarm = this.#ring = undefined;
    this.#at = Infinity;
  }
}
