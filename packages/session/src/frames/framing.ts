import type { Frame, Framing } from "@holdfast/core";
import { unfinished, varint, type CountingFramer } from "@holdfast/core/framing";

/**
 * How frames travel on a stream of bytes: their length as a LEB128 number, and the bytes. A run of frames that have their lengths already travels as it is.
 * One for all channels of a session, or of a keeper.
 */
export class SessionFraming implements Framing {
  /** The frame that was wrapped last, and the longest that its framer takes: whoever sent just that one knows that its channel is a stream. */
  wrapped: Frame | undefined;
  longest = 0;
  /** Is not wrapped. */
  run: Frame | undefined;

  start(maxFrameBytes: number): CountingFramer {
    return new SessionFramer(this, maxFrameBytes);
  }
}

class SessionFramer implements CountingFramer {
  readonly #framing: SessionFraming;
  readonly #max: number;
  readonly #copying: ReturnType<Framing["start"]>;

  constructor(framing: SessionFraming, maxFrameBytes: number) {
    this.#framing = framing;
    this.#max = maxFrameBytes;
    this.#copying = varint().start(maxFrameBytes);
  }

  get unfinished(): number {
    return unfinished(this.#copying);
  }

  wrap(frame: Frame): Uint8Array {
    const framing = this.#framing;
    if (frame === framing.run && typeof frame !== "string") return frame;
    framing.wrapped = frame;
    framing.longest = this.#max;
    return this.#copying.wrap(frame);
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    this.#copying.push(chunk, whole);
  }
}
