import { expect, it } from "vitest";
import { delimiter, lengthPrefix, lines, raw, varint } from "@holdfast/core/framing";
import { join, read, text } from "./stream.ts";

it("frames in a browser as on Node", () => {
  for (const framing of [varint(), lengthPrefix(), lines(), delimiter("\0\0")]) {
    const framer = framing.start(10_000);
    const sent = ["", "é€", "x".repeat(5_000)];
    const stream = join(sent.map((frame) => framer.wrap(frame)));
    expect(read(framer, ...[...stream].map((byte) => Uint8Array.of(byte))).map(text)).toEqual(sent);
  }
  expect(text(raw().start(10).wrap("é"))).toBe("é");
});
