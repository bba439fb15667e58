import { describe, expect, it } from "vitest";
import { raw, unfinished } from "@holdfast/core/framing";
import { bytes, read, text, wire } from "./stream.ts";

describe("raw()", () => {
  it("hands chunks on as they come", () => {
    const framer = raw().start(10);
    expect(read(framer, bytes("abc"), bytes("d"), bytes()).map(text)).toEqual(["abc", "d"]);
    expect(unfinished(framer)).toBe(0);
  });

  it("cuts a chunk that is longer than maxFrameBytes", () => {
    expect(read(raw().start(3), bytes("abcdefg")).map(text)).toEqual(["abc", "def", "g"]);
  });

  it("writes a frame as it is, text as UTF-8", () => {
    expect(wire(raw(), [bytes(1, 2), "é", ""])).toEqual(bytes(1, 2, "é"));
  });

  it("is not changed by what the caller does with its buffer afterwards", () => {
    const frame = bytes("abc");
    const wrapped = raw().start(10).wrap(frame);
    frame.fill(0);
    expect(text(wrapped)).toBe("abc");
  });

  it("refuses to send a frame longer than maxFrameBytes", () => {
    expect(() => wire(raw(), [bytes("abcd")], 3)).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
  });
});
