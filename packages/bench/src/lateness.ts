const every = 5;

/** How late the loop of this process was, in ms: what it adds to every promise about time. */
export class LoopLateness {
  readonly #timer: NodeJS.Timeout;
  #due = performance.now() + every;
  #worst = 0;
  #total = 0;

  constructor() {
    this.#timer = setInterval(() => {
      this.#look();
      const late = performance.now() - this.#due;
      if (late > every) this.#total += late;
      this.#due = performance.now() + every;
    }, every);
  }

  /** At one moment: for a promise that hangs on one timer. */
  get worst(): number {
    this.#look(); // A tick may be overdue at this very moment.
    return this.#worst;
  }

  /** In sum, without what any timer is late: for a promise about steps of which each waits for the one before. */
  get total(): number {
    return this.#total;
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.worst;
  }

  #look(): void {
    this.#worst = Math.max(this.#worst, performance.now() - this.#due);
  }
}
