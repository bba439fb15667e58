import type { Framer, Framing } from "@holdfast/core";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...encoder.encode(part)])));
}

export function text(frame: Uint8Array): string {
  return decoder.decode(frame);
}

/** Pushes the chunks and returns copies of the frames, so that a view into a buffer that changes later is noticed. */
export function read(framer: Framer, ...chunks: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) framer.push(chunk, (frame) => { frames.push(frame); });
  return frames.map((frame) => frame.slice());
}

/** The bytes of all frames on the wire. */
export function wire(framing: Framing, frames: readonly (Uint8Array | string)[], maxFrameBytes = 1 << 20): Uint8Array {
  const framer = framing.start(maxFrameBytes);
  return join(frames.map((frame) => framer.wrap(frame)));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Cuts at the given places (taken modulo the length), in their order. */
export function split(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => stream.slice(from, cuts[index] ?? stream.length));
}

/** What `work` allocates and copies in typed arrays, counted rather than timed. */
export function cost(work: () => void): { allocated: number; copied: number } {
  const Real = globalThis.Uint8Array;
  const original = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Real.prototype), "set") as PropertyDescriptor;
  const counted = { allocated: 0, copied: 0 };
  globalThis.Uint8Array = new Proxy(Real, {
    construct(target, given: [unknown, ...unknown[]], self: Function) {
      if (typeof given[0] === "number") counted.allocated += given[0];
      return Reflect.construct(target, given, self === globalThis.Uint8Array ? target : self) as Uint8Array;
    },
  });
  Real.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
    counted.copied += source.length;
    original.value.call(this, source, at);
  };
  try {
    work();
  } finally {
    globalThis.Uint8Array = Real;
    delete (Real.prototype as Partial<Uint8Array>).set; // The own one; %TypedArray%.prototype still has the real one.
  }
  return counted;
}
