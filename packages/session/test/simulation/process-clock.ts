import type { Alarm, Clock, Millis } from "@holdfast/core";
import type { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { World } from "./world.ts";

/** The clock of one process: nothing rings while it stands still, and nothing at all once it has died. */
export class ProcessClock implements Clock {
  readonly #world: World;
  readonly #process: Process;

  constructor(world: World, process: Process) {
    this.#world = world;
    this.#process = process;
  }

  now(): Millis {
    return this.#world.now;
  }

  alarm(at: Millis, wake: () => void): Alarm {
    let set = true;
    this.#world.after(Math.max(0, at - this.#world.now), ranks.alarm, this.#process, () => { if (set) wake(); });
    return { cancel: () => { set = false; } };
  }

  turn(wake: () => void): void {
    this.#world.after(0, ranks.turn, this.#process, wake);
  }
}
