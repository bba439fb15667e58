import { OptionError } from "../errors/option-error.ts";
import type { Millis } from "../ports/clock.ts";

/**
 * How long to wait before trying again. A value without memory: it is asked with the number of the attempt, so one value
 * serves any number of links.
 */
export interface Backoff {
  /**
   * The wait before a try, in ms.
   *
   * @param attempt 1 for the first wait after a failure, then 2, 3 … without end.
   * @param dice Chance, uniform in [0, 1), fresh at each call.
   */
  delay(attempt: number, dice: number): Millis;
}

/**
 * How chance spreads a wait `w`, always after the cap. Clients that lost the same server at the same moment come back
 * spread out only if the spread is still there once they all wait for `max`.
 *
 * - `full`: 0 … w, a mean of w/2. Spreads best; a single wait may be very short.
 * - `equal`: w/2 … w. Half as much spread, and never shorter than half the wait.
 * - `none`: w. All come back in the same instant: for tests and for a lone client.
 *
 * The first two are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export type Jitter = "full" | "equal" | "none";

export interface JitterOptions {
  /** How chance spreads each wait. Each function below names its default. */
  readonly jitter?: Jitter;
}

export interface ExponentialOptions extends JitterOptions {
  /**
   * The first wait, before jitter. 0 never grows: every wait is 0. Does not bound the first wait from below: full jitter
   * may make it shorter.
   * @default 250
   */
  readonly initial?: Millis;
  /**
   * The longest wait. Less than `initial` means that every wait is `max`. Does not end the attempts: they go on at this pace.
   * @default 8000
   */
  readonly max?: Millis;
  /**
   * What each wait is multiplied by to give the next. 1 keeps it constant.
   * @default 2
   */
  readonly factor?: number;
}

/**
 * Waits that grow: `initial`, `initial × factor`, `initial × factor²` … up to `max`. Jitter is `full` unless said otherwise.
 * The default starts where a person hardly notices (250 ms) and ends where a person still waits (8 s): that is how long an
 * outage may outlast itself.
 *
 * Throws an `OptionError` for a negative or infinite `initial` or `max`, and for a `factor` below 1.
 */
export function exponential({ initial = 250, max = 8_000, factor = 2, jitter = "full" }: ExponentialOptions = {}): Backoff {
  check("initial", initial);
  check("max", max);
  check("factor", factor, 1);
  // Bounded before it is multiplied: 0 × Infinity would be NaN from the thousandth attempt on.
  return backoff((attempt) => Math.min(max, initial * Math.min(factor ** (attempt - 1), Number.MAX_VALUE)), jitter);
}

/**
 * The same wait each time, in ms; 0 tries again at once. Jitter is `none` unless said otherwise.
 *
 * Throws an `OptionError` for a negative or infinite wait.
 */
export function constant(ms: Millis, { jitter = "none" }: JitterOptions = {}): Backoff {
  check("ms", ms);
  return backoff(() => ms, jitter);
}

/**
 * These waits in turn, in ms; the last one repeats for ever. Jitter is `none` unless said otherwise.
 *
 * Throws an `OptionError` for an empty list and for a negative or infinite wait.
 */
export function steps(waits: readonly Millis[], { jitter = "none" }: JitterOptions = {}): Backoff {
  const list = [...waits];
  if (list.length === 0) throw new OptionError("backoff.steps", "a list of at least one wait in ms", waits);
  list.forEach((ms, index) => check(`steps[${index}]`, ms));
  return backoff((attempt) => list[Math.min(attempt, list.length) - 1] ?? 0, jitter);
}

/**
 * Waits that a function decides. A negative wait counts as 0; one that is not a finite number counts as 30 s, because a slip
 * of the pen must neither hammer a server nor end the attempts (`maxAttempts` ends them). The function may not throw.
 *
 * Throws an `OptionError` where it is not a function.
 */
export function custom(wait: (attempt: number, dice: number) => Millis): Backoff {
  if (typeof wait !== "function") throw new OptionError("backoff.custom", "a function (attempt, dice) => ms", wait);
  return Object.freeze({
    delay: (attempt: number, dice: number): Millis => {
      const ms = wait(attempt, dice);
      return Number.isFinite(ms) ? Math.max(0, ms) : 30_000;
    },
  });
}

/**
 * The waits of Jupiter's `ConnectionWatchdog`, for clients that must keep its rhythm: 2 << n ms for n = 1 … 12, which is 4, 8,
 * 16 … 8192 ms, and 8192 ms from then on. Jitter is `none` unless said otherwise, as in the original.
 */
export function jupiter({ jitter = "none" }: JitterOptions = {}): Backoff {
  return backoff((attempt) => 2 << Math.min(attempt, 12), jitter);
}

function backoff(wait: (attempt: number) => Millis, jitter: Jitter): Backoff {
  // The share of the wait that chance decides: nothing, half or all of it.
  const share = ["none", "equal", "full"].indexOf(jitter) / 2;
  if (share < 0) throw new OptionError("backoff.jitter", "'full', 'equal' or 'none'", jitter);
  return Object.freeze({ delay: (attempt: number, dice: number): Millis => wait(attempt) * (1 - share + share * dice) });
}

function check(option: string, value: number, least = 0): void {
  if (!Number.isFinite(value) || value < least) throw new OptionError(`backoff.${option}`, `a finite number of at least ${least}`, value);
}
