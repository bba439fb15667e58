import { getEventListeners } from "node:events";
import type { Alarm, Clock, Millis } from "../../src/ports/clock.ts";

/** A clock that is moved by hand, and that knows what was asked of it. */
export class HandClock implements Clock {
  #now: Millis = 0;
  readonly #alarms = new Map<object, { readonly at: Millis; readonly wake: () => void }>();
  /** Turns that were asked for and given. */
  turns = 0;

  now(): Millis {
    return this.#now;
  }

  alarm(at: Millis, wake: () => void): Alarm {
    const key = {};
    if (at < Infinity) this.#alarms.set(key, { at, wake });
    return { cancel: () => { this.#alarms.delete(key); } };
  }

  turn(wake: () => void): void {
    this.turns += 1;
    setImmediate(wake);
  }

  /** Moments at which an alarm is to ring, earliest first. */
  get pending(): readonly Millis[] {
    return [...this.#alarms.values()].map(({ at }) => at).toSorted((a, b) => a - b);
  }

  /** Moves time on, rings what falls due on the way, and lets all that follows from it happen. */
  async advance(ms: Millis): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#alarms.delete(due.key);
      this.#now = due.at;
      due.wake();
      await settled();
    }
    this.#now = end;
  }

  #next(end: Millis): { key: object; at: Millis; wake: () => void } | undefined {
    const due = [...this.#alarms].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at)[0];
    return due && { key: due[0], ...due[1] };
  }
}

/** Every promise that can settle without a timer has settled. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

/** Listeners for `abort` that hang on a signal. */
export function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}
