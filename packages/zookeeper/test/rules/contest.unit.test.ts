import { describe, expect, it } from "vitest";
import { isContested, suspect, unsuspected, worthAsking, type Loss, type Suspicion } from "../../src/session/contest.ts";

const timeout = 6_000;
const theft: Loss = { uptime: 100, cause: "closed", serving: true };
const slow: Loss = { ...theft, uptime: 4_000 };
const after = (...losses: readonly Loss[]): Suspicion => losses.reduce((suspicion, loss) => suspect(suspicion, loss, timeout), unsuspected);

describe("a suspicion that somebody else holds the session", () => {
  it.each<[name: string, losses: readonly Loss[], rounds: number]>([
    ["a server that serves hangs up soon after we were back", [theft], 1],
    ["and again", [theft, theft], 2],
    ["the server serves nobody: it was killed, or elects", [theft, theft, { ...theft, serving: false }], 0],
    ["we hung up ourselves, or heard nothing", [theft, theft, { ...theft, cause: "other" }], 0],
    ["the connection had lasted: a first theft, whatever the server says", [theft, theft, { ...theft, uptime: timeout }], 1],
    ["the same, and the server is gone", [{ cause: "closed", uptime: timeout + 1, serving: false }], 1],
    ["it had lasted almost as long", [theft, theft, { ...theft, uptime: timeout - 1 }], 3],
    ["it had lasted, and we hung up", [theft, theft, { cause: "other", uptime: timeout, serving: true }], 0],
  ])("%s", (_, losses, rounds) => {
    expect(after(...losses).rounds).toBe(rounds);
  });

  it.each<[name: string, losses: readonly Loss[], patience: number, contested: boolean]>([
    ["not yet after two quick rounds", [theft, theft], 1, false],
    ["after three", [theft, theft, theft], 1, true],
    ["after the end of a long connection and two quick rounds", [{ ...theft, uptime: timeout }, theft, theft], 1, true],
    ["after one that lasted a second, two quick rounds are not enough", [{ ...theft, uptime: 1_000 }, theft, theft], 1, false],
    ["not after six rounds behind a long connection, where each lasted longer than a second", [{ ...theft, uptime: timeout }, ...Array.from({ length: 5 }, () => slow)], 1, false],
    ["after seven", [{ ...theft, uptime: timeout }, ...Array.from({ length: 6 }, () => slow)], 1, true],
    ["not after eight quick resets: the network may be bad", Array.from({ length: 8 }, () => ({ ...theft, cause: "reset" as const })), 1, false],
    ["but after nine", Array.from({ length: 9 }, () => ({ ...theft, cause: "reset" as const })), 1, true],
    ["ten times as late for whoever insists", Array.from({ length: 29 }, () => theft), 10, false],
    ["but then, too", Array.from({ length: 30 }, () => theft), 10, true],
  ])("is a certainty: %s", (_, losses, patience, contested) => {
    expect(isContested(after(...losses), patience)).toBe(contested);
  });

  it("needs a question to the server only where the answer matters", () => {
    expect([{ uptime: 100, cause: "closed" as const }, { uptime: timeout, cause: "closed" as const }, { uptime: 100, cause: "other" as const }].map((loss) => worthAsking(loss, timeout))).toEqual([true, false, false]);
    for (const loss of [{ uptime: timeout, cause: "closed" as const }, { uptime: 100, cause: "other" as const }]) {
      expect(after(theft, { ...loss, serving: true })).toEqual(after(theft, { ...loss, serving: false }));
    }
  });
});
