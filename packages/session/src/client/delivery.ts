import type { Message } from "../frames/frame.ts";
import type { Receipt } from "./session-events.ts";

export type MessageHandler = (message: Message, about: Receipt) => unknown;

/** Who hears that a message was taken, and emits to listeners. */
export interface DeliveryOwner {
  emit(message: Message, about: Receipt): void;
  readonly listeners: number;
  handled(sequence: number, life: number): void;
  /** Nothing is given out any more, for now. */
  pumped(): void;
}

interface Item { readonly message: Message; readonly sequence: number; readonly life: number }
interface Asker { readonly reader: object; readonly resolve: (result: IteratorResult<Message, undefined>) => void; readonly reject: (error: Error) => void }

const done = { value: undefined, done: true } as const;
/** Most volatile messages that wait for somebody to read them; the others are bounded by the window. */
const mostVolatile = 64;

/**
 * Hands messages to the application, one at a time and in order, and says which it took: when the promise of its handler is kept, when `for await` asks for
 * the next one, or when the listeners have returned. A message that nobody wants yet waits, unacknowledged.
 */
export class Delivery {
  readonly #owner: DeliveryOwner;
  #queue: Item[] = [];
  #volatile = 0;
  #handler: MessageHandler | undefined;
  /** The message that a handler has, or that an iterator gave out last. */
  #held: Item | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #askers: Asker[] = [];
  #readers = 0;
  #stopped = false;
  #pumping = false;
  #end: { readonly error: Error | undefined } | undefined;

  constructor(owner: DeliveryOwner) {
    this.#owner = owner;
  }

  push(message: Message, sequence: number, life: number): void {
    if (sequence === 0 && this.#volatile >= mostVolatile) return;
    if (sequence === 0) this.#volatile += 1;
    this.#queue.push({ message, sequence, life });
  }

  /** Messages are being given out: what is sent, or taken, comes from inside of a listener. */
  get pumping(): boolean {
    return this.#pumping;
  }

  /** Gives out what waits, as far as somebody wants it. */
  pump(): void {
    if (this.#pumping) return; // A listener called back.
    this.#pumping = true;
    while (!this.#stopped && this.#held === undefined && this.#queue.length > 0 && this.#give()) { /* The next one. */ }
    this.#pumping = false;
    this.#owner.pumped();
  }

  receive(handler: MessageHandler): () => void {
    this.#handler = handler;
    this.pump();
    return () => { if (this.#handler === handler) this.#handler = undefined; };
  }

  /** Gives out nothing more. Resolves when the handler has done its work. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#held === undefined || this.#handler === undefined) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  /**
   * The session came to rest, or to its end. Readers end, or throw the error. What waits was never acknowledged: whoever has the session next gets it, so
   * it is not given out here, too.
   */
  halt({ error }: { readonly error: Error | undefined }): void {
    this.#end = { error };
    this.#queue = [];
    this.#volatile = 0;
    const askers = this.#askers;
    this.#askers = [];
    for (const asker of askers) {
      if (error) asker.reject(error);
      else asker.resolve(done);
    }
  }

  /** After a rest: new readers are welcome. */
  goOn(): void {
    this.#end = undefined;
    this.#stopped = false;
  }

  iterate(): AsyncIterableIterator<Message, undefined> {
    const reader = {};
    let live = true;
    this.#readers += 1;
    const leave = (): IteratorResult<Message, undefined> => {
      if (live) this.#readers -= 1;
      live = false;
      for (const asker of this.#askers) if (asker.reader === reader) asker.resolve(done);
      this.#askers = this.#askers.filter((asker) => asker.reader !== reader);
      this.#release();
      return done;
    };
    return {
      [Symbol.asyncIterator]() { return this; },
      next: () => (live ? this.#next(reader) : Promise.resolve(done)),
      return: () => Promise.resolve(leave()),
    };
  }

  #next(reader: object): Promise<IteratorResult<Message, undefined>> {
    this.#release();
    if (this.#end !== undefined) return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve(done);
    return new Promise((resolve, reject) => {
      this.#askers.push({ reader, resolve, reject });
      this.pump();
    });
  }

  /** What an iterator gave out last was taken: the next one is asked for, or the loop was left. */
  #release(): void {
    const held = this.#held;
    if (held === undefined || this.#handler !== undefined) return;
    this.#held = undefined;
    this.#took(held);
    this.pump();
  }

  /** False: nobody wants the oldest message now. */
  #give(): boolean {
    const item = this.#queue[0] as Item; // The caller has seen it.
    const about = { sequence: item.sequence };
    const handler = this.#handler;
    const asker = handler === undefined ? this.#askers.shift() : undefined;
    if (handler === undefined && asker === undefined && (this.#readers > 0 || this.#owner.listeners === 0)) return false;
    if (this.#queue.length === 1) this.#queue.pop(); // Much faster.
    else this.#queue.shift();
    if (item.sequence === 0) this.#volatile -= 1;
    if (this.#owner.listeners > 0) this.#owner.emit(item.message, about);
    if (handler !== undefined) this.#handle(handler, item, about);
    else if (asker === undefined) this.#took(item);
    else {
      this.#held = item;
      asker.resolve({ value: item.message, done: false });
    }
    return true;
  }

  #handle(handler: MessageHandler, item: Item, about: Receipt): void {
    this.#held = item;
    let result: unknown;
    try {
      result = handler(item.message, about);
    } catch (error) {
      return this.#failed(item, error);
    }
    if (!isThenable(result)) return this.#settled(item);
    result.then(() => { this.#settled(item); this.pump(); }, (error: unknown) => { this.#failed(item, error); });
  }

  #settled(item: Item): void {
    this.#held = undefined;
    this.#took(item);
    this.#idle?.resolve();
  }

  /** It did not take the message, so nobody says that it did: the message stays first in line for the next handler. */
  #failed(item: Item, error: unknown): void {
    this.#held = undefined;
    this.#handler = undefined;
    this.#queue.unshift(item);
    this.#idle?.resolve();
    queueMicrotask(() => { throw error; });
  }

  #took({ sequence, life }: Item): void {
    if (sequence > 0) this.#owner.handled(sequence, life);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
