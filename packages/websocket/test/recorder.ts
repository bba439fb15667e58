import type { ChannelHandler, Frame } from "@holdfast/core";

/** A handler that writes down what it is told, and lets a test wait for what it needs. */
export class Recorder implements ChannelHandler {
  readonly frames: Frame[] = [];
  /** What came, in order: `frame`, `drained`, `pong`, `closed`. */
  readonly log: string[] = [];
  /** One entry per `closed`. */
  readonly ends: (Error | undefined)[] = [];
  readonly #waiting = new Set<() => void>();

  frame(frame: Frame): void {
    this.frames.push(frame);
    this.#note("frame");
  }

  drained(): void {
    this.#note("drained");
  }

  pong(): void {
    this.#note("pong");
  }

  closed(error?: Error): void {
    this.ends.push(error);
    this.#note("closed");
  }

  /** Frames as text, whatever they came as. */
  get texts(): string[] {
    return this.frames.map((frame) => (typeof frame === "string" ? frame : new TextDecoder().decode(frame)));
  }

  count(event: string): number {
    return this.log.filter((entry) => entry === event).length;
  }

  /** Resolves once `event` came `times` times. */
  async until(event: "frame" | "drained" | "pong" | "closed", times = 1): Promise<void> {
    if (this.count(event) >= times) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.count(event) < times) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** The error of the end, once there is one. */
  async end(): Promise<Error | undefined> {
    await this.until("closed");
    return this.ends[0];
  }

  #note(event: string): void {
    this.log.push(event);
    for (const look of this.#waiting) look();
  }
}
