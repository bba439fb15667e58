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

class SystemAlarm implements Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(at: Millis, wake: () => void) {
    this.#arm(at, wake);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #arm(at: Millis, wake: () => void): void {
    if (at === Infinity) return;
    const delay = Math.max(0, at - performance.now());
    // Rounded up: a timer of Node may fire up to a millisecond early and would then be armed twice.
    this.#timer = setTimeout(delay > longest ? () => { this.#arm(at, wake); } : wake, Math.min(longest, Math.ceil(delay)));
  }
}
