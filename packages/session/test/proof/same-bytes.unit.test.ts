import { describe, expect, it } from "vitest";
import { sameBytes } from "../../src/proof/same-bytes.ts";
import { counting } from "../vectors/samples.ts";

describe("sameBytes()", () => {
  it("tells bytes that differ in any bit from those that do not", () => {
    const mac = counting(0, 16);
    expect(sameBytes(mac, counting(0, 16))).toBe(true);
    for (let bit = 0; bit < 128; bit += 1) {
      const other = mac.slice();
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sameBytes(mac, other)).toBe(false);
    }
  });

  it("takes bytes of another length for different ones", () => {
    expect(sameBytes(counting(0, 16), counting(0, 17))).toBe(false);
    expect(sameBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});
