import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import { envelope } from "./envelope.ts";
import type { CountingFramer } from "./unfinished.ts";

/**
 * No framing: each chunk of bytes is handed on as it comes, cut where it is longer than `maxFrameBytes`. The network may join
 * and split what was sent, so this is for protocols that find the boundaries themselves. A frame of zero bytes leaves no trace
 * on the wire.
 */
export function raw(): Framing {
  return { start: (maxFrameBytes) => new RawFramer(maxFrameBytes) };
}

class RawFramer implements CountingFramer {
  /** Any end is an orderly one: only the protocol knows better. */
  readonly unfinished = 0;
  readonly #max: number;

  constructor(maxFrameBytes: number) {
    this.#max = maxFrameBytes;
  }

  wrap(frame: Frame): Uint8Array {
    return envelope(frame, 0, this.#max); // A copy, so that the caller may reuse its buffer, as with every other framing.
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    if (chunk.length > 0 && chunk.length <= this.#max) return whole(chunk);
    for (let at = 0; at < chunk.length; at += this.#max) whole(chunk.subarray(at, at + this.#max));
  }
}
