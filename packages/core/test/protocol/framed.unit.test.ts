import { framed } from "@holdfast/core";
import { unfinished } from "@holdfast/core/framing";
import { describe, expect, it } from "vitest";

const hello = [5, 9, 0x68, 0x66, 1, 2];

describe("the framing of framed()", () => {
  it.each([
    [[], 0],
    [hello.slice(0, 3), 3],
    [hello, 0],
    [[...hello, 3, 5, 0x68], 3],
    [[...hello, 3, 5, 0x68, 0x69, 1, 4], 0],
  ])("tells a transport of bytes how much of a frame it holds, so that an end in the middle of one is a loss: %o", (bytes, held) => {
    const framer = framed().framing?.start(100);
    framer?.push(Uint8Array.from(bytes), () => {});
    expect(framer && unfinished(framer)).toBe(held);
  });
});
