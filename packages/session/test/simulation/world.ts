import type { Clock } from "@holdfast/core";
import { seededRandom, type SeededRandom } from "@holdfast/testkit";
import { Chronicle } from "./chronicle.ts";
import type { Plan } from "./plan.ts";
import type { Process } from "./process.ts";
import { Queue } from "./queue.ts";
import { Violation } from "./violation.ts";

/** A schedule has a few hundred; one in a million has over 20 000, where every tenth message fails and all others travel again, in pieces of 256 bytes. */
const mostEvents = 100_000;

/** Time, chance, and what happens next. */
export class World {
  readonly plan: Plan;
  readonly random: SeededRandom;
  readonly chronicle: Chronicle;
  readonly queue: Queue = new Queue();
  /** For the store. */
  readonly clock: Clock;
  now = 0;
  events = 0;
  /** What a computer on the wall shows, above `now`. */
  wall = 1_700_000_000_000;
  #wires = 0;

  constructor(plan: Plan, options: { readonly traced: boolean }) {
    this.plan = plan;
    this.random = seededRandom(plan.seed + 2 ** 32).fork();
    this.chronicle = new Chronicle(options);
    this.clock = { now: () => this.now, alarm: () => ({ cancel: () => {} }), turn: () => {} };
  }

  /** The number of a new wire. */
  wire(): number {
    return (this.#wires += 1);
  }

  after(delay: number, rank: number, owner: Process | undefined, run: () => void): void {
    this.queue.add({ at: this.now + delay, rank, order: 0, owner, life: owner?.life ?? 0, run });
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** Runs what happens until then. */
  runUntil(end: number): void {
    while (this.queue.next <= end) {
      const next = this.queue.take();
      if (next === undefined) break;
      this.now = Math.max(this.now, next.at);
      const { owner } = next;
      if (owner !== undefined && owner.life !== next.life) continue;
      if (owner !== undefined && owner.pausedUntil > this.now) {
        next.at = owner.pausedUntil;
        this.queue.putOff(next);
        continue;
      }
      this.events += 1;
      if (this.events > mostEvents) throw new Violation("I14", `more than ${mostEvents} events: something goes round in circles`);
      next.run();
    }
    this.now = Math.max(this.now, end);
  }
}
