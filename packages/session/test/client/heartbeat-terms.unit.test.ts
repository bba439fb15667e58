import { resolveHeartbeat } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { heartbeatTerms } from "../../src/client/heartbeat-terms.ts";

const own = (interval: number): ReturnType<typeof resolveHeartbeat> => resolveHeartbeat({ interval });

describe("A session's channel", () => {
  it.each([
    ["as often as the user wants", 1_000, 5_000, 30_000, 1_000],
    ["as often as the keeper says", 20_000, 4_000, 30_000, 4_000],
    ["each sixth of the timeout, where that is less", 20_000, 5_000, 12_000, 2_000],
    ["no more than twice a second, for a keeper hangs up on whoever does", 50, 5_000, 30_000, 500],
    ["more often where the keeper asks for it", 20_000, 200, 1_200, 200],
    ["at most twice as often as it asks for", 50, 200, 1_200, 100],
  ])("is asked for a sign of life %s", (_, interval, heartbeat, timeout, hearWithin) => {
    expect(heartbeatTerms(own(interval), heartbeat, timeout)).toMatchObject({ hearWithin });
  });
});
