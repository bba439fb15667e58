import pRetry from "p-retry";
import { systemClock } from "../clock/system-clock.ts";
import { HoldfastError, isHoldfastError } from "../errors/holdfast-error.ts";
import { OptionError } from "../errors/option-error.ts";
import { constant, type Backoff } from "../policy/backoff.ts";
import type { Clock, Millis, Random } from "../ports/clock.ts";
import { oneTry, type Try } from "./one-try.ts";
import { sleep } from "./sleep.ts";

/** A try that failed while others are left. */
export interface FailedTry {
  readonly error: Error;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Tries that may still follow, 1 or more. */
  readonly retriesLeft: number;
}

export interface RetryOptions {
  /**
   * Tries after the first one: 2 means three tries in all. 0 tries once; `Infinity` never gives up by itself.
   * @default 2
   */
  readonly retries?: number;
  /**
   * How long to wait before each retry. An error that carries `retryAfter` may make the wait longer, never shorter.
   * @default no wait, as calls are retried in Apache Dubbo
   */
  readonly backoff?: Backoff;
  /**
   * Ms for each try by itself; more than 0, `Infinity` for no limit. Does not limit the tries taken together: pass
   * `AbortSignal.timeout(ms)` as `signal` for that.
   * @default Infinity
   */
  readonly timeout?: Millis;
  /** Ends everything at once, also a try or a wait that is under way: `retry` rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /**
   * False: no further try, the error is final. Not asked when no try is left, nor for errors with `next: 'stop'`, which are
   * final anyway. Where it throws, that error is the result.
   * @default every error is worth another try
   */
  readonly shouldRetry?: (failed: FailedTry) => boolean;
  /** Told before each wait, with its length. Where it throws, that error is the result. */
  readonly onRetry?: (failed: FailedTry & { readonly delay: Millis }) => void;
  /** @default the clock of the machine */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/**
 * Runs an operation until it succeeds, at most 1 + `retries` times, and rejects with the last error as it was thrown. For
 * operations: a call, a lookup, a `listen` on a busy port. A link needs no `retry` around it; it redials by itself.
 *
 * A try that exceeds `timeout` fails with a `TimeoutError` (`outcome: 'unknown'`) and is tried again like any other, so give a
 * timeout to operations that may safely run twice. Whatever is thrown that is no `Error` becomes the `cause` of a
 * `HoldfastError` with the code `HF_NOT_AN_ERROR`.
 *
 * Throws an `OptionError` for an option that makes no sense.
 */
export function retry<T>(operation: (turn: Try) => PromiseLike<T> | T, options: RetryOptions = {}): Promise<T> {
  const { retries = 2, backoff = constant(0), timeout = Infinity, clock = systemClock, random = Math.random } = options;
  const settings = { ...options, retries, backoff, timeout, clock, random };
  validate(operation, settings);
  return run(operation, settings);
}

type Settings = RetryOptions & Required<Pick<RetryOptions, "retries" | "backoff" | "timeout" | "clock" | "random">>;

async function run<T>(operation: (turn: Try) => PromiseLike<T> | T, settings: Settings): Promise<T> {
  const { retries, signal } = settings;
  const once = (attempt: number): Promise<T> =>
    oneTry(operation, attempt, settings).catch((error: unknown) => { throw new Failure(asError(error)); });
  try {
    // p-retry counts. The waits are ours: its own use the global timer, and its jitter vanishes at the cap.
    return await pRetry(once, {
      retries, signal, minTimeout: 0, maxTimeout: 0, factor: 1, maxRetryTime: Infinity, randomize: false, unref: false,
      onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => beforeNext({ error: unwrap(error), attempt: attemptNumber, retriesLeft }, settings),
      shouldRetry: () => true, shouldConsumeRetry: () => true,
    });
  } catch (error) {
    throw unwrap(error);
  }
}

/**
 * Decides about the next try, and waits for it. It all happens in this one callback: p-retry asks its `shouldRetry` only
 * after the wait. It calls this one after the last try, too.
 */
async function beforeNext(failed: FailedTry, { backoff, random, shouldRetry, onRetry, clock, signal }: Settings): Promise<void> {
  const { error, attempt, retriesLeft } = failed;
  if (retriesLeft === 0) return;
  const known = isHoldfastError(error);
  if ((known && error.next === "stop") || shouldRetry?.(failed) === false) throw error;
  const asked = known && Number.isFinite(error.retryAfter) ? error.retryAfter : 0;
  const delay = Math.max(asked, backoff.delay(attempt, random()));
  onRetry?.({ ...failed, delay });
  await sleep(delay, clock, signal);
}

/** Carries an error past p-retry, which gives up at a `TypeError` and unpacks errors of its own kind. */
class Failure extends Error {
  readonly error: Error;

  constructor(error: Error) {
    super();
    this.error = error;
  }
}

function unwrap<E>(error: E): E | Error {
  return error instanceof Failure ? error.error : error;
}

function asError(value: unknown): Error {
  if (value instanceof Error) return value;
  return new HoldfastError("HF_NOT_AN_ERROR", "the operation failed with a value that is no Error (see `cause`): throw an Error, so that its stack says where", { cause: value });
}

function validate(operation: unknown, { retries, backoff, timeout, signal, shouldRetry, onRetry }: Settings): void {
  if (typeof operation !== "function") throw new OptionError("operation", "a function ({ signal, attempt }) => result", operation);
  if (retries !== Infinity && !(Number.isInteger(retries) && retries >= 0)) throw new OptionError("retries", "an integer of at least 0, or Infinity", retries);
  if (!(typeof timeout === "number" && timeout > 0)) throw new OptionError("timeout", "a number of ms above 0, or Infinity", timeout);
  if (typeof backoff?.delay !== "function") throw new OptionError("backoff", "a backoff such as exponential() or constant(100)", backoff);
  // Not instanceof: a signal of another realm will do.
  if (signal !== undefined && typeof signal.throwIfAborted !== "function") throw new OptionError("signal", "an AbortSignal", signal);
  for (const [option, given] of Object.entries({ shouldRetry, onRetry })) {
    if (given !== undefined && typeof given !== "function") throw new OptionError(option, "a function", given);
  }
}
