import { exponential } from "@holdfast/core";
import { dialLimiter } from "@holdfast/core/limiter";
import { describe, expect, it } from "vitest";
import { chart } from "../src/storm/chart.ts";
import { average, busiest, by, counts } from "../src/storm/measures.ts";
import { simulated, type Outage } from "../src/storm/simulated.ts";

const crowd: Outage = { clients: 400, servers: 1, dying: 1, lasts: 60_000 };
/** How far the busiest second of the last forty is above the mean. By then all waits have been at the cap for a while. */
const peak = async (choice: Outage["choice"] & object): Promise<number> => {
  const { dials } = await simulated({ ...crowd, clients: 1_500, lasts: 120_000, choice });
  return busiest(dials, 1_000, 80_000, 120_000) / average(dials, 1_000, 80_000, 120_000);
};

describe("a crowd whose only server is gone", () => {
  it("dials without synchronised peaks once all of its waits are at the cap", async () => {
    expect(await peak({})).toBeLessThan(1.5); // 100 a second, so chance alone makes 1.3.
  });

  it("would dial in one instant without jitter", async () => {
    expect(await peak({ backoff: exponential({ max: 30_000, jitter: "none" }) })).toBeGreaterThan(10);
  });

  it("is back within the longest wait", async () => {
    const { back } = await simulated({ ...crowd, choice: {} });
    expect(back.length).toBe(400);
    expect(by(back, 0.99) - 60_000).toBeLessThan(1.2 * 0.99 * 8_000);
    expect(by(back, 1) - 60_000).toBeLessThan(8_010);
  });

  it("never dials faster than the limiter it shares allows, and is back within one turn of everybody", async () => {
    const { dials, back } = await simulated({ ...crowd, lasts: 3_000, choice: (clock) => ({ backoff: exponential({ max: 1_000 }), limiter: dialLimiter({ perSecond: 200, burst: 1, clock }) }) });
    expect(busiest(dials, 100)).toBeLessThanOrEqual(21);
    expect(by(back, 1) - 3_000).toBeLessThan(2_010);
  });
});

describe("the clients of one of three servers", () => {
  const bereft: Outage = { clients: 600, servers: 3, dying: 1, lasts: Infinity };

  it("reach the others in one instant unless told otherwise", async () => {
    const { dials, back } = await simulated(bereft);
    expect(busiest(dials, 100)).toBe(back.length);
    expect(by(back, 1)).toBeLessThan(20);
  });

  it("reach them evenly over the spread, each with its first dial", async () => {
    const { dials, back } = await simulated({ ...bereft, choice: { failoverSpread: 10_000 } });
    expect(dials.length).toBe(back.length);
    expect(by(back, 1)).toBeLessThan(10_020);
    expect(busiest(dials, 1_000)).toBeLessThan(2 * (back.length / 10));
    expect(counts(dials, 2_500, 0, 10_000).every((count) => count > back.length / 8)).toBe(true);
  });
});

describe("the measures of a storm", () => {
  it("find the busiest window wherever it begins", () => {
    expect(busiest([0, 90, 95, 100, 180, 189], 100)).toBe(5);
    expect(busiest([0, 90, 95, 100, 180, 189], 100, 96)).toBe(3);
    expect(busiest([], 100)).toBe(0);
  });

  it("count windows one behind the other", () => {
    expect(counts([0, 99, 100, 250, 400], 100, 0, 300)).toEqual([2, 1, 1]);
    expect(average([0, 99, 100, 250, 400], 100, 0, 400)).toBe(1);
  });

  it("tell by when a share of them has come", () => {
    expect([0.25, 0.5, 1].map((part) => by([1, 2, 3, 4], part))).toEqual([1, 2, 4]);
  });
});

describe("a chart", () => {
  const series = [{ name: "a < b & c", points: [[0, 1], [1, 100], [2, 0]] as const }];

  it("draws every series from its first point to its last, within the field", () => {
    const [, points = ""] = /points="([^"]+)"/.exec(chart({ title: "t", x: "x", y: "y", series })) ?? [];
    expect(points).toBe("66.0,287.7 403.0,62.0 740.0,290.0");
  });

  it("draws powers of ten where it is told to, and what is below 1 at 1", () => {
    const [, points = ""] = /points="([^"]+)"/.exec(chart({ title: "t", x: "x", y: "y", series, logarithmic: true })) ?? [];
    expect(points).toBe("66.0,290.0 403.0,62.0 740.0,290.0");
  });

  it("escapes what stands for itself in XML", () => {
    expect(chart({ title: 'a "b"', x: "x", y: "y", series })).toContain("a &lt; b &amp; c");
    expect(chart({ title: 'a "b"', x: "x", y: "y", series })).toContain('aria-label="a &quot;b&quot;"');
  });
});
