/** Run to completion: one step at a time, what comes up meanwhile after it, and then `after`. */
export class Steps {
  readonly #after: () => void;
  #busy = false;
  readonly #tasks: (() => void)[] = [];

  constructor(after: () => void) {
    this.#after = after;
  }

  /** Runs it, after the step that is running. */
  run(task: () => void): void {
    if (!this.enter()) return this.later(task);
    try {
      task();
    } finally {
      this.leave();
    }
  }

  /** Begins a step that ends with `leave`. False: one is running; see `later`. For what happens too often to have a function made for it each time. */
  enter(): boolean {
    if (this.#busy) return false;
    return (this.#busy = true);
  }

  later(task: () => void): void {
    this.#tasks.push(task);
  }

  leave(): void {
    this.end();
    this.#after();
  }

  /** As `leave`, where `after` may have nothing to do. True: other steps followed this one. */
  end(): boolean {
    const more = this.#tasks.length > 0;
    while (this.#tasks.length > 0) this.#tasks.shift()?.();
    this.#busy = false;
    return more;
  }
}
