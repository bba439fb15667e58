import type { Alarm, Clock, Millis } from "../ports/clock.ts";

/**
 * Waits, or rejects with `signal.reason` at once when it is aborted. Leaves no timer and no listener behind. 0 ms still
 * gives the event loop a turn: an operation that fails at once and is tried for ever would otherwise shut out everything
 * else, the abort included.
 */
export async function sleep(ms: Millis, clock: Clock, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const aborted = (): void => { reject(signal?.reason); };
  signal?.addEventListener("abort", aborted, { once: true });
  let alarm: Alarm | undefined;
  if (ms > 0) alarm = clock.alarm(clock.now() + ms, resolve);
  else clock.turn(resolve);
  try {
    await promise;
  } finally {
    alarm?.cancel();
    signal?.removeEventListener("abort", aborted);
  }
}
