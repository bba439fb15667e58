import { RedisCluster, redisIsInstalled, type RedisServer } from "@holdfast/test-servers";
import { createCluster } from "redis";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { redisStore } from "../../src/redis/redis-store.ts";
import type { Committed } from "../../src/store/store.ts";
import { connected, listen, session } from "./scene.ts";

async function said(server: RedisServer | undefined, words: string): Promise<string> {
  return await server?.command(words) ?? "";
}

/** Moves a slot with all its keys, one by one, to a server that does not have it. */
async function move(cluster: RedisCluster, slot: string): Promise<void> {
  const owners = await Promise.all(cluster.servers.map(async (server) => ({ server, id: await said(server, "CLUSTER MYID"), has: (await said(server, `CLUSTER COUNTKEYSINSLOT ${slot}`)) !== "0" })));
  const source = owners.find(({ has }) => has);
  const target = owners.find(({ has }) => !has);
  if (source === undefined || target === undefined) throw new Error("nobody has the slot, or everybody");
  expect(await said(target.server, `CLUSTER SETSLOT ${slot} IMPORTING ${source.id}`)).toBe("OK");
  expect(await said(source.server, `CLUSTER SETSLOT ${slot} MIGRATING ${target.id}`)).toBe("OK");
  const client = await connected(source.server);
  for (let keys = await client.clusterGetKeysInSlot(Number(slot), 5); keys.length > 0; keys = await client.clusterGetKeysInSlot(Number(slot), 5)) {
    await client.migrate("127.0.0.1", target.server.port, keys, 0, 1_000);
    await new Promise((resolve) => { setTimeout(resolve, 5); }); // Meanwhile half of a session may be here, and half there.
  }
  for (const { server } of [target, source, ...owners]) expect(await said(server, `CLUSTER SETSLOT ${slot} NODE ${target.id}`)).toBe("OK");
}

describe.skipIf(!redisIsInstalled())("a slot that moves to another server", { timeout: 60_000 }, () => {
  it("takes its sessions along: calls meanwhile are done or rejected, and nothing that was answered is lost", async () => {
    await using cluster = await RedisCluster.start();
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => { client.destroy(); });
    const store = redisStore({ client, shards: 1 });
    const news = await listen(store);
    const ids = Array.from({ length: 40 }, (_, at) => `session ${at}`);
    for (const id of ids) await store.create(id, session);
    await store.hold("session 0", 1, "key", "value");
    const sent = ids.map(() => 0);
    const stop = new AbortController();
    const work = Promise.all(ids.map(async (id, at) => {
      while (!stop.signal.aborted) {
        const answer = await store.commit(id, 1, { append: ["x"] });
        sent[at] = Math.max(sent[at] ?? 0, (answer as Committed).sent);
      }
    }).map((task) => task.catch(() => undefined)));
    await move(cluster, await said(cluster.servers[0], "CLUSTER KEYSLOT {hf:0}:d"));
    stop.abort();
    await work;
    for (const [at, id] of ids.entries()) {
      const answer = await vi.waitFor(async () => store.touch(id, 1), { timeout: 30_000 });
      expect(answer).toMatchObject({ ok: "committed" });
      // A commit whose promise was rejected may have been done.
      expect((answer as Committed).sent - (sent[at] ?? 0)).toBeOneOf([0, 1]);
      expect((await store.read(id, 1, 100_000)).length).toBe((answer as Committed).sent);
    }
    expect(await store.keys("")).toMatchObject([{ key: "key", session: "session 0" }]);
    await store.append("session 0", ["last"]);
    await expect.poll(() => news.at(-1)).toMatchObject({ type: "appended", session: "session 0" });
  });
});
