import { LazyAlarm } from "../clock/lazy-alarm.ts";
import { systemClock } from "../clock/system-clock.ts";
import { OptionError } from "../errors/option-error.ts";
import { tokenAt, tokenTaken, type FullAt, type TokenBucket } from "../policy/token-bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { DialLimiter } from "../ports/limiter.ts";

export interface DialLimiterOptions {
  /** Dials that may begin per second, of all links together. More than 0; 0.1 is one in ten seconds. Does not bound how many are under way. */
  readonly perSecond: number;
  /**
   * Dials that may begin at once after a pause. A whole number of at least 1. 1: they are 1 s / `perSecond` apart, always, and a timer
   * that rings a millisecond late makes them fewer. @default what comes in within 50 ms, at least 1
   */
  readonly burst?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** A limiter that can be looked at. */
export interface SharedLimiter extends DialLimiter {
  /** Dials that wait for their turn. A link has one of them at most, so there are never more than there are links. */
  readonly waiting: number;
}

/**
 * A token bucket that any number of links share: `new Link({ limiter, … })`. Dials that find no token wait in the order in which
 * they came, so every link has its turn before another has its second. Without `limiter` a process with 500 links that lost one
 * server dials as 500 clients do.
 *
 * Throws an `OptionError` for a rate that is not a finite number above 0 and for a `burst` that is not a whole number of at least 1.
 */
export function dialLimiter({ perSecond, burst = Math.max(1, Math.ceil(perSecond / 20)), clock = systemClock }: DialLimiterOptions): SharedLimiter {
  if (!Number.isFinite(perSecond) || perSecond <= 0) throw new OptionError("limiter.perSecond", "a finite number of dials greater than 0", perSecond);
  if (!Number.isInteger(burst) || burst < 1) throw new OptionError("limiter.burst", "a whole number of at least 1", burst);
  return new Queue({ perSecond, burst }, clock);
}

class Queue implements SharedLimiter {
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #alarm: LazyAlarm;
  /** In order of arrival. */
  readonly #waiting = new Set<() => void>();
  #fullAt: FullAt = -Infinity;

  constructor(bucket: TokenBucket, clock: Clock) {
    this.#bucket = bucket;
    this.#clock = clock;
    this.#alarm = new LazyAlarm(clock, () => { this.#serve(); });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  turn(signal: AbortSignal): Promise<void> | undefined {
    // Nobody overtakes those who wait, even where their alarm is late.
    return this.#waiting.size === 0 && this.#take() ? undefined : this.#wait(signal);
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(come);
      if (this.#waiting.size === 0) this.#alarm.clear();
      reject(signal.reason as Error); // Whatever the caller aborted with.
    };
    const come = (): void => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.add(come);
    this.#alarm.set(tokenAt(this.#bucket, this.#fullAt));
    return promise;
  }

  #serve(): void {
    for (const come of this.#waiting) {
      if (!this.#take()) break;
      this.#waiting.delete(come);
      come();
    }
    if (this.#waiting.size > 0) this.#alarm.set(tokenAt(this.#bucket, this.#fullAt));
  }

  #take(): boolean {
    const now = this.#clock.now();
    if (now < tokenAt(this.#bucket, this.#fullAt)) return false;
    this.#fullAt = tokenTaken(this.#bucket, this.#fullAt, now);
    return true;
  }
}
