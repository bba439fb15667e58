/** Bounds the dials of all links that share it. `dialLimiter` of `@holdfast/core/limiter` makes one; write your own to bound them otherwise. */
export interface DialLimiter {
  /**
   * Asked before every dial. Undefined: dial at once. A promise: dial when it resolves. It rejects with `signal.reason` when the link no
   * longer wants to dial, and for no other reason. The wait is no failure: `dialTimeout` counts from its end.
   */
  turn(signal: AbortSignal): Promise<void> | undefined;
}
