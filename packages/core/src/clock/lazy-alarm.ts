import type { Alarm, Clock, Millis } from "../ports/clock.ts";

/**
 * One alarm for one owner. Asking for a later moment costs nothing: the alarm that is armed rings early, the owner looks at
 * its state and asks again. So a link needs one timer operation per interval, not one per frame.
 *
 * `wake` is called with the owner, if there is one: so one function serves all owners, where each would need a closure of its own.
 */
export class LazyAlarm<Owner = undefined> {
  readonly #clock: Clock;
  readonly #wake: (owner: Owner) => void;
  readonly #owner: Owner;
  #alarm: Alarm | undefined;
  #at: Millis = Infinity;
  #ring: (() => void) | undefined;

  constructor(clock: Clock, wake: (owner: Owner) => void, owner?: Owner) {
    this.#clock = clock;
    this.#wake = wake;
    this.#owner = owner as Owner; // Whoever gives none has a `wake` that takes none.
  }

  /** Makes sure that `wake` is called at `at` or earlier. `Infinity` lets go of the timer. */
  set(at: Millis): void {
    if (at === Infinity) this.clear();
    if (at >= this.#at) return;
    this.#alarm?.cancel();
    this.#at = at;
    this.#ring ??= this.#rang.bind(this); // Half as heavy as an arrow function.
    this.#alarm = this.#clock.alarm(at, this.#ring);
  }

  /**
   * Rings up to `slack` before `at`, at a moment that other owners with the same slack choose, too: where thousands of them wait, they
   * wake the process a few times instead of thousands of times. Unlike `set` it takes back an earlier alarm, at the price of a timer
   * operation.
   */
  about(at: Millis, slack: Millis): void {
    const moment = Math.floor(at / slack) * slack;
    if (moment > this.#at) this.clear();
    this.set(moment);
  }

  /** Lets go of the timer. */
  clear(): void {
    this.#alarm?.cancel();
    this.#alarm = this.#ring = undefined;
    this.#at = Infinity;
  }

  #rang(): void {
    this.#alarm = undefined;
    this.#at = Infinity;
    this.#wake(this.#owner);
  }
}
