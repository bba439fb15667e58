import type { Clock, Millis } from "@holdfast/core";

/**
 * The time of what arrives together. Hundreds of frames come in one piece, and to ask the clock for each costs more than to count them: so it is asked once,
 * and again when the code that is running has returned. A listener that takes its time makes what comes after it seem earlier, never later.
 */
export class Moment {
  readonly #clock: Clock;
  readonly #forget: () => void;
  #at: Millis | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#forget = () => { this.#at = undefined; };
  }

  get now(): Millis {
    return this.#at ?? this.#ask();
  }

  #ask(): Millis {
    queueMicrotask(this.#forget);
    return (this.#at = this.#clock.now());
  }
}
