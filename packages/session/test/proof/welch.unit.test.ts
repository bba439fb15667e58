import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { capped, welch } from "./welch.ts";

describe("Welch's t", () => {
  it("is that of an example worked by hand", () => {
    // Means 3 and 5, variances 2.5 and 20 / 3, so (3 - 5) / sqrt(2.5 / 5 + 20 / 12).
    const { t, difference } = welch([1, 2, 3, 4, 5], [2, 4, 6, 8]);
    expect(difference).toBe(-2);
    expect(t).toBeCloseTo(-2 / Math.sqrt(0.5 + 20 / 12), 12);
    expect(welch([1, 2, 3], [1, 2, 3])).toEqual({ t: 0, difference: 0 });
  });

  it("sees a shift of a hundredth of the spread in a million samples, and none where there is none", () => {
    const random = seededRandom(5);
    const samples = (shift: number): Float64Array => Float64Array.from({ length: 1_000_000 }, () => shift + random() + random() + random());
    expect(Math.abs(welch(samples(0), samples(0)).t)).toBeLessThan(4.5);
    expect(Math.abs(welch(samples(0), samples(0.005)).t)).toBeGreaterThan(4.5);
  });

  it("is taken of durations that are cut down to a quantile of both classes together", () => {
    expect(capped(Float64Array.of(1, 5, 2), Float64Array.of(3, 9, 4), 0.5)).toEqual([Float64Array.of(1, 3, 2), Float64Array.of(3, 3, 3)]);
    expect(capped(Float64Array.of(1, 5), Float64Array.of(3, 9), 1)).toEqual([Float64Array.of(1, 5), Float64Array.of(3, 9)]);
  });
});
