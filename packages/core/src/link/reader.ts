/** How a reader slows the channel down, and where a message goes that nobody can hold. */
export interface ReaderFlow<In> {
  /** False where the transport cannot pause. */
  pause(): boolean;
  resume(): void;
  unread(message: In): void;
}

type Result<In> = IteratorResult<In, undefined>;
/** Somebody who asked for the next message before there was one. */
interface Asker<In> { readonly reader: object; readonly resolve: (result: Result<In>) => void; readonly reject: (error: Error) => void }

const done = { value: undefined, done: true } as const;

/** Where `for await (const message of link)` reads from. Bounded: above the high-water mark the channel is asked to pause. */
export class Reader<In> {
  readonly #highWater: number;
  readonly #flow: ReaderFlow<In>;
  #queue: In[] = [];
  #askers: Asker<In>[] = [];
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
    const asker = this.#askers.shift();
    if (asker) {
      asker.resolve({ value: message, done: false });
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
    for (const { resolve, reject } of this.#askers) {
      if (error) reject(error);
      else resolve(done);
    }
    this.#askers = [];
  }

  iterate(): AsyncIterableIterator<In, undefined> {
    this.#users += 1;
    let live = true;
    const reader = {};
    const leave = (): Result<In> => {
      if (live) this.#users -= 1;
      live = false;
      for (const asker of this.#askers) if (asker.reader === reader) asker.resolve(done);
      this.#askers = this.#askers.filter((asker) => asker.reader !== reader);
      this.#release(0);
      return done;
    };
    return {
      [Symbol.asyncIterator]() { return this; },
      next: () => (live ? this.#next(reader) : Promise.resolve(done)),
      return: () => Promise.resolve(leave()),
    };
  }

  #next(reader: object): Promise<Result<In>> {
    if (this.#queue.length > 0) {
      const value = this.#queue.shift() as In; // There is one: the length was just read.
      this.#release(this.#highWater / 2);
      return Promise.resolve({ value, done: false });
    }
    if (this.#end) return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve(done);
    return new Promise((resolve, reject) => { this.#askers.push({ reader, resolve, reject }); });
  }

  #release(below: number): void {
    if (!this.#paused || (this.active && this.#queue.length > below)) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
