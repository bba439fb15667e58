import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "@holdfast/core";
import { delimiter, unfinished } from "@holdfast/core/framing";
import { bytes, read, split, text, wire } from "./stream.ts";

describe("delimiter()", () => {
  it("gives what lies between, and a frame of zero bytes between two in a row", () => {
    expect(read(delimiter("--").start(100), bytes("a--bc----d")).map(text)).toEqual(["a", "bc", ""]);
  });

  it("finds a delimiter that is split between chunks", () => {
    expect(read(delimiter("\r\n\r\n").start(100), bytes("a\r\n"), bytes("\r"), bytes("\nb\r\n\r"), bytes("\n")).map(text)).toEqual(["a", "b"]);
  });

  it("finds one that begins inside a false start of another", () => {
    expect(read(delimiter("aab").start(100), bytes("xa"), bytes("aab"), bytes("aaaab")).map(text)).toEqual(["xa", "aa"]);
  });

  it("finds the same frames as a search through the whole stream", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 200 });
    const delimiters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 });
    fc.assert(fc.property(letters, delimiters, fc.array(fc.nat(), { maxLength: 20 }), (stream, end, places) => {
      const framer = delimiter(end).start(1000);
      const expected = stream.split(end);
      const rest = expected.pop() ?? "";
      expect(read(framer, ...split(bytes(stream), places)).map(text)).toEqual(expected);
      expect(unfinished(framer)).toBe(rest.length);
    }), { numRuns: 500 });
  });

  it("does not count the delimiter in maxFrameBytes, nor what may be the beginning of one", () => {
    expect(read(delimiter("--").start(3), bytes("abc-"), bytes("-")).map(text)).toEqual(["abc"]);
    expect(() => read(delimiter("--").start(3), bytes("abcd"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
    expect(() => read(delimiter("--").start(3), bytes("abcd--"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
  });

  it.each([["--", "a--b"], ["aba", "xab"], ["\0", "\0"]])("with %j refuses to send %j, which would arrive in pieces", (end, frame) => {
    expect(() => wire(delimiter(end), [frame])).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
    expect(text(wire(delimiter(end), ["ok"]))).toBe(`ok${end}`);
  });

  it("goes on after a frame it refused", () => {
    const framer = delimiter("--").start(10);
    expect(() => framer.wrap("a-")).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME" }));
    expect(text(framer.wrap("-a"))).toBe("-a--");
  });

  it.each(["", new Uint8Array(0), "x".repeat(65)])("throws an OptionError at once for the delimiter %j", (end) => {
    expect(() => delimiter(end)).toThrow(OptionError);
  });
});
