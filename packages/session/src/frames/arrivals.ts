import type { Frame } from "@holdfast/core";

/**
 * The frames of one channel that have arrived and are not read yet. They are read when the code that brought them has returned, so all that came in one chunk
 * together: a transport that parses and a session that reads then take turns by the chunk and not by the frame, and each finds its own code at hand. Over
 * WebSocket that is a seventh of the CPU time of a message (`npm run bench session-throughput`). At most a chunk waits.
 */
export class Arrivals {
  readonly #read: (frames: readonly Frame[]) => void;
  #frames: Frame[] = [];

  /** `read` gets at least one frame, and throws nothing. */
  constructor(read: (frames: readonly Frame[]) => void) {
    this.#read = read;
  }

  push(frame: Frame): void {
    if (this.#frames.push(frame) === 1) queueMicrotask(() => { this.flush(); });
  }

  /** Reads what waits now, since what is told next came after it. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#read(frames);
  }
}
