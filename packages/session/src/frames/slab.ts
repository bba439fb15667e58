import type { Frame } from "@holdfast/core";
import { varintSize, writeVarint } from "./varint.ts";

/**
 * Messages are cut from slabs, one after the other, as core does for its own frames: a typed array of its own costs five times as much as a view.
 * Each region is given out once and a slab starts as zeros, so nothing old can leak to a peer. A frame is for sending: who keeps one keeps its slab.
 * In front of each there is room for its length, for a stream of bytes.
 */
const slabBytes = 16_384;
/** Longer frames get a buffer of their own, so that a slab is never thrown away half empty for one frame. Their lengths take two bytes. */
const longest = slabBytes / 4;
const headroom = 2;

const encoder = new TextEncoder();
let slab = new Uint8Array(0);
/** Of the slab: a view of it is made without asking for it. */
let memory = slab.buffer;
let used = 0;
let scratch: Uint8Array | undefined;
/** What was given out last, and ends at `used`. */
let last: Uint8Array | undefined;

/** Room for a frame of so many bytes, zeros. */
export function room(bytes: number): Uint8Array {
  if (bytes > longest) return new Uint8Array(bytes);
  if (used + headroom + bytes > slab.length) renew();
  return give(bytes);
}

/** The text as UTF-8, with room for `before` bytes, zeros, in front of it. Short texts are encoded straight into the slab. */
export function textBehind(before: number, text: string): Uint8Array {
  const most = before + text.length * 3;
  if (most > longest) return bytesBehind(before, encoded(text));
  if (used + headroom + most > slab.length) renew();
  const { written } = encoder.encodeInto(text, slab.subarray(used + headroom + before));
  return give(before + written);
}

/** A copy of the bytes, with room for `before` bytes, zeros, in front of them. */
export function bytesBehind(before: number, bytes: Uint8Array): Uint8Array {
  const out = room(before + bytes.length);
  out.set(bytes, before);
  return out;
}

/** The frame with its length in front, where it lies; undefined where it is not what was given out last. */
export function withLength(frame: Frame): Uint8Array | undefined {
  if (frame !== last) return undefined;
  const from = used - frame.length - varintSize(frame.length);
  writeVarint(slab, from, frame.length);
  return new Uint8Array(memory, from, used - from);
}

/** Longer texts go through a buffer that is kept, and those that may not fit there through one of their own. */
function encoded(text: string): Uint8Array {
  if (text.length * 3 > 2 * slabBytes) return encoder.encode(text);
  scratch ??= new Uint8Array(2 * slabBytes);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function give(bytes: number): Uint8Array {
  const from = used + headroom;
  used = from + bytes;
  return (last = new Uint8Array(memory, from, bytes));
}

function renew(): void {
  slab = new Uint8Array(slabBytes);
  memory = slab.buffer;
  used = 0;
}
