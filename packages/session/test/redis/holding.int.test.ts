import { redisIsInstalled, RedisServer } from "@holdfast/test-servers";
import { describe, expect, it } from "vitest";
import { redisStore } from "../../src/redis/redis-store.ts";
import type { Key } from "../../src/store/store.ts";
import { connected, dying, session } from "./scene.ts";

/** What holding a key takes, after the session was made: a note, a pointer, the note again. */
const steps = 3;

describe.skipIf(!redisIsInstalled())("a key in Redis", () => {
  it.each(Array.from({ length: steps + 1 }, (_, at) => [at]))("is held or not, and can be taken from nobody, where its keeper dies after step %i of holding it", async (last) => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    const store = redisStore({ client, shards: 4 });
    for (const id of ["first", "second"]) await store.create(id, session);
    const keeper = dying(client, last);
    const answer = await Promise.resolve(redisStore({ client: keeper, shards: 4 }).hold("first", 1, "key", "1")).catch(() => undefined);
    expect([answer === undefined, keeper.sent]).toEqual([last < steps, last]);
    const held: Key = { key: "key", value: "1", session: "first", epoch: 1 };
    expect(await store.keys("")).toEqual(last === steps ? [held] : []);
    const second: Key = { key: "key", value: "2", session: "second", epoch: 1 };
    expect(await store.hold("second", 1, "key", "2")).toEqual(last === steps ? { ok: "taken", key: held } : { ok: "held", key: second });
    expect(await store.keys("")).toEqual([last === steps ? held : second]);
  });

  it.each(["close", "release", "expire"] as const)("is gone where the keeper dies right after the script of %s, and can be held by another", async (end) => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    const store = redisStore({ client, shards: 1 });
    await store.create("first", { ...session, timeout: 1 });
    await store.create("second", session);
    await store.hold("first", 1, "key", "1");
    const keeper = redisStore({ client: dying(client, end === "expire" ? 2 : 1), shards: 1 });
    const calls = { close: () => keeper.close("first", 1), release: () => keeper.release("first", 1, "key"), expire: () => keeper.expire(1) };
    await Promise.resolve(calls[end]()).catch(() => undefined);
    expect(await client.hGet("{hf:0}:i", "key"), "the index still names the first session").toMatch(/^first /);
    expect(await store.keys("")).toEqual([]);
    expect(await client.hGet("{hf:0}:i", "key"), "whoever looked has cleared it").toBeNull();
    expect(await store.hold("second", 1, "key", "2")).toMatchObject({ ok: "held" });
  });

  it("is never held by two, whatever many sessions do at once", async () => {
    await using server = await RedisServer.start();
    const stores = [redisStore({ client: await connected(server), shards: 4 }), redisStore({ client: await connected(server), shards: 4 })];
    const [store = stores[1]] = stores;
    const ids = Array.from({ length: 12 }, (_, at) => `session ${at}`);
    for (const id of ids) await store?.create(id, session);
    const holders = new Set<string>();
    let most = 0;
    let times = 0;
    await Promise.all(ids.map(async (id, at) => {
      const own = stores[at % 2];
      for (let round = 0; round < 25; round += 1) {
        const answer = await own?.hold(id, 1, "key", String(round));
        if (answer?.ok !== "held") continue;
        holders.add(id);
        times += 1;
        most = Math.max(most, holders.size);
        await own?.keys("key");
        holders.delete(id); // Before it lets go: others may hold it as soon as it has.
        await own?.release(id, 1, "key");
      }
    }));
    expect(most).toBe(1);
    expect(times).toBeGreaterThan(10);
    expect(await store?.keys("")).toEqual([]);
  });

  it("is one of at most so many that a session holds", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server), keysPerSession: 2 });
    await store.create("a", session);
    for (const key of ["1", "2"]) expect(await store.hold("a", 1, key, "")).toMatchObject({ ok: "held" });
    expect(await store.hold("a", 1, "3", "")).toEqual({ ok: "full" });
    expect(await store.hold("a", 1, "2", "changed")).toMatchObject({ ok: "held" });
    await store.release("a", 1, "1");
    expect(await store.hold("a", 1, "3", "")).toMatchObject({ ok: "held" });
  });

  it("that two calls of its session want at once is held by the session, and by both calls", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server) });
    await store.create("a", session);
    const answers = await Promise.all(Array.from({ length: 10 }, async (_, at) => store.hold("a", 1, "key", String(at))));
    for (const [at, answer] of answers.entries()) expect(answer).toEqual({ ok: "held", key: { key: "key", value: String(at), session: "a", epoch: 1 } });
    expect(await store.keys("")).toHaveLength(1);
  });
});
