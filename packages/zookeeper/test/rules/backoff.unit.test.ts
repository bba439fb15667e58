import { describe, expect, it } from "vitest";
import { betweenPasses } from "../../src/session/backoff.ts";

describe("the wait between two passes over the servers", () => {
  it("is 50 to 150 ms for the first third of the session's timeout", () => {
    const backoff = betweenPasses(6_000); // 20 passes of 100 ms.
    for (let pass = 1; pass <= 20; pass += 1) expect([backoff.delay(pass, 0), backoff.delay(pass, 0.5), backoff.delay(pass, 0.999)]).toEqual([50, 100, 149.9]);
  });

  it("grows then, to a fortieth of the timeout in the mean", () => {
    const backoff = betweenPasses(30_000);
    const means = [100, 101, 102, 103, 104, 200].map((pass) => backoff.delay(pass, 0.5));
    expect(means).toEqual([100, 150, 225, 337.5, 506.25, 750]);
  });

  it.each([1_000, 4_000, 6_000, 30_000, 60_000])("never lets a session of %i ms run out: it stays far below a third of it", (timeout) => {
    const backoff = betweenPasses(timeout);
    for (const pass of [1, 10, 100, 1_000, 1e6, 1e9]) {
      const longest = backoff.delay(pass, 1);
      expect(longest).toBeLessThanOrEqual(Math.max(300, timeout / 20));
      expect(backoff.delay(pass, 0)).toBeGreaterThanOrEqual(50);
    }
  });

  it("is spread evenly, so that clients do not come back all at once", () => {
    const backoff = betweenPasses(6_000);
    const delays = Array.from({ length: 1_000 }, (_, at) => backoff.delay(1, (at + 0.5) / 1_000));
    expect(delays.filter((delay) => delay < 100)).toHaveLength(500);
  });
});
