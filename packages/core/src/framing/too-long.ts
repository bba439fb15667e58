import { FrameError } from "../errors/frame-error.ts";

/** `HF_FRAME_TOO_LONG`. A peer that sends one is likely to do so again, so the link tries another endpoint first. */
export function tooLong(whose: "local" | "remote", bytes: number, maxBytes: number): FrameError {
  const what = whose === "local" ? `this frame has ${bytes} bytes` : `the peer sends a frame of ${bytes} bytes or more`;
  const advice = whose === "local" ? "send less at once, or raise `maxFrameBytes` on both sides" : "raise `maxFrameBytes`, or check that both sides use the same framing";
  return new FrameError("HF_FRAME_TOO_LONG", whose, `${what}, and the limit is ${maxBytes}: ${advice}`, { next: "elsewhere" });
}
