import { describe, expect, it } from "vitest";
import { contested, worthAsking, type Loss } from "../../src/session/contest.ts";

const timeout = 6_000;
const theft: Loss = { uptime: 100, byPeer: true, serving: true };

describe("rounds of a fight for a session", () => {
  it.each<[name: string, before: number, loss: Loss, after: number]>([
    ["a server that serves hangs up soon after we were back", 0, theft, 1],
    ["and again", 1, theft, 2],
    ["and again", 2, theft, 3],
    ["the server serves nobody: it was killed, or elects", 2, { ...theft, serving: false }, 0],
    ["we hung up ourselves, or heard nothing", 2, { ...theft, byPeer: false }, 0],
    ["the connection had lasted: a first theft, whatever the server says", 2, { ...theft, uptime: timeout }, 1],
    ["the same, and the server is gone", 0, { byPeer: true, uptime: timeout + 1, serving: false }, 1],
    ["it had lasted almost as long", 2, { ...theft, uptime: timeout - 1 }, 3],
    ["it had lasted, and we hung up", 2, { byPeer: false, uptime: timeout, serving: true }, 0],
  ])("%s", (_, before, loss, after) => {
    expect(contested(before, loss, timeout)).toBe(after);
  });

  it("need a question to the server only where the answer matters", () => {
    expect([{ uptime: 100, byPeer: true }, { uptime: timeout, byPeer: true }, { uptime: 100, byPeer: false }].map((loss) => worthAsking(loss, timeout))).toEqual([true, false, false]);
    for (const loss of [{ uptime: timeout, byPeer: true }, { uptime: 100, byPeer: false }]) {
      expect(contested(2, { ...loss, serving: true }, timeout)).toBe(contested(2, { ...loss, serving: false }, timeout));
    }
  });
});
