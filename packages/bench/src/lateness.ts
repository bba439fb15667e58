const every = 5;

/** How late the loop of this process was at worst, in ms: what it adds to every promise about time. */
export class LoopLateness {
  readonly #timer: NodeJS.Timeout;
  #due = performance.now() + every;
  #worst = 0;

  constructor() {
    this.#timer = setInterval(() => {
      this.#look();
      this.#due = performance.now() + every;
    }, every);
  }

  get worst(): number {
    this.#look(); // A tick may be overdue at this very moment.
    return this.#worst;
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.worst;
  }

  #look(): void {
    this.#worst = Math.max(this.#worst, performance.now() - this.#due);
  }
}
