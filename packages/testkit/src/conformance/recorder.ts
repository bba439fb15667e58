import type { ChannelHandler, Frame, Millis } from "@holdfast/core";

/** A handler that writes down what it hears, and can be waited on. */
export class Recorder implements ChannelHandler {
  readonly frames: Frame[] = [];
  /** One entry per call of `closed`. More than one is a fault. */
  readonly ends: (Error | undefined)[] = [];
  /** What was called after `closed`. Anything here is a fault. */
  readonly late: string[] = [];
  drains = 0;
  pongs = 0;
  readonly #who: string;
  readonly #patience: Millis;
  readonly #react: (event: "frame" | "drained" | "pong" | "closed") => void;
  #look: (() => void) | undefined;

  /** `react` runs inside each callback, after it was written down. */
  constructor(who: string, patience: Millis, react: (event: "frame" | "drained" | "pong" | "closed") => void = () => undefined) {
    this.#who = who;
    this.#patience = patience;
    this.#react = react;
  }

  frame(frame: Frame): void {
    this.frames.push(frame);
    this.#heard("frame");
  }

  drained(): void {
    this.drains += 1;
    this.#heard("drained");
  }

  pong(): void {
    this.pongs += 1;
    this.#heard("pong");
  }

  closed(error?: Error): void {
    this.ends.push(error);
    this.#heard("closed");
  }

  get over(): boolean {
    return this.ends.length > 0;
  }

  /** Resolves once the condition holds; looks again at every callback. `what` completes the sentence "… was never …". */
  until(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#look = undefined;
        reject(new Error(`${this.#who} ${what} within ${this.#patience} ms; it heard ${this.#summary()}`));
      }, this.#patience);
      this.#look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#look = undefined;
        resolve();
      };
    });
  }

  /** Resolves when `closed` was called. */
  end(): Promise<void> {
    return this.until("was not told of the end (closed)", () => this.over);
  }

  /** Resolves when so many frames were heard. */
  count(frames: number): Promise<void> {
    return this.until(`did not hear ${frames} frames`, () => this.frames.length >= frames);
  }

  #heard(event: "frame" | "drained" | "pong" | "closed"): void {
    if (this.ends.length > (event === "closed" ? 1 : 0)) this.late.push(event);
    this.#react(event);
    this.#look?.();
  }

  #summary(): string {
    return `${this.frames.length} frames, ${this.drains} drained, ${this.pongs} pongs, ${this.ends.length} closed`;
  }
}
