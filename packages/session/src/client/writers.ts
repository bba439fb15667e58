import { TimeoutError, type Clock, type Millis } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";

export interface SessionWriteOptions {
  readonly signal?: AbortSignal;
  /** Longest wait for room in ms; then `write` rejects with a `TimeoutError` and the message was not taken. @default Infinity */
  readonly timeout?: Millis;
}
interface Writer { readonly message: Message; readonly settle: (error?: unknown) => void }

/** Those who wait for room in the outbox, in order. */
export class Writers {
  readonly #clock: Clock;
  #waiting: Writer[] = [];
  #pumping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get some(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when `admit` took the message. Rejects with what it threw, with `signal.reason`, or after `timeout`. */
  async wait(message: Message, { signal, timeout = Infinity }: SessionWriteOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: unknown): void => {
      this.#waiting = this.#waiting.filter((other) => other !== writer);
      alarm.cancel();
      signal?.removeEventListener("abort", aborted);
      if (error === undefined) resolve();
      else reject(error);
    };
    const writer: Writer = { message, settle };
    const aborted = (): void => { settle(signal?.reason); };
    const alarm = this.#clock.alarm(this.#clock.now() + timeout, () => { settle(new TimeoutError(`the outbox of the session had no room for ${timeout} ms: the message was not taken`)); });
    signal?.addEventListener("abort", aborted, { once: true });
    this.#waiting.push(writer);
    await promise;
  }

  /** Lets them in, as far as `admit` says true. */
  pump(admit: (message: Message) => boolean): void {
    if (this.#pumping) return; // Whoever sends looks here afterwards.
    this.#pumping = true;
    for (let writer = this.#waiting[0]; writer !== undefined; writer = this.#waiting[0]) {
      try {
        if (!admit(writer.message)) break;
        writer.settle();
      } catch (error) {
        writer.settle(error);
      }
    }
    this.#pumping = false;
  }

  end(error: Error): void {
    for (const writer of this.#waiting.slice()) writer.settle(error);
  }
}
