import type { Frame } from "./channel.ts";

/** How a stream of bytes is cut into frames. One value serves many channels. */
export interface Framing {
  /** A fresh framer for one channel, so half a packet dies with the channel it arrived on. */
  start(maxFrameBytes: number): Framer;
}

/** The two directions of one channel. */
export interface Framer {
  /** The bytes that carry one frame. Throws a `FrameError` (`whose: 'local'`) when the frame is too long to be carried. */
  wrap(frame: Frame): Uint8Array;
  /**
   * Takes the bytes as they arrived and calls `whole` for each frame they complete. A frame may be a view into `chunk`: it
   * stays valid, but whoever keeps a small one keeps the chunk alive. Throws a `FrameError` (`whose: 'remote'`) on a frame
   * longer than `maxFrameBytes`, before any memory is set aside for it.
   */
  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void;
}
