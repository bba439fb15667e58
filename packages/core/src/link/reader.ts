/** How a reader slows the channel down, and where a message goes that nobody can hold. */
export interface ReaderFlow<In> {
  /** False where the transport cannot pause. */
  pause(): boolean;
  resume(): void;
  unread(message: In): void;
}

/** Where `for await (const message of link)` reads from. Bounded: above the high-water mark the channel is asked to pause. */
export class Reader<In> {
  readonly #highWater: number;
  readonly #flow: ReaderFlow<In>;
  #queue: In[] = [];
  #waiting: ((result: IteratorResult<In, undefined>) => void)[] = [];
  #fail: ((error: Error) => void)[] = [];
  #users = 0;
  #paused = false;
  #end: { readonly error: Error | undefined } | undefined;

  constructor(highWater: number, flow: ReaderFlow<In>) {
    this.#highWater = highWater;
    this.#flow = flow;
  }

  get active(): boolean {
    return this.#users > 0;
  }

  /** A message for the iterators. Where the transport cannot pause, what exceeds the mark is handed to `unread`. */
  push(message: In): void {
    const settle = this.#waiting.shift();
    if (settle) {
      this.#fail.shift();
      settle({ value: message, done: false });
      return;
    }
    // A pause is a request: what was already read still arrives, so a paused queue may exceed the mark a little.
    if (this.#queue.length >= this.#highWater && !this.#paused) this.#paused = this.active && this.#flow.pause();
    if (this.#queue.length >= this.#highWater && !this.#paused) this.#flow.unread(message);
    else this.#queue.push(message);
  }

  /** A fresh channel is not paused yet. */
  renew(): void {
    if (this.#paused) this.#paused = this.#flow.pause();
  }

  end(error: Error | undefined): void {
    if (this.#end) return;
    this.#end = { error };
    for (const [index, settle] of this.#waiting.entries()) {
      if (error) this.#fail[index]?.(error);
      else settle({ value: undefined, done: true });
    }
    this.#waiting = [];
    this.#fail = [];
  }

  iterate(): AsyncIterableIterator<In, undefined> {
    this.#users += 1;
    let live = true;
    const leave = (): IteratorResult<In, undefined> => {
      if (live) this.#users -= 1;
      live = false;
      this.#release(0);
      return { value: undefined, done: true };
    };
    return {
      [Symbol.asyncIterator]() { return this; },
      next: () => (live ? this.#next() : Promise.resolve({ value: undefined, done: true })),
      return: () => Promise.resolve(leave()),
    };
  }

  #next(): Promise<IteratorResult<In, undefined>> {
    if (this.#queue.length > 0) {
      const value = this.#queue.shift() as In; // There is one: the length was just read.
      this.#release(this.#highWater / 2);
      return Promise.resolve({ value, done: false });
    }
    if (this.#end) return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      this.#fail.push(reject);
    });
  }

  #release(below: number): void {
    if (!this.#paused || (this.active && this.#queue.length > below)) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
