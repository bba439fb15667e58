import type { ChannelHandler, Frame } from "@holdfast/core";

const decoder = new TextDecoder();

/** Writes down what a channel says, in its order, and lets a test wait for it. */
export class Ear implements ChannelHandler {
  /** `frame …`, `drained`, `closed`, or `closed CODE`. */
  readonly heard: string[] = [];
  readonly bytes: Uint8Array[] = [];
  error: Error | undefined;
  #waiting: { enough: () => boolean; resolve: () => void }[] = [];
  readonly #onFrame: (frame: string) => void;

  constructor(onFrame: (frame: string) => void = () => {}) {
    this.#onFrame = onFrame;
  }

  get frames(): string[] {
    return this.heard.flatMap((line) => (line.startsWith("frame ") ? [line.slice(6)] : []));
  }

  frame(frame: Frame): void {
    if (typeof frame === "string") throw new Error("a transport of bytes gave text");
    const text = decoder.decode(frame);
    this.bytes.push(frame);
    this.#note(`frame ${text}`);
    this.#onFrame(text);
  }

  drained(): void {
    this.#note("drained");
  }

  pong(): void {
    this.#note("pong");
  }

  closed(error?: Error): void {
    this.error = error;
    this.#note(error === undefined ? "closed" : `closed ${"code" in error ? String(error.code) : error.message}`);
  }

  /** Resolves as soon as `enough` is true of what was heard. */
  until(enough: (heard: readonly string[]) => boolean): Promise<void> {
    if (enough(this.heard)) return Promise.resolve();
    return new Promise((resolve) => { this.#waiting.push({ enough: () => enough(this.heard), resolve }); });
  }

  end(): Promise<void> {
    return this.until((heard) => heard.some((line) => line.startsWith("closed")));
  }

  #note(line: string): void {
    this.heard.push(line);
    this.#waiting = this.#waiting.filter(({ enough, resolve }) => {
      const done = enough();
      if (done) resolve();
      return !done;
    });
  }
}
