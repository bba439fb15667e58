import type { Alarm, Clock, Millis } from "../ports/clock.ts";

/** A longer delay makes setTimeout fire at once, so longer waits are cut in pieces. */
const longest = 2 ** 31 - 1;

/** The clock of the machine: `performance.now` and the event loop's own timers. The only place in core that touches them. */
export const systemClock: Clock = {
  now: () => performance.now(),
  alarm: (at, wake) => new SystemAlarm(at, wake),
  turn: (wake) => {
    // Two rounds: the first may still belong to the iteration whose poll phase is over.
    soon(() => { soon(wake); });
  },
};

const immediate = (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate;
const soon: (run: () => void) => void = immediate === undefined ? (run) => { setTimeout(run, 0); } : (run) => { immediate(run); };

/** Alarms of one millisecond share a timer: links that beat together cost one timer operation, not one each. */
const bells = new Map<Millis, Bell>();

class Bell {
  readonly #moment: Millis;
  readonly #alarms: SystemAlarm[] = [];
  #timer: ReturnType<typeof setTimeout>;
  #waiting = 0;

  constructor(moment: Millis) {
    this.#moment = moment;
    this.#timer = this.#start();
  }

  join(alarm: SystemAlarm): void {
    this.#alarms.push(alarm);
    this.#waiting += 1;
  }

  /** One is cancelled. The last one lets go of the timer. */
  leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    clearTimeout(this.#timer);
    bells.delete(this.#moment);
  }

  #start(): ReturnType<typeof setTimeout> {
    // Rounded up: a timer of Node may fire up to a millisecond early, and whoever it wakes would arm it a second time.
    const delay = Math.ceil(Math.max(0, this.#moment - performance.now()));
    return setTimeout(() => { this.#ring(delay > longest); }, Math.min(longest, delay));
  }

  #ring(more: boolean): void {
    if (more) {
      this.#timer = this.#start();
      return;
    }
    bells.delete(this.#moment);
    for (const alarm of this.#alarms) alarm.ring();
  }
}

class SystemAlarm implements Alarm {
  readonly #bell: Bell | undefined;
  #wake: (() => void) | undefined;

  constructor(at: Millis, wake: () => void) {
    if (at === Infinity) return;
    this.#wake = wake;
    const moment = Math.ceil(at);
    let bell = bells.get(moment);
    if (bell === undefined) bells.set(moment, (bell = new Bell(moment)));
    this.#bell = bell;
    bell.join(this);
  }

  cancel(): void {
    if (this.#wake === undefined) return;
    this.#wake = undefined;
    this.#bell?.leave();
  }

  /** Whoever throws hurts none of the others: the error surfaces as an uncaught one. */
  ring(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    try {
      wake?.();
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}
