import type { Frame, Line } from "@holdfast/core";
import { asHoldfast } from "@holdfast/core/engine";

/**
 * The frames of one channel that have arrived and are not read yet. They are read when the code that brought them has returned, so all that came in one chunk
 * together: a transport that parses and a session that reads then take turns by the chunk and not by the frame, and each finds its own code at hand. Over
 * WebSocket that is a seventh of the CPU time of a message (`npm run bench session-throughput`). At most a chunk waits.
 */
export class Arrivals {
  readonly #line: Line<never>;
  readonly #read: (frames: readonly Frame[]) => void;
  #frames: Frame[] = [];

  /** `read` gets at least one frame. What it throws ends the channel. */
  constructor(line: Line<never>, read: (frames: readonly Frame[]) => void) {
    this.#line = line;
    this.#read = read;
  }

  push(frame: Frame): void {
    if (this.#frames.push(frame) === 1) queueMicrotask(() => { this.flush(); });
  }

  /** Reads what waits now, since what is told next came after it. Throws nothing. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    try {
      this.#read(frames);
    } catch (error) {
      this.#line.fail(asHoldfast(error, "a frame of the session could not be read"));
    }
  }
}
