import { TimeoutError } from "../errors/timeout-error.ts";
import type { Clock, Millis } from "../ports/clock.ts";

/** What an operation is told about the try it is in. */
export interface Try {
  /** Aborted when this try has run out of time, or when the caller has given up. Pass it on, so that no work goes on unseen. */
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
}

interface Bounds {
  readonly timeout: Millis;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Runs an operation once. Settles with the operation, its timeout or the caller's abort, whichever is first; what the
 * operation does later is ignored. Leaves no timer and no listener behind.
 *
 * Not `AbortSignal.any`: it ties each try to the caller's signal for as long as that signal lives.
 */
export function oneTry<T>(operation: (turn: Try) => PromiseLike<T> | T, attempt: number, { timeout, clock, signal }: Bounds): Promise<T> {
  const own = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = (reason: unknown): void => {
    own.abort(reason);
    reject(reason);
  };
  const aborted = (): void => { giveUp(signal?.reason); };
  signal?.addEventListener("abort", aborted, { once: true });
  const alarm = clock.alarm(clock.now() + timeout, () => {
    giveUp(new TimeoutError(`try ${attempt} had no result after ${timeout} ms; the operation may have been carried out all the same. Raise \`timeout\` if it needs longer`));
  });
  // Async, so that an operation that throws at once is a failed try as well.
  void (async () => operation({ signal: own.signal, attempt }))().then(resolve, reject);
  return promise.finally(() => {
    alarm.cancel();
    signal?.removeEventListener("abort", aborted);
  });
}
