import { describe, expect, it } from "vitest";
import { migrations } from "./migrations.ts";
import { flawless } from "./tally.ts";

describe("sessions that move between two servers under load", { timeout: 60_000 }, () => {
  it("lose, double and reorder nothing in a hundred moves over TCP, and are never detached", async () => {
    const { outward, inward, ...found } = await migrations({ moves: 100, sessions: 10 });
    expect(found).toMatchObject({ moves: 100, failed: 0, gaps: 0 });
    expect([flawless(outward), flawless(inward), outward.accepted > 1_000, inward.accepted > 1_000]).toEqual([true, true, true, true]);
    // Messages met moves, and none of them waited for anything that takes long: a redial, a timeout, a heartbeat.
    expect(found.moving.count).toBeGreaterThan(20);
    expect(found.moving.p99).toBeLessThan(1_000);
  });
});
