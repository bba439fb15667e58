import type { Readable } from "node:stream";
import type { Framer } from "@holdfast/core";

/** Pulls frames out of a stream of bytes. Begins, and goes on after a pause, with `resume()`. */
export class FrameReader {
  readonly #stream: Readable;
  readonly #framer: Framer;
  readonly #frame: (frame: Uint8Array) => void;
  readonly #failed: (error: Error) => void;
  #paused = true;

  /** `failed` gets a `FrameError` when the bytes make no frame. */
  constructor(stream: Readable, framer: Framer, frame: (frame: Uint8Array) => void, failed: (error: Error) => void) {
    this.#stream = stream;
    this.#framer = framer;
    this.#frame = frame;
    this.#failed = failed;
    // Not `data`: when a child exits, Node lets its output flow, paused or not, and what nobody listens to is lost.
    stream.on("readable", () => { this.#read(); });
  }

  pause(): void { this.#paused = true; }

  /** Never calls back from inside. */
  resume(): void {
    this.#paused = false;
    queueMicrotask(() => { this.#read(); });
  }

  #read(): void {
    while (!this.#paused) {
      const chunk = this.#stream.read() as Buffer | null; // A stream without an encoding gives bytes.
      if (chunk === null) return;
      try {
        this.#framer.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), this.#frame); // Frames are no Buffers.
      } catch (error) {
        this.#failed(error as Error); // From the framer: handlers of frames do not throw.
      }
    }
  }
}
