import { HoldfastError, OptionError, type Alarm, type Clock, type Millis } from "@holdfast/core";
import { Agenda, type Entry } from "./agenda.ts";
import { untilDeep, untilQuiet } from "./microtasks.ts";

export interface SimClockOptions {
  /** What `now()` says at first, in ms. A clock that starts at 0 hides code which confuses "0" with "never". @default 1_000 */
  readonly start?: Millis;
  /** Ms by which the next alarm rings late, asked once per alarm: a loop that is never punctual. Does not delay arrivals. @default () => 0 */
  readonly lateness?: () => Millis;
  /**
   * How the `…Async` methods let promises run between two moments. `'quiet'`: until none is left, whatever the length of the chain
   * (about 1 µs). A number: so many links of a chain (about 0.05 µs each); what is longer goes on at a later moment of the simulation.
   * @default 'quiet'
   */
  readonly settle?: "quiet" | number;
}

/** So many iterations at one moment are a mistake, and without a limit an endless one. */
const longestStandstill = 100_000;

/**
 * A clock that a test owns. Nothing moves until it is told to; then it jumps from one moment at which something is due to the
 * next, so a simulated hour costs no time. Each moment runs as one iteration of an event loop like Node's: the alarms that are due, then
 * what arrived from the network, then the turns that were asked for.
 *
 * `advance`, `runUntil` and `runUntilIdle` are synchronous: no promise continues in between. Their `…Async` forms let promises
 * run after every moment; use those where the code under test awaits something.
 */
export class SimClock implements Clock {
  #now: Millis;
  readonly #lateness: (() => Millis) | undefined;
  readonly #settle: "quiet" | number;
  readonly #alarms: Agenda = new Agenda();
  readonly #arrivals: Agenda = new Agenda();
  #turns: (() => void)[] = [];
  readonly #batch: Entry[] = [];
  #running = false;
  #events = 0;
  /** Iterations since the time last moved. */
  #still = 0;

  constructor(options: SimClockOptions = {}) {
    this.#now = finite("start", options.start ?? 1_000);
    this.#lateness = options.lateness;
    this.#settle = options.settle ?? "quiet";
  }

  now(): Millis {
    return this.#now;
  }

  alarm(at: Millis, wake: () => void): Alarm {
    if (Number.isNaN(at)) throw new OptionError("at", "a moment in ms, or Infinity for never", at);
    return this.#alarms.add(this.#lateness === undefined ? at : at + this.#lateness(), wake);
  }

  turn(wake: () => void): void {
    this.#turns.push(wake);
  }

  /** For simulated networks: calls `run` at `at` or later, after the alarms and before the turns of that moment. */
  arrival(at: Millis, run: () => void): Alarm {
    return this.#arrivals.add(at, run);
  }

  /** Alarms that wait to ring. 0 after everything was closed, or somebody forgot to cancel one. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Arrivals on their way through a simulated network. */
  get arriving(): number {
    return this.#arrivals.size;
  }

