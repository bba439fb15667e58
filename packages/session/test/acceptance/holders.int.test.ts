import { describe, expect, it } from "vitest";
import { twoHolders } from "./holders.ts";
import { lateRequests } from "./late-requests.ts";
import { flawless } from "./tally.ts";

describe("two holders of one ticket", { timeout: 60_000 }, () => {
  it("do not fight: each action makes one of them stop, with at most two attaches, and only one epoch ever commits", async () => {
    const found = await twoHolders({ rounds: 4, timeout: 1_000 });
    expect(found).toMatchObject({ actions: 8, moved: 8, fights: 0, spoken: 0, overlaps: 0 });
    expect([found.most, found.attaches]).toEqual([expect.toSatisfy((most: number) => most >= 1 && most <= 2), expect.toSatisfy((attaches: number) => attaches <= 16)]);
  });
});

describe("a request that was held on the old connection", { timeout: 60_000 }, () => {
  it("changes nothing when it is let go after the client has moved, whether or not the old server has heard of the move", async () => {
    const { all, ...found } = await lateRequests(10);
    expect(found).toMatchObject({ rounds: 10, unchanged: 10, overlaps: 0 });
    // Half of the servers had not heard of it: the message was handled again, and the store refused what came of it.
    expect([found.handledAgain, found.fenced]).toEqual([5, 5]);
    expect([flawless(all), all.accepted]).toEqual([true, 30]);
  });
});
