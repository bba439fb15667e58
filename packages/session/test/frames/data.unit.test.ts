import { describe, expect, it } from "vitest";
import { Assembler, encodeData, encodeVolatile, fragments, noPieces, volatileMessage } from "../../src/frames/data.ts";
import { decode } from "../../src/frames/decode.ts";
import { encode } from "../../src/frames/encode.ts";
import type { Data, Message, Volatile } from "../../src/frames/frame.ts";
import { limits, longestMessage } from "../../src/frames/limits.ts";
import { ascii, counting } from "../vectors/samples.ts";

const windowBytes = 1_048_576;
const read = (bytes: Uint8Array): Data => decode(bytes) as Data; // Whatever else it were would not be equal to what is expected.
const data = (payload: Uint8Array, more = false, text = false): Data => ({ type: "data", more, text, payload });

function through(frames: readonly Uint8Array[], assembler = new Assembler(windowBytes)): unknown {
  return frames.map((frame) => assembler.push(read(frame))).filter((message) => message !== undefined);
}

const messages: readonly (readonly [string, Message])[] = [
  ["bytes", counting(0, 300)], ["no bytes", new Uint8Array(0)], ["text", "grüß 🜁"], ["no text", ""], ["a byte order mark", "\uFEFFa"],
  ["much text", "é🜁".repeat(20_000)], ["many bytes", counting(3, 100_000)],
];

describe("a message in one DATA", () => {
  it.each(messages)("of %s arrives as it was, with and without an acknowledgement", (_, message) => {
    for (const acked of [undefined, 0, 127, 128, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      const frame = read(encodeData(message, acked));
      expect(frame.acked).toBe(acked);
      expect(new Assembler(windowBytes).push(frame)).toEqual(message);
    }
  });

  it("is the frame that encode() makes", () => {
    for (const acked of [undefined, 5, 300]) {
      const bytes = encodeData("añb", acked);
      expect(bytes).toEqual(encode({ ...data(ascii("añb"), false, true), ...(acked === undefined ? {} : { acked }) }));
    }
  });

  it("that is text must be UTF-8", () => {
    expect(new Assembler(windowBytes).push(data(Uint8Array.of(0xc3, 0x28), false, true))).toEqual({ wrong: "a text that is not UTF-8" });
  });

  it("may have as many bytes as the window, and no more", () => {
    const assembler = new Assembler(10);
    expect(assembler.push(data(new Uint8Array(10)))).toHaveLength(10);
    expect(assembler.push(data(new Uint8Array(11)))).toEqual({ wrong: "a message of more bytes than the window has" });
  });

  it("keeps no long buffer alive when it is short, or waits for its rest", () => {
    const chunk = new Uint8Array(65_536);
    expect(new Assembler(windowBytes).push(data(chunk.subarray(5, 69)))).toMatchObject({ buffer: { byteLength: 64 } });
    const state = noPieces();
    new Assembler(windowBytes, state).push(data(chunk.subarray(5, 1_005), true));
    expect(state.pieces).toMatchObject([{ buffer: { byteLength: 1_000 } }]);
  });

  it("never shares bytes with another", () => {
    const frames = Array.from({ length: 2_000 }, (_, at) => encodeData(at % 2 === 0 ? `${at} ${"é".repeat(at)}` : counting(at, at), at));
    expect(frames.map((frame) => new Assembler(windowBytes).push(read(frame)))).toEqual(frames.map((_, at) => (at % 2 === 0 ? `${at} ${"é".repeat(at)}` : counting(at, at))));
  });
});

describe("a message in several DATA", () => {
  it.each(messages)("of %s arrives as it was, whatever the longest frame", (_, message) => {
    for (const frameMax of [256, 1_000, 4_096]) {
      const frames = fragments(message, frameMax, 300);
      if (frames.length > limits.fragments) continue;
      expect(frames.every((frame) => frame.length <= frameMax)).toBe(true);
      expect(frames.map((frame) => read(frame).acked)).toEqual([300, ...frames.slice(1).map(() => undefined)]);
      expect(through(frames)).toEqual([message]);
    }
  });

  it("has one where one is enough", () => {
    expect(fragments(new Uint8Array(255), 256)).toHaveLength(1);
    expect(fragments(new Uint8Array(256), 256)).toHaveLength(2);
    expect(fragments("é".repeat(127), 256)).toHaveLength(1);
    expect(fragments("é".repeat(128), 256)).toHaveLength(2);
  });

  it("as long as longestMessage() says has 64 of them, which is as many as there may be", () => {
    const longest = longestMessage(256, windowBytes);
    expect(through(fragments(counting(0, longest), 256, Number.MAX_SAFE_INTEGER))).toEqual([counting(0, longest)]);
    expect(longestMessage(65_536, 5_000)).toBe(5_000);
    expect(through(fragments(new Uint8Array(64 * 255), 256))).toHaveLength(1);
    expect(through(fragments(new Uint8Array(64 * 255 + 1), 256))).toEqual([{ wrong: "a message of more than 64 fragments" }, expect.any(Uint8Array)]);
  });

  it("may be cut inside a character", () => {
    const assembler = new Assembler(windowBytes);
    const bytes = ascii("é");
    expect(assembler.push(data(bytes.subarray(0, 1), true, true))).toBeUndefined();
    expect(assembler.unfinished).toBe(true);
    expect(assembler.push(data(bytes.subarray(1), false, true))).toBe("é");
    expect(assembler.unfinished).toBe(false);
  });

  it("may have empty ones", () => {
    expect(through([data(new Uint8Array(0), true), data(ascii("a"), true), data(new Uint8Array(0))].map(encode))).toEqual([ascii("a")]);
  });

  it("is text in all of them, or in none", () => {
    const assembler = new Assembler(windowBytes);
    assembler.push(data(ascii("a"), true, true));
    expect(assembler.push(data(ascii("b"), false, false))).toEqual({ wrong: "a message that is partly text" });
  });

  it("has no more bytes than the window, however they are split", () => {
    const assembler = new Assembler(10);
    assembler.push(data(new Uint8Array(6), true));
    expect(assembler.push(data(new Uint8Array(5)))).toEqual({ wrong: "a message of more bytes than the window has" });
  });

  it("can go on from a copy of what is there", () => {
    const state = noPieces();
    new Assembler(windowBytes, state).push(data(ascii("a"), true));
    expect(new Assembler(windowBytes, structuredClone(state)).push(data(ascii("b")))).toEqual(ascii("ab"));
  });
});

describe("a VOLATILE message", () => {
  it.each(messages)("of %s arrives as it was", (_, message) => {
    expect(volatileMessage(decode(encodeVolatile(message)) as Volatile)).toEqual(message);
  });

  it("that is text must be UTF-8", () => {
    expect(volatileMessage({ type: "volatile", text: true, payload: Uint8Array.of(0xff) })).toEqual({ wrong: "a text that is not UTF-8" });
  });
});