  /** When something is due next; `now()` or earlier when it is due already, `Infinity` when nothing is. */
  get next(): Millis {
    if (this.#turns.length > 0) return this.#now;
    return Math.min(this.#alarms.first, this.#arrivals.first);
  }

  /** Alarms, arrivals and turns run so far. */
  get events(): number {
    return this.#events;
  }

  /** Lets `ms` pass. 0 runs what is due now. */
  advance(ms: Millis): void {
    this.runUntil(this.#now + atLeastZero("ms", ms));
  }

  /** Runs everything that is due up to and including `at`, which is the time afterwards. A moment that has passed counts as now. */
  runUntil(at: Millis): void {
    this.#enter();
    try {
      while (this.next <= at) this.#moment();
      if (at > this.#now) this.#now = at;
    } finally {
      this.#running = false;
    }
  }

  /**
   * Runs until nothing is due any more and returns how many events that took. Throws after `limit` of them (`HF_NOT_IDLE`): whatever
   * beats for ever, such as a heartbeat, never becomes idle.
   */
  runUntilIdle(options: { readonly limit?: number } = {}): number {
    const start = this.#events;
    this.#enter();
    try {
      while (this.next < Infinity) {
        this.#moment();
        this.#checkLimit(start, options.limit);
      }
    } finally {
      this.#running = false;
    }
    return this.#events - start;
  }

  /** As `advance`, and promises continue after every moment. */
  advanceAsync(ms: Millis): Promise<void> {
    return this.runUntilAsync(this.#now + atLeastZero("ms", ms));
  }

  /** As `runUntil`, and promises continue after every moment. */
  async runUntilAsync(at: Millis): Promise<void> {
    this.#enter();
    try {
      await this.#settled();
      while (this.next <= at) {
        this.#moment();
        await this.#settled();
      }
      if (at > this.#now) this.#now = at;
    } finally {
      this.#running = false;
    }
  }

  /** As `runUntilIdle`, and promises continue after every moment. */
  async runUntilIdleAsync(options: { readonly limit?: number } = {}): Promise<number> {
    const start = this.#events;
    this.#enter();
    try {
      await this.#settled();
      while (this.next < Infinity) {
        this.#moment();
        this.#checkLimit(start, options.limit);
        await this.#settled();
      }
    } finally {
      this.#running = false;
    }
    return this.#events - start;
  }

  /**
   * The event loop sleeps for `ms`: a debugger, a long computation, a closed lid. The time jumps and nothing runs; with the next
   * `advance` (0 will do) all alarms that fell due ring late, and only then arrives what the network brought in the meantime. Inside a
   * callback it means that this callback took so long.
   */
  stall(ms: Millis): void {
    this.#now += atLeastZero("ms", ms);
  }

  /** One iteration of the loop, at the next moment something is due. */
  #moment(): void {
    const at = this.next;
    if (at > this.#now) {
      this.#now = at;
      this.#still = 0;
    } else if ((this.#still += 1) > longestStandstill) {
      throw notIdle(`the simulated time stands still at ${this.#now} after ${longestStandstill} iterations: something asks again and again to be called at once; look for an alarm at now()`);
    }
    if (this.#alarms.first <= this.#now) this.#ring();
    if (this.#arrivals.first <= this.#now) this.#runDue(this.#arrivals);
    if (this.#turns.length > 0) this.#runTurns();
  }

  /** Alarms that ring while one of them stalls the loop ring before the sockets are read, as in Node. */
  #ring(): void {
    let now: Millis;
    do {
      now = this.#now;
      this.#runDue(this.#alarms);
    } while (now !== this.#now);
  }

  /** What is added while it runs waits for the next iteration, even when it is due already: as on a real loop. */
  #runDue(agenda: Agenda): void {
    const batch = this.#batch;
    while (agenda.first <= this.#now) batch.push(agenda.take());
    let done = 0;
    try {
      while (done < batch.length) {
        const entry = batch[done++] as Entry; // done < length.
        if (entry.cancelled) continue;
        this.#events += 1;
        entry.run();
      }
    } finally {
      // Only after a throw: the others keep their turn.
      while (done < batch.length) {
        const entry = batch[done++] as Entry; // done < length.
        if (!entry.cancelled) agenda.put(entry);
      }
      batch.length = 0;
    }
  }

  #runTurns(): void {
    const turns = this.#turns;
    this.#turns = [];
    let done = 0;
    try {
      for (const wake of turns) {
        done += 1;
        this.#events += 1;
        wake();
      }
    } finally {
      if (done < turns.length) this.#turns = [...turns.slice(done), ...this.#turns];
    }
  }

  #enter(): void {
    if (this.#running) throw new HoldfastError("HF_CLOCK_RUNNING", "the simulated clock is running already: a callback must not advance it, and two runs must not overlap; await the first one", { next: "stop" });
    this.#running = true;
  }

  #checkLimit(start: number, limit = 100_000): void {
    if (this.#events - start < limit) return;
    throw notIdle(`the simulation is still busy after ${limit} events (${this.pending} alarms and ${this.arriving} arrivals wait): something beats for ever; close it first, or run for a time with advance()`);
  }

  #settled(): Promise<void> {
    return this.#settle === "quiet" ? untilQuiet() : untilDeep(this.#settle);
  }
}

function notIdle(message: string): HoldfastError {
  return new HoldfastError("HF_NOT_IDLE", message, { next: "stop" });
}

function finite(option: string, value: number): number {
  if (!Number.isFinite(value)) throw new OptionError(option, "a finite number of ms", value);
  return value;
}

function atLeastZero(option: string, value: Millis): Millis {
  if (!(value >= 0)) throw new OptionError(option, "0 or more ms", value);
  return value;
}
