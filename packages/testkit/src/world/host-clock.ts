import type { Alarm, Clock, Millis } from "@holdfast/core";
import type { SimClock } from "../clock/sim-clock.ts";
import type { Loop } from "../memory/loop.ts";

/** Something that one host waits for. */
class Task implements Alarm {
  readonly run: () => void;
  inner: Alarm | undefined;
  cancelled = false;

  constructor(run: () => void) {
    this.run = run;
  }

  cancel(): void {
    this.cancelled = true;
    this.inner?.cancel();
  }
}

/**
 * The event loop of one host, from boot to crash. It can be frozen (SIGSTOP, a garbage collection, a debugger): what falls due
 * meanwhile waits, and afterwards all late alarms ring before anything is read, as on Node. It can be killed: then nothing of it
 * ever runs again.
 */
export class HostClock implements Clock, Loop {
  readonly #clock: SimClock;
  #state: "running" | "frozen" | "dead" = "running";
  #late: { readonly alarms: Task[]; readonly arrivals: Task[]; readonly turns: Task[] } = { alarms: [], arrivals: [], turns: [] };

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  now(): Millis {
    return this.#clock.now();
  }

  alarm(at: Millis, wake: () => void): Alarm {
    const task = new Task(wake);
    if (this.#state !== "dead") task.inner = this.#clock.alarm(at, () => { this.#due(task, this.#late.alarms); });
    return task;
  }

  arrival(at: Millis, run: () => void): Alarm {
    const task = new Task(run);
    if (this.#state !== "dead") task.inner = this.#clock.arrival(at, () => { this.#due(task, this.#late.arrivals); });
    return task;
  }

  turn(wake: () => void): void {
    const task = new Task(wake);
    this.#clock.turn(() => { this.#due(task, this.#late.turns); });
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  thaw(): void {
    if (this.#state === "frozen") this.#clock.alarm(this.#clock.now(), () => { this.#catchUp(); });
  }

  kill(): void {
    this.#state = "dead";
    this.#late = { alarms: [], arrivals: [], turns: [] };
  }

  #due(task: Task, late: Task[]): void {
    if (task.cancelled || this.#state === "dead") return;
    if (this.#state === "frozen") late.push(task);
    else task.run();
  }

  #catchUp(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    const { alarms, arrivals, turns } = this.#late;
    this.#late = { alarms: [], arrivals: [], turns: [] };
    for (const task of alarms) this.#due(task, this.#late.alarms);
    // In order, and after the alarms: this moment's arrivals come behind its alarms.
    for (const task of arrivals) this.#clock.arrival(this.#clock.now(), () => { this.#due(task, this.#late.arrivals); });
    for (const task of turns) this.#clock.turn(() => { this.#due(task, this.#late.turns); });
  }
}
