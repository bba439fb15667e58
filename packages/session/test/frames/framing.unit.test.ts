import { varint } from "@holdfast/core/framing";
import { describe, expect, it } from "vitest";
import { encodeData } from "../../src/frames/data.ts";
import { encode } from "../../src/frames/encode.ts";
import { SessionFraming } from "../../src/frames/framing.ts";

const max = 65_536;

describe("framing", () => {
  it("puts the length in front of each frame, as varint does", () => {
    for (const length of [0, 1, 99, 126, 127, 128, 500, 4_094, 4_095, 4_096, 20_000]) {
      for (const message of [new Uint8Array(length).fill(7), "x".repeat(length), "é".repeat(length >> 1)]) {
        const frame = encodeData(message, 300);
        const copy = varint().start(max).wrap(frame.slice());
        expect(new SessionFraming().start(max).wrap(frame)).toEqual(copy);
      }
    }
  });

  it("gives the same bytes for a frame that is sent twice, and for one that is not the last", () => {
    const framer = new SessionFraming().start(max);
    const [first, second] = [encodeData("first"), encodeData("second")];
    expect([second, second, first, encode({ type: "ack", acked: 1 })].map((frame) => framer.wrap(frame))).toEqual([
      Uint8Array.of(7, 0x46, ...new TextEncoder().encode("second")), Uint8Array.of(7, 0x46, ...new TextEncoder().encode("second")),
      Uint8Array.of(6, 0x46, ...new TextEncoder().encode("first")), Uint8Array.of(2, 7, 1),
    ]);
  });

  it("leaves the frame before untouched", () => {
    const framer = new SessionFraming().start(max);
    const frames = Array.from({ length: 1_000 }, (_, at) => encodeData(`message ${at}`));
    const wrapped = Array.from({ length: 1_000 }, (_, at) => framer.wrap(encodeData(`message ${at}`)));
    expect(wrapped.map((bytes) => bytes.subarray(1))).toEqual(frames);
  });

  it("refuses a frame longer than the other side reads", () => {
    expect(() => new SessionFraming().start(10).wrap(encodeData("more than ten"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG" }));
  });

  it("reads frames however they are cut, and knows of half of one", () => {
    const framer = new SessionFraming().start(max);
    const bytes = framer.wrap(encodeData("cut"));
    const read: Uint8Array[] = [];
    framer.push(bytes.subarray(0, 2), (frame) => read.push(frame));
    expect([read.length, (framer as unknown as { unfinished: number }).unfinished]).toEqual([0, 2]);
    framer.push(bytes.subarray(2), (frame) => read.push(frame));
    expect(read).toEqual([encodeData("cut")]);
  });
});
