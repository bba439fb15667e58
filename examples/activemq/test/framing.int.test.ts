import type { Framer } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../src/stomp/frame.ts";
import { stompFraming } from "../src/stomp/framing.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (frame: Uint8Array): string => new TextDecoder().decode(frame);

/** The frames that these pieces make. */
function cut(pieces: readonly Uint8Array[], framer: Framer = stompFraming.start(1_000)): readonly string[] {
  const frames: string[] = [];
  for (const piece of pieces) framer.push(piece, (frame) => { frames.push(text(frame)); });
  return frames;
}

const stream = "CONNECTED\nversion:1.2\n\n\0\n\r\nMESSAGE\r\ncontent-length:5\r\ncontent-length:2\r\n\r\na\0b\n\n\0RECEIPT\nreceipt-id:7\n\n\0\n";
const frames = ["CONNECTED\nversion:1.2\n\n\0", "", "MESSAGE\r\ncontent-length:5\r\ncontent-length:2\r\n\r\na\0b\n\n\0", "RECEIPT\nreceipt-id:7\n\n\0", ""];

describe("a stream is cut into frames", () => {
  it("at their NULs or where their content-length says, with one empty frame for the heart-beats in between", () => {
    expect(cut([bytes(stream)])).toEqual(frames);
  });

  it("in whatever pieces it comes", () => {
    for (let size = 1; size < 20; size += 1) {
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) => bytes(stream.slice(at * size, (at + 1) * size)));
      // Heart-beats that come one by one are one frame each.
      const heard = cut(pieces);
      expect(heard.filter((frame) => frame !== "")).toEqual(frames.filter((frame) => frame !== ""));
      expect(heard.filter((frame) => frame === "").length).toBeGreaterThanOrEqual(2);
    }
  });

  it("and is told to be unfinished in the middle of one", () => {
    const framer = stompFraming.start(1_000) as Framer & { readonly unfinished: number }; // It counts.
    const after = (piece: string): number => {
      cut([bytes(piece)], framer);
      return framer.unfinished;
    };
    expect([after("MESS"), after("AGE\n\nbo"), after("dy\0"), after("\n"), after("E")]).toEqual([4, 11, 0, 0, 1]);
  });

  it("in linear time: a large frame costs as much per byte in pieces of one byte as a small one", () => {
    const work = (size: number): number => {
      const framer = stompFraming.start(2 ** 24);
      const pieces = Array.from({ length: size }, () => bytes("x"));
      const { user } = process.cpuUsage();
      cut([bytes("MESSAGE\na:"), ...pieces, bytes("\n\n"), ...pieces, bytes("\0")], framer);
      return process.cpuUsage().user - user;
    };
    // Quadratic, it would take 256 times as long for 16 times as much. The best of some, in time of the processor: others use this machine, too.
    let best = Infinity;
    for (let attempt = 0; attempt < 20 && best >= 64; attempt += 1) best = Math.min(best, work(160_000) / Math.max(work(10_000), 1_000));
    expect(best).toBeLessThan(64);
  });

  it.each([
    ["a body that does not end", "MESSAGE\n\n" + "x".repeat(100)],
    ["headers that do not end", `MESSAGE\n${"a:b\n".repeat(30)}`],
    ["a content-length beyond the limit, before anything of the body came", "MESSAGE\ncontent-length:1000000000\n\n"],
  ])("and refused for %s", (_, piece) => {
    expect(() => cut([bytes(piece)], stompFraming.start(100))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "remote" }));
  });

  it.each([
    ["another protocol's first line", "HTTP/1.1 400 Bad Request\r\n"],
    ["bytes that are no line", "\0\0\x01\x04\x01ActiveMQ\0\0\0"],
    ["what only a client may say", "SEND\n\n\0"],
    ["a content-length that is no number", "MESSAGE\ncontent-length:-1\n\n\0"],
    ["a body that is longer than its content-length", "MESSAGE\ncontent-length:1\n\nab\0"],
  ])("and refused for %s", (_, piece) => {
    expect(() => cut([bytes(piece)])).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "remote", next: "elsewhere" }));
  });

  it("and refuses to send what is too long", () => {
    expect(() => stompFraming.start(10).wrap(encode("SEND", {}, "hello"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
  });
});

describe("a frame", () => {
  it("arrives as it was sent, whatever its headers contain", () => {
    const headers = { "a:b\\c\nd\re": "\\n:\n\r\\", "ü": "" };
    const { headers: heard } = decode(encode("MESSAGE", headers));
    expect(Object.fromEntries(heard)).toEqual(headers);
  });

  it("has its first header of a name count, and no escapes in the greeting", () => {
    expect([...decode(bytes("MESSAGE\na:1\na:2\n\n\0")).headers]).toEqual([["a", "1"]]);
    expect([...decode(bytes("CONNECTED\nserver:a\\qb\n\n\0")).headers]).toEqual([["server", "a\\qb"]]);
    expect(text(encode("CONNECT", { passcode: "a:b\\c" }))).toBe("CONNECT\npasscode:a:b\\c\n\n\0");
  });

  it("has a content-length where its body needs one, or is bytes", () => {
    expect([text(encode("SEND", {}, "a")), text(encode("SEND", {}, "ü\0")), text(encode("SEND", {}, bytes("a")))]).toEqual(["SEND\n\na\0", "SEND\ncontent-length:3\n\nü\0\0", "SEND\ncontent-length:1\n\na\0"]);
  });

  it("keeps NULs of a body that its content-length covers", () => {
    expect(text(decode(encode("MESSAGE", {}, "a\0b")).body)).toBe("a\0b");
  });

  it.each([
    ["escapes what has no escape", "MESSAGE\na:\\t\n\n\0"],
    ["ends in the middle of an escape", "MESSAGE\na:\\\n\n\0"],
    ["has a header without a name", "MESSAGE\n:a\n\n\0"],
    ["has a header without a colon", "MESSAGE\na\n\n\0"],
    ["has no blank line", "MESSAGE\na:b\n\0"],
  ])("is refused where it %s", (_, frame) => {
    expect(() => decode(bytes(frame))).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "remote" }));
  });

  it("is not written where a header would become two", () => {
    expect(() => encode("CONNECT", { login: "anna\nhost:elsewhere" })).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
    expect(() => encode("SEND", { a: "b\0" })).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
  });
});
