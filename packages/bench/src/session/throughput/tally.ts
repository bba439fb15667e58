import { tell } from "../../child.ts";
import type { Measured } from "./case.ts";

/** Counts messages; after a warm-up it measures, and tells the parent what it found. */
export class Tally {
  readonly #warm: number;
  readonly #total: number;
  #started: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;
  count = 0;

  constructor(warm: number, count: number) {
    this.#warm = warm;
    this.#total = warm + count;
  }

  /** Another round begins. */
  reset(): void {
    this.count = 0;
  }

  /** One more. True while more should follow. */
  next(): boolean {
    this.count += 1;
    if (this.count === this.#warm) this.#started = { at: performance.now(), cpu: process.cpuUsage() };
    if (this.count === this.#total) this.#tell();
    return this.count < this.#total;
  }

  #tell(): void {
    if (this.#started === undefined) return;
    const count = this.#total - this.#warm;
    const { user, system } = process.cpuUsage(this.#started.cpu);
    const measured: Measured = { micros: (user + system) / count, rate: count / ((performance.now() - this.#started.at) / 1_000) };
    tell(measured);
  }
}
