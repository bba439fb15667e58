import { varintSize, writeVarint } from "./varint.ts";

/**
 * Messages are cut from slabs, one after the other, as core does for its own frames: a typed array of its own costs five times as much as a view.
 * Each region is given out once and a slab starts as zeros, so nothing old can leak to a peer. A frame is for sending: who keeps one keeps its slab.
 * In front of each there is room for its length, so frames that were made one after the other are a run of the stream of bytes that may carry them.
 */
const slabBytes = 16_384;
/** Longer frames get a buffer of their own, so that a slab is never thrown away half empty for one frame. Their lengths take two bytes. */
const longest = slabBytes / 4;

const encoder = new TextEncoder();
let slab = new Uint8Array(0);
/** Of the slab: a view of it is made without asking for it. */
let memory = slab.buffer;
let used = 0;
let scratch: Uint8Array | undefined;
/** What was given out last, and ends at `used`; and the room in front of it. */
let last: Uint8Array | undefined;
let headroom = 0;

/** Room for a frame of so many bytes, zeros. */
export function room(bytes: number): Uint8Array {
  if (bytes > longest) return new Uint8Array(bytes);
  const front = varintSize(bytes);
  if (used + front + bytes > slab.length) renew();
  return give(front, bytes);
}

/** The text as UTF-8, with room for `before` bytes, zeros, in front of it. Short texts are encoded straight into the slab. */
export function textBehind(before: number, text: string): Uint8Array {
  const most = before + text.length * 3;
  if (most > longest) return bytesBehind(before, encoded(text));
  const front = varintSize(before + text.length); // Enough, unless it grows past 127 bytes: most texts are ASCII.
  if (used + front + most > slab.length) renew();
  const { written } = encoder.encodeInto(text, slab.subarray(used + front + before));
  return give(front, before + written);
}

/** A copy of the bytes, with room for `before` bytes, zeros, in front of them. */
export function bytesBehind(before: number, bytes: Uint8Array): Uint8Array {
  const out = room(before + bytes.length);
  out.set(bytes, before);
  return out;
}

/** Writes the length of a frame in front of it, where it lies, and says where that begins in the slab. -1: it is not what was given out last, or there is no room. */
export function prefix(frame: Uint8Array): number {
  const size = varintSize(frame.length);
  if (frame !== last || size > headroom) return -1;
  const from = used - frame.length - size;
  writeVarint(slab, from, frame.length);
  return from;
}

/** The memory of the slab that frames are cut from now, and where the next one may begin. */
export function slabNow(): ArrayBuffer { return memory; }
export function slabEnd(): number { return used; }

/** Longer texts go through a buffer that is kept, and those that may not fit there through one of their own. */
function encoded(text: string): Uint8Array {
  if (text.length * 3 > 2 * slabBytes) return encoder.encode(text);
  scratch ??= new Uint8Array(2 * slabBytes);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function give(front: number, bytes: number): Uint8Array {
  const from = used + front;
  headroom = front;
  used = from + bytes;
  return (last = new Uint8Array(memory, from, bytes));
}

function renew(): void {
  slab = new Uint8Array(slabBytes);
  memory = slab.buffer;
  used = 0;
}
