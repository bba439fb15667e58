import { describe, expect, it } from "vitest";
import { replay } from "./replay.ts";

/** `HOLDFAST_SEED=17` runs that schedule alone. */
const given = process.env["HOLDFAST_SEED"];
const first = given === undefined ? 0 : Number(given);
const count = given === undefined ? 100_000 : 1;

describe("schedules of faults, drawn from seeds", () => {
  it(`keep the laws of links (${count} of them)`, () => {
    let hash = 0;
    const met = { flights: 0, takeovers: 0 };
    for (let seed = first; seed < first + count; seed += 1) {
      const { record, laws } = replay(seed);
      hash ^= record.hash;
      met.flights += laws.flights;
      met.takeovers += laws.takeovers;
    }
    expect(hash).not.toBe(0);
    // Moves by suspicion, and losses that a spare made good.
    expect(count === 1 || Math.min(met.flights, met.takeovers) > count / 100).toBe(true);
  });

  it("happen the same way twice (I17)", () => {
    const hashes = new Set<number>();
    for (let seed = first; seed < first + Math.min(count, 1_000); seed += 1) {
      const { hash } = replay(seed).record;
      hashes.add(hash);
      if (replay(seed).record.hash !== hash) throw new Error(`seed ${seed} happens in two ways`);
    }
    expect(hashes.size).toBeGreaterThan(Math.min(count, 1_000) * 0.99);
  });
});
