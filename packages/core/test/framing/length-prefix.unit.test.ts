import { describe, expect, it } from "vitest";
import { OptionError } from "@holdfast/core";
import { lengthPrefix, type LengthPrefixOptions } from "@holdfast/core/framing";
import { bytes, cost, read, text, wire } from "./stream.ts";

const hello = "HELLO, WORLD";

/** The examples in the documentation of Netty's LengthFieldBasedFrameDecoder, and LengthFieldPrepender's two. */
const examples: readonly [name: string, options: LengthPrefixOptions, before: Uint8Array, after: Uint8Array][] = [
  ["2 bytes at offset 0, header kept", { bytes: 2, strip: 0 }, bytes(0x00, 0x0c, hello), bytes(0x00, 0x0c, hello)],
  ["2 bytes at offset 0, header stripped", { bytes: 2, strip: 2 }, bytes(0x00, 0x0c, hello), bytes(hello)],
  ["2 bytes at offset 0, counts the whole packet, header kept", { bytes: 2, adjustment: -2, strip: 0 }, bytes(0x00, 0x0e, hello), bytes(0x00, 0x0e, hello)],
  ["3 bytes at the end of a header of 5", { offset: 2, bytes: 3 }, bytes(0xca, 0xfe, 0, 0, 0x0c, hello), bytes(0xca, 0xfe, 0, 0, 0x0c, hello)],
  ["3 bytes at the beginning of a header of 5", { bytes: 3, adjustment: 2, strip: 0 }, bytes(0, 0, 0x0c, 0xca, 0xfe, hello), bytes(0, 0, 0x0c, 0xca, 0xfe, hello)],
  ["2 bytes in the middle of a header of 4, the first 3 stripped", { offset: 1, bytes: 2, adjustment: 1, strip: 3 }, bytes(0xca, 0, 0x0c, 0xfe, hello), bytes(0xfe, hello)],
  ["2 bytes in the middle of a header of 4, counts the whole packet, the first 3 stripped", { offset: 1, bytes: 2, adjustment: -3, strip: 3 }, bytes(0xca, 0, 0x10, 0xfe, hello), bytes(0xfe, hello)],
  ["2 bytes that count themselves, stripped by default", { bytes: 2, adjustment: -2 }, bytes(0x00, 0x0e, hello), bytes(hello)],
  ["4 bytes, big endian: the default", {}, bytes(0, 0, 0, 0x0c, hello), bytes(hello)],
  ["4 bytes, little endian", { endian: "little" }, bytes(0x0c, 0, 0, 0, hello), bytes(hello)],
  ["varint", { bytes: "varint" }, bytes(0x0c, hello), bytes(hello)],
];

describe.each(examples)("lengthPrefix, %s", (_name, options, before, after) => {
  it("reads what Netty reads, whole and byte by byte", () => {
    const framing = lengthPrefix(options);
    expect(read(framing.start(100), before, before)).toEqual([after, after]);
    expect(read(framing.start(100), ...[...before, ...before].map((byte) => Uint8Array.of(byte)))).toEqual([after, after]);
  });

  it("writes it again: from what was read where only the length was stripped, otherwise from the complete packet", () => {
    const onlyLength = before.length - after.length === (options.bytes === "varint" ? 1 : (options.bytes ?? 4)) && (options.offset ?? 0) === 0;
    expect(wire(lengthPrefix(options), [onlyLength ? after : before])).toEqual(before);
  });
});

describe("lengthPrefix", () => {
  it("fills in the length field of a complete packet, whatever it held", () => {
    expect(wire(lengthPrefix({ offset: 1, bytes: 2 }), [bytes(0xca, 0xff, 0xff, "hi")])).toEqual(bytes(0xca, 0, 2, "hi"));
  });

  it("refuses to send a packet that is shorter than its header", () => {
    expect(() => wire(lengthPrefix({ offset: 1, bytes: 2 }), [bytes(0xca, 0)])).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
  });

  it("hands over frames of zero bytes", () => {
    expect(read(lengthPrefix({ bytes: 1 }).start(10), bytes(0), bytes(0, 1, "a", 0)).map(text)).toEqual(["", "", "a", ""]);
  });

  it.each([
    [{ bytes: 1 }, 256, "HF_FRAME_TOO_LONG"],
    [{ bytes: 2 }, 65_536, "HF_FRAME_TOO_LONG"],
    [{ bytes: 1, adjustment: 5 }, 4, "HF_FRAME_TOO_LONG"],
  ] as const)("refuses to send with %j a frame of %i bytes, whose length does not fit", (options, size, code) => {
    expect(() => wire(lengthPrefix(options), [new Uint8Array(size)])).toThrow(expect.objectContaining({ code, whose: "local" }));
  });

  it.each([[{ bytes: 1, adjustment: -2 }, bytes(0)], [{ bytes: 2, strip: 8 }, bytes(0, 3, "abc")]] as const)(
    "refuses with %j a packet shorter than its header or than what is stripped", (options, packet) => {
      expect(() => read(lengthPrefix(options).start(100), packet)).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "remote" }));
    });

  it("counts in maxFrameBytes what is handed over", () => {
    expect(read(lengthPrefix({ bytes: 2 }).start(3), bytes(0, 3, "abc")).map(text)).toEqual(["abc"]);
    expect(() => read(lengthPrefix({ bytes: 2, strip: 0 }).start(3), bytes(0, 3, "abc"))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG" }));
  });

  it("refuses 0xFFFFFFFF as unsigned, before it sets memory aside", () => {
    const framer = lengthPrefix().start(1 << 20);
    const chunk = bytes(0xff, 0xff, 0xff, 0xff);
    const spent = cost(() => {
      expect(() => read(framer, chunk)).toThrow(/4294967295 bytes or more, and the limit is 1048576/);
    });
    expect(spent.allocated).toBe(0);
  });

  it.each<LengthPrefixOptions>([
    { bytes: 5 as 4 }, { bytes: 0 as 1 }, { endian: "middle" as "big" }, { offset: -1 }, { offset: 1.5 }, { offset: 1e9 }, { strip: -1 }, { strip: NaN }, { adjustment: 0.5 }, { adjustment: 2 ** 31 },
    { bytes: "varint", offset: 1 }, { bytes: "varint", endian: "big" }, { bytes: "varint", strip: 0 },
  ])("throws an OptionError at once for %j", (options) => {
    expect(() => lengthPrefix(options)).toThrow(OptionError);
  });
});
