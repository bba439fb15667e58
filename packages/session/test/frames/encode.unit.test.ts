import { describe, expect, it } from "vitest";
import { decode } from "../../src/frames/decode.ts";
import { body, encode, seal } from "../../src/frames/encode.ts";
import { fieldsOf, hex } from "../vectors/in-hex.ts";
import { attach, counting, refused, samples } from "../vectors/samples.ts";
import { byTheTable, rowOf, specTable } from "./spec-table.ts";

const table = specTable();
const frames = Object.entries(samples);

describe("the table of frames in the specification", () => {
  it("has a row for each of the 13 types", () => {
    expect(table.map(({ type }) => type)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it.each(frames.filter(([, { type }]) => type !== "data" && type !== "volatile"))("is how %s is written", (_, frame) => {
    const row = rowOf(table, frame.type);
    expect(hex(encode(frame))).toBe(row && byTheTable(row, fieldsOf(frame)));
  });
});

describe("encode()", () => {
  it.each(frames)("writes %s so that decode() gives it back", (_, frame) => {
    expect(decode(encode(frame))).toEqual(frame);
  });

  it("writes a frame into one buffer of exactly its size", () => {
    for (const [, frame] of frames) {
      const bytes = encode(frame);
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });

  it.each([
    ["of 120 bytes as it is", "a".repeat(120), "a".repeat(120)],
    ["of 121 bytes without its end", "a".repeat(121), "a".repeat(120)],
    ["without half a character", `${"a".repeat(119)}é`, "a".repeat(119)],
    ["without half a character of four bytes", `${"a".repeat(118)}🜁`, "a".repeat(118)],
    ["in one line", "no\r\n[INFO] admin \u001b[2J\u009b", "no  [INFO] admin  [2J "],
    ["that is endless without its end", "é".repeat(100_000), "é".repeat(60)],
  ])("writes a reason %s", (_, reason, travels) => {
    expect(decode(encode({ ...refused, reason }))).toEqual({ ...refused, reason: travels });
  });

  it("writes the greatest number of seconds, bytes and messages in eight bytes", () => {
    expect(hex(encode({ type: "ack", acked: Number.MAX_SAFE_INTEGER }))).toBe("07ffffffffffffff0f");
  });
});

describe("seal()", () => {
  it("puts the first 16 bytes of a mac where the draft had zeros, and changes nothing before", () => {
    const before = hex(body(encode(attach)));
    const sealed = seal(encode(attach), counting(1, 32));
    expect(hex(body(sealed))).toBe(before);
    expect(decode(sealed)).toEqual({ ...attach, mac: counting(1, 16) });
  });
});
