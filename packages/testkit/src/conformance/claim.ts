import { isHoldfastError, type Frame, type HoldfastError } from "@holdfast/core";

/** The suite's only assertion: an `Error` with a sentence, which every test framework understands. */
export function claim(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}

/** Why the promise was rejected. Throws where it was not. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`${what} should have been rejected, but resolved with ${value === null ? "null" : typeof value}`);
}

export function claimHoldfastError(value: unknown, what: string): asserts value is HoldfastError {
  claim(isHoldfastError(value), `${what} should be a HoldfastError, got ${describe(value)}`);
}

/** The frames arrived whole, in order, and nothing else did. */
export function claimFrames(heard: readonly Frame[], expected: readonly Frame[], who: string): void {
  for (const [place, frame] of expected.entries()) {
    const got = heard[place];
    claim(got !== undefined, `${who} heard ${heard.length} frames of ${expected.length}; the first one missing has ${size(frame)}`);
    claim(equal(got, frame), `${who} heard frame ${place + 1} of ${expected.length} wrong: ${difference(got, frame)}`);
  }
  claim(heard.length === expected.length, `${who} heard ${heard.length} frames where ${expected.length} were sent; a frame may arrive at most once`);
}

/** A `Buffer` is a `Uint8Array` whose `slice` is a view: whoever copies a few bytes of it would keep all that they arrived in. */
export function claimPlain(frames: readonly Frame[], who: string): void {
  const views = frames.some((frame) => typeof frame !== "string" && frame.slice().buffer === frame.buffer);
  claim(!views, `${who} heard bytes whose slice() is no copy, as that of a Buffer: hand on new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)`);
}

export function describe(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}

function equal(one: Frame, other: Frame): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.byteLength === other.byteLength && one.every((byte, place) => byte === other[place]);
}

function difference(got: Frame, expected: Frame): string {
  if (typeof got !== typeof expected) return `expected ${kind(expected)}, got ${kind(got)}`;
  if (got.length !== expected.length) return `expected ${size(expected)}, got ${size(got)}`;
  return "the length is right, the content is not; were two frames swapped?";
}

const kind = (frame: Frame): string => typeof frame === "string" ? "a text (string)" : "bytes (Uint8Array)";
const size = (frame: Frame): string => typeof frame === "string" ? `${frame.length} characters` : `${frame.byteLength} bytes`;
