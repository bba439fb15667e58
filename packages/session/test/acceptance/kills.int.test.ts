import { redisIsInstalled } from "@holdfast/test-servers";
import { describe, expect, it } from "vitest";
import { killCycles, type KillsGiven } from "./kills.ts";

const none = { lost: 0, doubled: 0, reordered: 0 };
const all = { broken: 0, outward: expect.objectContaining(none) as unknown, answers: expect.objectContaining(none) as unknown, inward: expect.objectContaining(none) as unknown };

async function survives(given: KillsGiven): Promise<void> {
  const found = await killCycles(given);
  expect(found).toMatchObject(all);
  const some = 10 * given.kills;
  expect([found.outward.accepted > some, found.answers.accepted > some, found.inward.accepted > some]).toEqual([true, true, true]);
  // The kills between effect and commit did what they are for: those messages were handled again, and had their receipt.
  expect(found.again).toBeGreaterThanOrEqual(found.atEffect);
}

describe("a session whose server is killed again and again", { timeout: 90_000 }, () => {
  it.each([0, 50])("loses, doubles and reorders nothing of what was accepted where the one keeper dies, at a round trip of %i ms", async (rtt) => {
    await survives({ kills: 8, rtt, of: "keeper" });
  });

  it.skipIf(!redisIsInstalled()).each([0, 50])("nor where server processes on one Redis die by SIGKILL in turn, at a round trip of %i ms", async (rtt) => {
    await survives({ kills: 4, rtt, of: "processes" });
  });
});
