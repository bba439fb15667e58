import { describe, expect, it } from "vitest";
import { decode } from "../../src/frames/decode.ts";
import { encode } from "../../src/frames/encode.ts";
import { unhex } from "../vectors/in-hex.ts";
import { malformed, open, samples } from "../vectors/samples.ts";

const frames = Object.entries(samples);
/** In the order of `malformed`. */
const words = [
  "a frame of no bytes", "a frame of the unknown type 0", "ACK has an unknown flag", "DATA has an unknown flag", "ATTACH has an unknown flag", "ACK is cut short",
  "ACK is cut short", "ACK has a number with more bytes than it needs", "ACK has a number above 2^53 - 1", "ACK has a number of more than 8 bytes",
  "ACK goes on after its last field", "PING is cut short", "OPEN does not begin with HFS", "OPEN names no version", "OPEN has a frameMax out of 256 to 1048576",
  "OPEN has a frameMax out of 256 to 1048576", "OPEN is cut short", "OPEN is cut short", "REFUSED is cut short", "REFUSED is cut short", "REFUSED goes on after its last field",
  "CLOSE has a text of more than 120 bytes", "CLOSE has control characters in its reason", "CLOSE has control characters in its reason", "CLOSE has a text that is not UTF-8",
  "CLOSE has a text that is not UTF-8", "CLOSE has a text that is not UTF-8", "DATA is cut short", "MOVED is cut short", "GOAWAY is cut short",
] as const;

describe("decode()", () => {
  it.each(malformed.map(([why, bytes], at) => [why, words[at], bytes] as const))("says of %s: %s", (_, said, bytes) => {
    expect(decode(unhex(bytes))).toBe(said);
  });

  it.each(frames)("refuses %s cut short, at every byte; only a payload may end anywhere", (_, frame) => {
    const bytes = encode(frame);
    const header = "payload" in frame ? bytes.length - frame.payload.length : bytes.length;
    const cuts = Array.from({ length: bytes.length }, (__, length) => decode(bytes.subarray(0, length)));
    expect(cuts.slice(0, header).filter((read) => typeof read !== "string" || !/is cut short$|^a frame of no bytes$/.test(read))).toEqual([]);
    expect(cuts.slice(header)).toEqual(cuts.slice(header).map((__, length) => ({ ...frame, payload: bytes.slice(header, header + length) })));
  });

  it.each(frames.filter(([, frame]) => !("payload" in frame)))("takes no byte more than %s has", (_, frame) => {
    expect(decode(Uint8Array.of(...encode(frame), 0))).toMatch(/goes on after its last field$/);
  });

  it.each(frames)("takes no flag that %s cannot have", (_, frame) => {
    const bytes = encode(frame);
    const known = { attach: 0x30, refused: 0x10, data: 0x70, volatile: 0x40 }[frame.type as string] ?? 0;
    for (const flag of [0x10, 0x20, 0x40, 0x80].filter((bit) => (bit & known) === 0)) {
      expect(decode(Uint8Array.of((bytes[0] ?? 0) | flag, ...bytes.subarray(1)))).toMatch(/has an unknown flag$/);
    }
  });

  it.each([14, 15])("ignores type %i, whatever its flags and contents", (type) => {
    for (let flag = 0; flag < 0x100; flag += 0x10) expect(decode(Uint8Array.of(flag | type, 1, 2, 3))).toEqual({ type: "extension" });
  });

  it("takes a greeting of 4096 bytes, and none of 4097", () => {
    const bare = encode({ ...open, auth: new Uint8Array(200) }).length - 200;
    expect(decode(encode({ ...open, auth: new Uint8Array(4_096 - bare) }))).toMatchObject({ type: "open" });
    expect(decode(encode({ ...open, auth: new Uint8Array(4_097 - bare) }))).toBe("OPEN has more than 4096 bytes");
  });

  it("keeps a payload as a view, and copies everything that outlives the frame", () => {
    const wire = new Uint8Array(65_536);
    const inWire = (frame: keyof typeof samples): Uint8Array => {
      const bytes = encode(samples[frame] ?? open);
      wire.set(bytes);
      return wire.subarray(0, bytes.length);
    };
    expect(decode(inWire("DATA of bytes"))).toMatchObject({ payload: { buffer: wire.buffer } });
    const copied = ["OPEN", "OPENED", "ATTACH", "ATTACHED", "REFUSED with a proof"].flatMap((name) => Object.values(decode(inWire(name)))).filter((field) => field instanceof Uint8Array);
    expect(copied).toHaveLength(11);
    expect(copied.filter((field) => field.buffer === wire.buffer)).toEqual([]);
  });

  it("sets nothing aside for a length that is not there", () => {
    // auth claims 2^53 - 1 bytes.
    const bytes = unhex("0148465301010000" + "8002" + "0a0a" + "ffffffffffffff0f");
    const before = process.memoryUsage().arrayBuffers;
    for (let time = 0; time < 1_000; time += 1) decode(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576);
  });
});
