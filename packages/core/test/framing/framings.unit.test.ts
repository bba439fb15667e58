import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameError, type Framer, type Framing } from "@holdfast/core";
import { delimiter, lengthPrefix, lines, unfinished, varint } from "@holdfast/core/framing";
import { cost, join, read, split, wire } from "./stream.ts";

const max = 300;
const anyBytes = fc.uint8Array({ maxLength: max });
const without = (...unwanted: readonly number[]): fc.Arbitrary<Uint8Array> => anyBytes.map((frame) => frame.filter((byte) => !unwanted.includes(byte)));
/** Complete packets: two bytes, a length field that wrap fills in, the rest. */
const packets = fc.uint8Array({ minLength: 5, maxLength: max });

const framings: readonly [name: string, framing: Framing, frames: fc.Arbitrary<Uint8Array>][] = [
  ["varint()", varint(), anyBytes],
  ["lengthPrefix()", lengthPrefix(), anyBytes],
  ["lengthPrefix({ bytes: 3, endian: 'little' })", lengthPrefix({ bytes: 3, endian: "little" }), anyBytes],
  ["lengthPrefix({ bytes: 3, adjustment: -3 })", lengthPrefix({ bytes: 3, adjustment: -3 }), anyBytes],
  ["lengthPrefix({ bytes: 3, offset: 2 })", lengthPrefix({ bytes: 3, offset: 2 }), packets],
  ["lines()", lines(), without(10, 13)],
  ["lines({ ending: '\\r\\n' })", lines({ ending: "\r\n" }), without(10, 13)],
  ["delimiter('\\0')", delimiter("\0"), without(0)],
  ["delimiter('aab')", delimiter("aab"), fc.uint8Array({ maxLength: max, min: 96, max: 97 })],
];

/** Feeds the chunks until one is refused. */
function survive(framer: Framer, chunks: readonly Uint8Array[]): { longest: number; held: number; error?: FrameError } {
  const seen = { longest: 0, held: 0 };
  for (const chunk of chunks) {
    try {
      framer.push(chunk, (frame) => { seen.longest = Math.max(seen.longest, frame.length); });
    } catch (error) {
      if (error instanceof FrameError) return { ...seen, error };
      throw error;
    }
    seen.held = Math.max(seen.held, unfinished(framer));
  }
  return seen;
}

describe.each(framings)("%s", (_name, framing, frames) => {
  it("gives the same frames however the stream is split", () => {
    fc.assert(fc.property(fc.array(frames, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (sent, places) => {
      const framer = framing.start(max);
      const wrapped = sent.map((frame) => framer.wrap(frame).slice());
      const expected = read(framing.start(max), ...wrapped);
      expect(read(framer, ...split(join(wrapped), places))).toEqual(expected);
      expect(expected.length).toBe(sent.length);
      expect(unfinished(framer)).toBe(0);
    }), { numRuns: 150 });
  });

  it("counts the bytes of half a frame, until it is whole", () => {
    fc.assert(fc.property(frames, fc.nat(), (frame, place) => {
      const stream = wire(framing, [frame], max);
      const cut = 1 + (place % stream.length);
      const framer = framing.start(max);
      const whole = read(framer, stream.subarray(0, cut)).length === 1;
      expect(whole).toBe(cut === stream.length);
      expect(unfinished(framer)).toBe(whole ? 0 : cut);
    }), { numRuns: 100 });
  });

  it("ends on garbage with a remote FrameError or goes on, and never holds more than maxFrameBytes and a header", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), fc.array(fc.nat(), { maxLength: 20 }), (garbage, places) => {
      const { longest, held, error } = survive(framing.start(max), split(garbage, places));
      expect(longest).toBeLessThanOrEqual(max);
      expect(held).toBeLessThanOrEqual(max + 5);
      expect([undefined, "remote elsewhere"]).toContain(error && `${error.whose} ${error.next}`);
    }), { numRuns: 150 });
  });

  it("copies a frame that arrives byte by byte at most three times", () => {
    const size = 1 << 20;
    const frame = new Uint8Array(size).fill(0x60);
    const stream = wire(framing, [frame], size);
    const framer = framing.start(size);
    let frames = 0;
    const { allocated, copied } = cost(() => {
      for (let at = 0; at < stream.length; at++) framer.push(stream.subarray(at, at + 1), () => { frames++; });
    });
    expect(frames).toBe(1);
    expect(copied).toBeLessThanOrEqual(3 * stream.length);
    expect(allocated).toBeLessThanOrEqual(3 * stream.length);
  });

  it("allocates nothing and copies nothing for the frames that a chunk holds whole", () => {
    const stream = wire(framing, Array.from({ length: 100 }, () => new Uint8Array(50).fill(0x60)), max);
    const framer = framing.start(max);
    const frames: Uint8Array[] = [];
    const spent = cost(() => { framer.push(stream, (frame) => { frames.push(frame); }); });
    expect(spent).toEqual({ allocated: 0, copied: 0 });
    expect(frames.length).toBe(100);
    expect(frames.every((frame) => frame.buffer === stream.buffer)).toBe(true);
  });

  it("refuses to wrap a frame longer than maxFrameBytes", () => {
    const frame = new Uint8Array(max + 1).fill(0x60);
    const framer = framing.start(max);
    for (const given of [frame, new TextDecoder().decode(frame)]) {
      expect(() => framer.wrap(given)).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
    }
    expect(framer.wrap(frame.subarray(1)).length).toBeGreaterThanOrEqual(max);
  });

  it("leaves the caller's buffer as it was, and is not changed by it later", () => {
    const frame = new Uint8Array(20).fill(0x60);
    const wrapped = framing.start(max).wrap(frame);
    const before = wrapped.slice();
    expect(frame).toEqual(new Uint8Array(20).fill(0x60));
    frame.fill(1);
    expect(wrapped).toEqual(before);
  });
});

it("encodes text as UTF-8, short or long, one buffer after the other", () => {
  for (const size of [0, 1, 40, 41, 130, 1300, 1400, 5000, 20_000]) {
    const message = "é€😀a".repeat(size).slice(0, size);
    for (const framing of [varint(), lengthPrefix(), lines(), delimiter("\0")]) {
      const framer = framing.start(1 << 20);
      const wrapped = [framer.wrap(message), framer.wrap("x"), framer.wrap(message)];
      expect(read(framer, ...wrapped).map((frame) => new TextDecoder().decode(frame))).toEqual(["x", "x", "x"].map((other, index) => (index === 1 ? other : message.toWellFormed())));
    }
  }
});
