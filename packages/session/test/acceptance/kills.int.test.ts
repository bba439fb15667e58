import { redisIsInstalled } from "@holdfast/test-servers";
import { describe, expect, it } from "vitest";
import { killCycles, type KillsFound } from "./kills.ts";

const none = { lost: 0, doubled: 0, reordered: 0 };
const nothing = { broken: 0, outward: none, answers: none, inward: none };

/** Enough was said, and the kills between effect and commit did what they are for: those messages were handled again, and had their receipt. */
function meant({ outward, answers, inward, again, atEffect, kills }: KillsFound): boolean {
  return [outward, answers, inward].every(({ accepted }) => accepted > 5 * kills) && again >= atEffect && atEffect > 0;
}

describe("a session whose server is killed again and again", { timeout: 90_000 }, () => {
  it.each([0, 50])("loses, doubles and reorders nothing of what was accepted where the one keeper dies, at a round trip of %i ms", async (rtt) => {
    const found = await killCycles({ kills: 8, rtt, of: "keeper" });
    expect(found).toMatchObject(nothing);
    expect(found).toSatisfy(meant);
  });

  it.skipIf(!redisIsInstalled()).each([0, 50])("nor where server processes on one Redis die by SIGKILL in turn, at a round trip of %i ms", async (rtt) => {
    const found = await killCycles({ kills: 4, rtt, of: "processes" });
    expect(found).toMatchObject(nothing);
    expect(found).toSatisfy(meant);
  });
});
