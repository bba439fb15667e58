/** Milliseconds: the only unit of time in holdfast. Fractions are allowed. */
export type Millis = number;

/** A number in [0, 1), fresh at each call; `Math.random` is one. */
export type Random = () => number;

/** A wake-up that was asked for. */
export interface Alarm {
  /** Takes the wake-up back. Harmless when it has already rung. */
  cancel(): void;
}

/** Where time comes from. Everything in holdfast that waits takes one, so that a test can own time. */
export interface Clock {
  /** Monotonic time since some fixed moment. Never wall time: it does not jump when somebody sets the clock. */
  now(): Millis;
  /** Calls `wake` once, at `at` or later. `Infinity` never rings. */
  alarm(at: Millis, wake: () => void): Alarm;
  /**
   * Calls `wake` after the sockets were read once. Event loops run timers before they read, so whoever must
   * judge a silence from inside a late timer asks for a turn first.
   */
  turn(wake: () => void): void;
}
