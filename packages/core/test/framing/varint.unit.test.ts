import { describe, expect, it } from "vitest";
import { varint } from "@holdfast/core/framing";
import { bytes, cost, read, text, wire } from "./stream.ts";

describe("varint()", () => {
  it.each([[0, [0]], [1, [1]], [127, [0x7f]], [128, [0x80, 0x01]], [16_383, [0xff, 0x7f]], [16_384, [0x80, 0x80, 0x01]], [2_097_151, [0xff, 0xff, 0x7f]], [2_097_152, [0x80, 0x80, 0x80, 0x01]]])(
    "writes the length %i as %j", (length, prefix) => {
      const stream = wire(varint(), [new Uint8Array(length)], 1 << 22);
      expect([...stream.subarray(0, prefix.length)]).toEqual(prefix);
      expect(stream.length).toBe(prefix.length + length);
    });

  it("hands over frames of zero bytes, also when the prefix is the last byte of a chunk", () => {
    expect(read(varint().start(10), bytes(0), bytes(0, 1, "a", 0)).map(text)).toEqual(["", "", "a", ""]);
  });

  it("reads a number written with more bytes than it needs", () => {
    expect(read(varint().start(10), bytes(0x82, 0x80, 0x00, "ab")).map(text)).toEqual(["ab"]);
  });

  it("refuses a prefix of more than four bytes", () => {
    const framer = varint().start(1 << 28);
    expect(() => read(framer, bytes(0xff, 0xff, 0xff), bytes(0xff))).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "remote" }));
  });

  it("refuses a length above maxFrameBytes before it sets memory aside", () => {
    const framer = varint().start(1000);
    const chunk = bytes(0xff, 0xff, 0xff, 0x7f);
    const spent = cost(() => {
      expect(() => read(framer, chunk)).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
    });
    expect(spent.allocated).toBe(0);
  });

  it("sets aside little for a peer that announces much and sends little", () => {
    const framer = varint().start(1 << 27);
    const chunk = bytes(0xff, 0xff, 0xff, 0x07, "ab");
    const spent = cost(() => { framer.push(chunk, () => {}); });
    expect(spent.allocated).toBeLessThanOrEqual(64);
  });

  it("never writes more than four bytes of prefix, whatever maxFrameBytes is", () => {
    const long = { length: 2 ** 28 } as Uint8Array; // Only its length is looked at.
    expect(() => varint().start(Infinity).wrap(long)).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
  });
});
