import { redisIsInstalled } from "@holdfast/test-servers";
import { describe, it } from "vitest";
import { pause } from "./pause.ts";

describe("sessions whose server stands still for two of their timeouts", { timeout: 90_000 }, () => {
  it.concurrent.for(["memory", "redis"] as const)("go on where they were, and none has expired (%s)", async (store, { expect }) => {
    if (store === "redis" && !redisIsInstalled()) return;
    const sessions = 200;
    const found = await pause({ sessions, timeout: 3_000, store });
    expect(found).toMatchObject({ detached: sessions, doubted: sessions, resumed: sessions, ended: 0, said: 8 * sessions, lost: 0, disordered: 0 });
  });
});
