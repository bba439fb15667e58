import { redisIsInstalled, RedisServer } from "@holdfast/test-servers";
import { describe, expect, it } from "vitest";
import { redisStore } from "../../src/redis/redis-store.ts";
import type { Created } from "../../src/store/store.ts";
import { claim, connected, session } from "./scene.ts";

describe.skipIf(!redisIsInstalled())("a failover to a replica that lagged behind", () => {
  it("tells clients who know more than the store that state was lost, and goes on with those who do not", async () => {
    await using master = await RedisServer.start();
    await using replica = await RedisServer.start();
    const before = redisStore({ client: await connected(master) });
    const { generation } = await before.create("a", session) as Created;
    await before.create("b", session);
    for (const id of ["a", "b"]) await before.commit(id, 1, { received: 3, append: ["1", "2", "3"] });
    await replica.command(`REPLICAOF 127.0.0.1 ${master.port}`);
    await expect.poll(() => master.command("WAIT 1 500")).toBe("1");
    await replica.command("REPLICAOF NO ONE"); // From here on it hears nothing more, as one that lags behind.
    expect(await before.commit("a", 1, { received: 5, append: ["4", "5"] })).toEqual({ ok: "committed", sent: 5 });
    await master.kill();

    const after = redisStore({ client: await connected(replica) });
    const honest = { restarted: false, received: 3, sent: 5, acked: 3 };
    expect(await after.attach("a", claim(generation, { ...honest, acked: 5 }))).toMatchObject({ ok: "refused", why: "stateLost", received: 3 });
    expect(await after.attach("a", claim(generation, { ...honest, received: 4 }))).toMatchObject({ ok: "refused", why: "stateLost", received: 3 });
    expect(await after.attach("b", claim(generation, honest))).toMatchObject({ ok: "attached", epoch: 2, received: 3, sent: 3 });
  });
});
