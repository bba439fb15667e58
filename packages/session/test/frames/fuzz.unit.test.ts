import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@holdfast/testkit";
import { Assembler, noPieces } from "../../src/frames/data.ts";
import { decode } from "../../src/frames/decode.ts";
import { encode } from "../../src/frames/encode.ts";
import type { SessionFrame } from "../../src/frames/frame.ts";
import { samples } from "../vectors/samples.ts";

const originals = Object.values(samples).map(encode);
const below = (random: () => number, limit: number): number => Math.floor(random() * limit);

/** What a broken, hostile or misled peer may make of a frame. */
function mutated(random: () => number): Uint8Array {
  const frame = Uint8Array.from(originals[below(random, originals.length)] ?? []);
  const other = originals[below(random, originals.length)] ?? frame;
  switch (below(random, 6)) {
    case 0: return frame.subarray(0, below(random, frame.length + 1));
    case 1: return Uint8Array.of(...frame, ...other.subarray(below(random, other.length)));
    case 2: return Uint8Array.of(...frame.subarray(0, below(random, frame.length)), ...other.subarray(below(random, other.length)));
    case 3: return Uint8Array.from({ length: below(random, 60) }, () => below(random, 256));
    case 4: frame[below(random, frame.length)] = [0, 1, 0x7f, 0x80, 0xff][below(random, 5)] ?? 0; return frame;
    default:
      for (let flips = 1 + below(random, 4); flips > 0; flips -= 1) {
        const at = below(random, frame.length);
        frame[at] = (frame[at] ?? 0) ^ (1 << below(random, 8));
      }
      return frame;
  }
}

function bytesOf(frame: SessionFrame): number {
  return Object.values(frame).reduce<number>((sum, field) => sum + (field instanceof Uint8Array ? field.length : typeof field === "string" ? Buffer.byteLength(field) : 0), 0);
}

describe("whatever bytes come", () => {
  it("200 000 mutated frames are read or refused, never thrown at; what is read is no longer than the frame and is written as it came", { timeout: 60_000 }, () => {
    const random = seededRandom(7);
    const read = { frames: 0, refused: 0 };
    for (let count = 0; count < 200_000; count += 1) {
      const bytes = mutated(random);
      const frame = decode(bytes);
      if (typeof frame === "string") {
        read.refused += 1;
        continue;
      }
      read.frames += 1;
      if (bytesOf(frame) > bytes.length + 10) throw new Error(`${bytesOf(frame)} bytes of ${bytes.length}`);
      if (frame.type !== "extension" && !Buffer.from(encode(frame)).equals(bytes)) throw new Error(`not written as it came: ${Buffer.from(bytes).toString("hex")}`);
    }
    expect(read.frames).toBeGreaterThan(20_000);
    expect(read.refused).toBeGreaterThan(20_000);
  });

  it("each frame that can be written is read as it was", () => {
    const number = fc.maxSafeNat();
    const frames: fc.Arbitrary<SessionFrame> = fc.oneof(
      fc.record({ type: fc.constant("ack" as const), acked: number }),
      fc.record({ type: fc.constantFrom("ping" as const, "pong" as const), nonce: number, acked: number, sent: number }),
      fc.record({ type: fc.constant("data" as const), acked: number, more: fc.boolean(), text: fc.boolean(), payload: fc.uint8Array() }),
      fc.record({ type: fc.constant("goAway" as const), within: number, spread: number }),
      fc.record({ type: fc.constant("volatile" as const), text: fc.boolean(), payload: fc.uint8Array() }),
    );
    fc.assert(fc.property(frames, (frame) => { expect(decode(encode(frame))).toEqual(frame); }), { numRuns: 2_000, seed: 7 });
  });

  it("a stream of DATA never makes more of it than the window allows", () => {
    const step = fc.record({ type: fc.constant("data" as const), more: fc.boolean(), text: fc.constant(false), payload: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (frames) => {
      const state = noPieces();
      const assembler = new Assembler(500, state);
      const made = frames.map((frame) => assembler.push(frame)).filter((message) => message instanceof Uint8Array);
      expect(made.filter(({ length }) => length > 500)).toEqual([]);
      expect(state.bytes).toBeLessThanOrEqual(500);
      expect(state.pieces.length).toBeLessThan(64);
    }), { numRuns: 300, seed: 7 });
  });
});
