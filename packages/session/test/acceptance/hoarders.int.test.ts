import { describe, expect, it } from "vitest";
import { hoarders } from "./hoarders.ts";

describe("clients that never acknowledge", { timeout: 90_000 }, () => {
  it("cost a keeper what its limits say and no more, however much there is to say to them", async () => {
    const [sessions, maxBytes] = [1_000, 16_384];
    const found = await hoarders({ sessions, maxBytes });
    // Each was filled to the brim, once; then everything was refused.
    expect(found).toMatchObject({ attached: sessions, kept: sessions * maxBytes, taken: 0, refused: 3 * 2 * sessions });
    for (const weight of [found.full, ...found.later]) expect(weight).toBeLessThan(1.25 * found.bound);
  });
});
