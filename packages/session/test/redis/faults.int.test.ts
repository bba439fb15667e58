import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { isHoldfastError, type HoldfastError } from "@holdfast/core";
import { RedisCluster, redisIsInstalled, RedisServer } from "@holdfast/test-servers";
import { createCluster } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { redisStore } from "../../src/redis/redis-store.ts";
import type { Created } from "../../src/store/store.ts";
import { claim, connected, listen, session } from "./scene.ts";

/** Why the call failed, as all that a log may show of it. */
async function failureOf(call: unknown): Promise<{ readonly error: HoldfastError; readonly text: string }> {
  try {
    await call;
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    return { error, text: inspect(error, { depth: 10, showHidden: true }) };
  }
  throw new Error("the call should have failed");
}

describe.skipIf(!redisIsInstalled())("the Redis store", () => {
  it("sends its scripts again to a server that forgot them", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server) });
    await store.create("a", session);
    await server.command("SCRIPT FLUSH");
    expect(await store.commit("a", 1, { append: ["x"] })).toEqual({ ok: "committed", sent: 1 });
  });

  it("is refused to one who counts its parts differently, and to nobody else", async () => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    await redisStore({ client, shards: 4 }).create("a", session);
    await expect(redisStore({ client, shards: 5 }).create("b", session)).rejects.toThrow(/this store has 4 shards, and its user says 5/);
    expect(await redisStore({ client, shards: 4 }).create("b", session)).toMatchObject({ ok: "created" });
    expect(await redisStore({ client, shards: 5, prefix: "other" }).create("b", session)).toMatchObject({ ok: "created" });
  });

  it("shows another generation after it was emptied, and knows nobody", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server) });
    const { generation } = await store.create("a", session) as Created;
    await server.command("FLUSHALL");
    expect(await store.attach("a", claim(generation))).toMatchObject({ ok: "refused", why: "unknown" });
    const second = await store.create("a", session) as Created;
    expect(second.generation).not.toEqual(generation);
    expect(await store.attach("a", claim(generation))).toMatchObject({ ok: "refused", why: "stateLost" });
    expect(await store.attach("a", claim(second.generation))).toMatchObject({ ok: "attached" });
  });

  it("answers within its time where the server stands still: whether it happened is unknown", async () => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    await redisStore({ client }).create("a", session); // A busy machine may take longer for it than the one below waits.
    const store = redisStore({ client, callTimeout: 100 });
    server.freeze();
    const { error } = await failureOf(store.commit("a", 1, { append: ["canary-message"] }));
    expect([error.code, error.message]).toEqual(["HF_STORE_FAILED", `Redis did not answer "commit" within 100 ms: whether it happened is unknown`]);
    server.thaw();
    await expect.poll(() => store.touch("a", 1)).toEqual({ ok: "committed", sent: 1 });
  });

  it("tells no secret, no id and no message in its errors, nor when somebody looks into it", async () => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    const store = redisStore({ client, callTimeout: 2_000 });
    await store.create("canary-id", session);
    const calls = (): readonly unknown[] => [
      store.create("canary-id-2", session), store.commit("canary-id", 1, { append: ["canary-message"] }), store.append("canary-id", ["canary-message"]),
      store.hold("canary-id", 1, "canary-key", "canary-value"),
    ];
    await server.command("CONFIG SET maxmemory 1");
    for (const call of calls()) {
      const { error, text } = await failureOf(call);
      expect([error.code, /OOM/.test(error.message)]).toEqual(["HF_STORE_FAILED", true]);
      expect(text).not.toContain("canary");
    }
    await server.command("CONFIG SET maxmemory 0");
    await server.command("ACL SETUSER default -evalsha -eval");
    for (const call of calls()) {
      const { error, text } = await failureOf(call);
      expect(error.message).toContain("NOPERM");
      expect(text).not.toContain("canary");
    }
    expect(inspect(store, { depth: 10 })).not.toContain("canary");
  });

  it("needs no more rights than the guide names", async () => {
    await using server = await RedisServer.start();
    const guide = readFileSync(new URL("../../../../docs/guides/sessions-in-redis.md", import.meta.url), "utf8");
    const line = /ACL SETUSER holdfast .*/.exec(guide)?.[0] ?? "";
    expect(await server.command(line)).toBe("OK");
    const store = redisStore({ client: await connected(server, { username: "holdfast", password: "a-long-password" }), shards: 2 });
    const news = await listen(store);
    const { generation } = await store.create("a", { ...session, timeout: 1 }) as Created;
    await store.attach("a", claim(generation, { restarted: false }));
    await store.commit("a", 2, { append: ["x"], received: 1 });
    await store.append("a", ["y"]);
    await store.hold("a", 2, "key", "value");
    expect(await store.keys("")).toHaveLength(1);
    await store.release("a", 2, "key");
    await store.hold("a", 2, "key", "value");
    expect([await store.read("a", 1, 5), await store.find("a"), await store.touch("a", 2)]).toMatchObject([[{}, {}], { ok: "found" }, { ok: "committed" }]);
    await expect.poll(() => store.expire(5)).toEqual(["a"]);
    expect(await store.close("a", 2)).toMatchObject({ ok: "ended" });
    await expect.poll(() => news).toContainEqual({ type: "ended", session: "a", why: "expired" });
  });

  it("lets owners renew, acknowledge and end their sessions where the server has no memory left", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server) });
    const { generation } = await store.create("a", session) as Created;
    await store.commit("a", 1, { append: ["x", "y"] });
    await server.command("CONFIG SET maxmemory 1");
    await failureOf(store.commit("a", 1, { append: ["z"], acked: 1 }));
    expect(await store.touch("a", 1)).toEqual({ ok: "committed", sent: 2 });
    expect(await store.commit("a", 1, { acked: 1, received: 1 })).toEqual({ ok: "committed", sent: 2 });
    expect(await store.attach("a", claim(generation))).toMatchObject({ ok: "attached", epoch: 2, acked: 1 });
    expect(await store.close("a", 2)).toMatchObject({ ok: "ended", received: 1 });
  });

  it("has every step that it answered, and at most one more, after its server was killed (appendfsync always)", async () => {
    await using server = await RedisServer.start({ appendonly: true });
    const store = redisStore({ client: await connected(server), callTimeout: 5_000 });
    const { generation } = await store.create("a", session) as Created;
    for (let round = 1; round <= 3; round += 1) {
      let answered = 0;
      const stop = new AbortController();
      const work = (async () => {
        while (!stop.signal.aborted) answered = (await store.commit("a", round, { append: ["message"] }) as { sent: number }).sent;
      })().catch(() => undefined); // The call at whose time the server was killed.
      await expect.poll(() => answered).toBeGreaterThan(50 * round);
      await server.kill();
      stop.abort();
      const before = answered;
      await server.start();
      await work;
      const attached = await store.attach("a", claim(generation, { attach: round }));
      expect(attached).toMatchObject({ ok: "attached", epoch: round + 1 });
      expect((attached as { sent: number }).sent - before).toBeOneOf([0, 1]);
    }
  });

  it("lets nothing expire for a whole timeout where nobody could renew, because the server was away", async () => {
    await using server = await RedisServer.start({ appendonly: true });
    const store = redisStore({ client: await connected(server), shards: 1, outageAfter: 400 });
    await store.create("a", { ...session, timeout: 1_000 });
    expect(await store.expire(10)).toEqual([]);
    await server.kill();
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    await server.start();
    const back = performance.now();
    expect(await store.expire(10)).toEqual([]);
    await expect.poll(() => store.expire(10), { interval: 20 }).toEqual(["a"]);
    expect(performance.now() - back).toBeGreaterThan(950);
  });

  it("ends sessions also for keepers that ask more seldom than an outage takes to be believed", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server), shards: 1, outageAfter: 20 });
    await store.create("a", { ...session, timeout: 50 });
    await expect.poll(() => store.expire(10), { interval: 60 }).toEqual(["a"]);
    await store.create("b", { ...session, timeout: 50 });
    await expect.poll(() => store.expire(10), { interval: 60 }).toEqual(["b"]);
  });
});

