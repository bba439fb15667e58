import type { Frame, Framing } from "@holdfast/core";
import { unfinished, varint, type CountingFramer } from "@holdfast/core/framing";
import { withLength } from "./slab.ts";

/** How frames travel on a stream of bytes: their length as a LEB128 number, and the bytes. The frame that was made last gets its length where it lies, not in a copy. */
export function sessionFraming(): Framing {
  return { start: (maxFrameBytes) => new SessionFramer(maxFrameBytes) };
}

class SessionFramer implements CountingFramer {
  readonly #max: number;
  readonly #copying: ReturnType<Framing["start"]>;

  constructor(maxFrameBytes: number) {
    this.#max = maxFrameBytes;
    this.#copying = varint().start(maxFrameBytes);
  }

  get unfinished(): number {
    return unfinished(this.#copying);
  }

  wrap(frame: Frame): Uint8Array {
    const lies = frame.length <= this.#max ? withLength(frame) : undefined; // Longer ones are refused below.
    return lies ?? this.#copying.wrap(frame);
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    this.#copying.push(chunk, whole);
  }
}
