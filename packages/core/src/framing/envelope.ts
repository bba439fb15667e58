import type { Frame } from "../ports/channel.ts";
import { tooLong } from "./too-long.ts";

/**
 * Outgoing frames are cut from slabs, one after the other, as Node does for its small buffers: a typed array of its own costs
 * five times as much as a view. Each region is given out once and a slab starts as zeros, so nothing old can leak to a peer.
 */
const slabBytes = 16_384;
/** Longer frames get a buffer of their own, so that a slab is never thrown away half empty for one frame. */
const longest = slabBytes / 4;

const encoder = new TextEncoder();
let slab = new Uint8Array(0);
let used = 0;

/** Room for an outgoing frame of so many bytes. */
export function room(bytes: number): Uint8Array {
  if (!(bytes <= longest)) return new Uint8Array(bytes); // No number, where a message is no frame: in the slab it would spoil every frame after it.
  if (used + bytes > slab.length) renew();
  return slab.subarray(used, (used += bytes));
}

/**
 * A copy of the frame, text as UTF-8, with room for `after` bytes behind it. Throws a `FrameError` (`HF_FRAME_TOO_LONG`) for a frame
 * of more than `maxBytes`; text has at least as many bytes as units of UTF-16, so little is encoded in vain.
 */
export function envelope(frame: Frame, after: number, maxBytes: number): Uint8Array {
  if (frame.length > maxBytes) throw tooLong("local", frame.length, maxBytes);
  if (typeof frame === "string") return encode(frame, after, maxBytes);
  const out = room(frame.length + after);
  out.set(frame);
  return out;
}

/** Encodes straight into the slab. One unit of UTF-16 makes at most three bytes. */
function encode(text: string, after: number, maxBytes: number): Uint8Array {
  const most = text.length * 3 + after;
  if (most > longest) return envelope(encoder.encode(text), after, maxBytes);
  if (used + most > slab.length) renew();
  const { written } = encoder.encodeInto(text, slab.subarray(used));
  if (written > maxBytes) throw tooLong("local", written, maxBytes);
  return slab.subarray(used, (used += written + after));
}

function renew(): void {
  slab = new Uint8Array(slabBytes);
  used = 0;
}
