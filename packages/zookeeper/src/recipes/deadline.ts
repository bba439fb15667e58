import { systemClock, type Millis } from "@holdfast/core";

export interface WaitOptions {
  /** Gives up waiting: rejects with `signal.reason`. Nothing of ours stays behind. */
  readonly signal?: AbortSignal;
}

/** Gives some work one signal for both: the caller's, and its time, after which it is aborted with what `late` makes. */
export async function within<T>({ signal, timeout }: WaitOptions & { readonly timeout: Millis }, late: () => Error, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const aborted = (): void => { own.abort(signal?.reason); };
  if (signal?.aborted === true) aborted();
  signal?.addEventListener("abort", aborted, { once: true });
  const alarm = systemClock.alarm(systemClock.now() + timeout, () => { own.abort(late()); });
  try {
    return await work(own.signal);
  } finally {
    alarm.cancel();
    signal?.removeEventListener("abort", aborted);
  }
}

/** Rejects with `signal.reason` as soon as it is aborted. What the promise becomes later is nobody's business. */
export function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const give = (): void => { reject(signal.reason); };
  if (signal.aborted) give();
  signal.addEventListener("abort", give, { once: true });
  return Promise.race([promise, aborted]).finally(() => { signal.removeEventListener("abort", give); });
}
