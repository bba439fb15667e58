import { replayable } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Moves } from "./moves.ts";

/** `HOLDFAST_SEED=17` runs that schedule alone. */
const given = process.env["HOLDFAST_SEED"];
const first = given === undefined ? 0 : Number(given);
const count = given === undefined ? 300 : 1;

describe("a link that is moved again and again while nothing else fails", () => {
  it(`loses, doubles and reorders nothing, and tells no loss (${count} schedules)`, async () => {
    let migrations = 0;
    for (let seed = first; seed < first + count; seed += 1) {
      const moves = new Moves(seed);
      await replayable(seed, () => moves.play());
      replayable(seed, () => {
        expect(moves.told).toEqual(["disconnected: requested"]); // By the user, at the end.
        expect(moves.arrived).toEqual(moves.sent);
        expect(moves.answered).toEqual(moves.sent);
        expect([moves.unconfirmed, moves.link.snapshot().slots, moves.world.clock.pending]).toEqual([0, [], 0]);
      });
      migrations += moves.migrations;
    }
    expect(migrations).toBeGreaterThan(count * 4);
  });
});
