import { describe, expect, it } from "vitest";
import { OptionError } from "@holdfast/core";
import { lines, unfinished } from "@holdfast/core/framing";
import { bytes, read, text, wire } from "./stream.ts";

describe("lines()", () => {
  it("takes away the line feed and one carriage return before it", () => {
    expect(read(lines().start(100), bytes("a\nb\r\nc\r\r\n\n\r\n")).map(text)).toEqual(["a", "b", "c\r", "", ""]);
  });

  it("finds an ending that is split between chunks", () => {
    expect(read(lines().start(100), bytes("ab\r"), bytes("\nc")).map(text)).toEqual(["ab"]);
  });

  it("keeps a carriage return in the middle of a line", () => {
    expect(read(lines().start(100), bytes("a\rb\n")).map(text)).toEqual(["a\rb"]);
  });

  it("does not count the ending in maxFrameBytes", () => {
    expect(read(lines().start(3), bytes("abc\r\nabc\n")).map(text)).toEqual(["abc", "abc"]);
  });

  it.each(["abcd\n", "abcd\r\n", "abcde", "abcdefgh\n"])("refuses %j where a line may have three bytes", (stream) => {
    expect(() => read(lines().start(3), bytes(stream))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
  });

  it("holds at most one byte more than a line may have, the place of a carriage return", () => {
    const framer = lines().start(3);
    expect(read(framer, bytes("abcd"))).toEqual([]);
    expect(() => read(framer, bytes("e"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
  });

  it("counts a last line without its line feed as unfinished", () => {
    const framer = lines().start(100);
    read(framer, bytes("a\nbcd"));
    expect(unfinished(framer)).toBe(3);
  });

  it("writes a line feed, or what `ending` says", () => {
    expect(text(wire(lines(), ["a", "", bytes("é")]))).toBe("a\n\né\n");
    expect(text(wire(lines({ ending: "\r\n" }), ["a", "", "é"]))).toBe("a\r\n\r\né\r\n");
  });

  it.each(["a\nb", "a\n", "\n", "a\r"])("refuses to send %j, which would not arrive as it was sent", (line) => {
    for (const ending of ["\n", "\r\n"] as const) {
      for (const given of [line, bytes(line)]) {
        expect(() => wire(lines({ ending }), [given])).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
      }
    }
  });

  it("throws an OptionError at once for another ending", () => {
    expect(() => lines({ ending: ";" as "\n" })).toThrow(OptionError);
  });
});
