import { describe, expect, it } from "vitest";
import { replayable } from "@holdfast/testkit";
import { Stack } from "./stack.ts";

/** `HOLDFAST_SEED=17` runs that schedule alone. */
const given = process.env["HOLDFAST_SEED"];
const first = given === undefined ? 0 : Number(given);
const count = given === undefined ? 2_000 : 1;

describe("schedules of the whole stack in a simulated world", () => {
  it(`lose nothing in silence, come back, and leave nothing behind (${count} of them)`, async () => {
    let closed = 0;
    for (let seed = first; seed < first + count; seed += 1) {
      const stack = new Stack(seed, given !== undefined);
      await replayable(seed, () => stack.play());
      if (stack.link.phase === "closed") closed += 1;
    }
    expect(closed).toBe(count);
  });
});