describe.skipIf(!redisIsInstalled())("news from Redis", () => {
  it("say that something was missed when their connection was cut, and go on", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server), shards: 4 });
    const news = await listen(store);
    await store.create("a", session);
    await server.command("CLIENT KILL TYPE pubsub");
    await expect.poll(() => news).toContainEqual({ type: "missed" });
    await store.append("a", ["x"]);
    await expect.poll(() => news).toContainEqual({ type: "appended", session: "a", sent: 1 });
  });

  it("that were lost without a sign are noticed at the next `expire` but one", async () => {
    await using server = await RedisServer.start();
    const client = await connected(server);
    const store = redisStore({ client, shards: 1 });
    await store.create("a", session);
    await store.append("a", ["before anybody listens"]);
    const news = await listen(store);
    await store.append("a", ["x"]);
    await expect.poll(() => news.length).toBe(1);
    await client.incr("{hf:0}:n"); // News that nobody was told.
    await store.expire(10);
    expect(news.length).toBe(1);
    await store.expire(10);
    expect(news[1]).toEqual({ type: "missed" });
    await store.append("a", ["x"]);
    await expect.poll(() => news[2]).toEqual({ type: "appended", session: "a", sent: 3 });
    await store.expire(10);
    await store.expire(10);
    expect(news.length).toBe(3);
  });

  it("are asked for in vain, within the time of a call, where the server does not answer", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server), callTimeout: 100, shards: 2 });
    server.freeze();
    const { error } = await failureOf(store.subscribe(() => undefined));
    expect(error.message).toBe(`Redis did not answer "subscribe" within 100 ms: whether it happened is unknown`);
    server.thaw();
    await expect.poll(async () => { (await store.subscribe(() => undefined))(); }).toBeUndefined();
  });

  it("need a connection only while somebody listens", async () => {
    await using server = await RedisServer.start();
    const store = redisStore({ client: await connected(server), shards: 4 });
    const listeners = async (): Promise<number> => (await server.command("CLIENT LIST TYPE pubsub") ?? "").split("\n").filter((line) => line.includes("id=")).length;
    const [first, second] = [await store.subscribe(() => undefined), await store.subscribe(() => undefined)];
    expect(await listeners()).toBe(1);
    first();
    first();
    expect(await listeners()).toBe(1);
    second();
    await expect.poll(() => listeners()).toBe(0);
    const news = await listen(store);
    await store.create("a", session);
    await store.append("a", ["x"]);
    await expect.poll(() => news).toEqual([{ type: "appended", session: "a", sent: 1 }]);
  });
});

describe.skipIf(!redisIsInstalled())("the Redis store in a cluster", { timeout: 60_000 }, () => {
  it("goes on with the sessions of the servers that live, and with all when the dead one is back", async () => {
    await using cluster = await RedisCluster.start({ appendonly: true, settings: { "cluster-require-full-coverage": "no" } });
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })), defaults: { socket: { reconnectStrategy: 20 } } });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => { client.destroy(); });
    const store = redisStore({ client, callTimeout: 1_000 });
    const ids = Array.from({ length: 60 }, (_, at) => `session ${at}`);
    for (const id of ids) await store.create(id, session);
    await cluster.servers[1]?.kill();
    const touch = async (): Promise<number> => (await Promise.allSettled(ids.map(async (id) => store.touch(id, 1)))).filter(({ status }) => status === "fulfilled").length;
    const alive = await touch();
    expect(alive).toBeGreaterThan(20);
    expect(alive).toBeLessThan(60);
    await cluster.servers[1]?.start();
    await cluster.serving();
    await expect.poll(() => touch(), { interval: 200 }).toBe(60);
  });
});
