import { inspect } from "node:util";
import type { createClient, createCluster, createSentinel } from "redis";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { RedisClient, RedisListener } from "../../src/redis/client.ts";
import { failure } from "../../src/redis/failure.ts";
import { LatestKeys } from "../../src/redis/latest-keys.ts";
import { Layout } from "../../src/redis/layout.ts";
import { NewsFeed } from "../../src/redis/news-feed.ts";
import { parseNews } from "../../src/redis/parse-news.ts";
import { redisStore } from "../../src/redis/redis-store.ts";
import { Runner } from "../../src/redis/runner.ts";
import type { News } from "../../src/store/store.ts";

/** A client that only listens, and to nobody but the test. */
function fakeClient(): { readonly client: RedisClient; readonly say: (channel: string, message: string) => void; readonly ready: () => void; readonly open: () => number } {
  const channels = new Map<string, (message: string) => void>();
  const events = new Map<string, () => void>();
  let open = 0;
  const listener: RedisListener = {
    connect: () => { open += 1; return Promise.resolve(); },
    destroy: () => { open -= 1; },
    sSubscribe: (channel, listen) => { channels.set(channel, listen); return Promise.resolve(); },
    on: (event, listen) => events.set(event, listen),
  };
  // The only script that a listener runs: how many news were told before.
  const evalSha = (_sha: string, { keys }: { readonly keys: readonly string[] }): Promise<unknown> => Promise.resolve([keys[0] === "{hf:0}:n" ? 6 : 0]);
  return { client: { withTypeMapping: () => ({ eval: evalSha, evalSha }), duplicate: () => listener }, say: (channel, message) => { channels.get(channel)?.(message); }, ready: () => { events.get("ready")?.(); }, open: () => open };
}

async function feeding(): Promise<{ readonly news: News[]; readonly feed: NewsFeed; readonly say: (part: number, ...news: readonly unknown[]) => void; readonly ready: () => void }> {
  const { client, say, ready } = fakeClient();
  const feed = new NewsFeed(client, new Runner(client, 1_000), new Layout("hf", 2));
  const news: News[] = [];
  await feed.subscribe((item) => { news.push(item); });
  return { news, feed, say: (part, ...parts) => { say(`{hf:${part}}:n`, JSON.stringify(parts)); }, ready };
}

const missed = { type: "missed" };

describe("the client of Redis", () => {
  it("may be one of node-redis for one server, for a cluster or with sentinels", () => {
    expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>();
    expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisClient>();
    expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>();
  });
});

describe("the options of the Redis store", () => {
  it.each([
    [{ prefix: "{x}" }, /prefix must be a text without braces/],
    [{ shards: 0 }, /shards must be an integer from 1 to 1024, got 0/],
    [{ shards: 1.5 }, /shards must be an integer/],
    [{ callTimeout: 0 }, /callTimeout must be a number of milliseconds greater than 0/],
    [{ keysPerSession: -1 }, /keysPerSession must be a number of at least 0/],
    [{ outageAfter: Number.NaN }, /outageAfter must be a number of milliseconds/],
  ])("are refused where they cannot work: %j", (options, saying) => {
    expect(() => redisStore({ client: fakeClient().client, ...options })).toThrow(saying);
  });

  it("must bring a client", () => {
    expect(() => redisStore({ client: {} as RedisClient })).toThrow(/client must be a client of node-redis/);
  });
});

describe("the layout", () => {
  it("gives all that belongs to one part the same hash tag, and nothing else braces", () => {
    const layout = new Layout("hf", 16);
    const { session, messages, keys, shard } = layout.session("{evil}");
    const names = [session, messages, keys, ...Object.values(shard).filter((name) => typeof name === "string")];
    expect(new Set(names.map((name) => /^\{(.*?)\}/.exec(name)?.[1]))).toEqual(new Set([`hf:${shard.number}`]));
  });

  it("spreads sessions evenly", () => {
    const layout = new Layout("hf", 16);
    const counts = Array.from({ length: 16 }, () => 0);
    for (let at = 0; at < 16_000; at += 1) counts[layout.session(at.toString(16).padStart(32, "0")).shard.number]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1_200);
  });
});

describe("a failure of Redis", () => {
  it("tells the first word of an error reply and nothing of what was passed", () => {
    const shown = inspect(failure("commit", new Error("ERR unknown command 'EVALSHA', with args beginning with: 'canary'")), { depth: 9 });
    expect(shown).toContain(`Redis answered ERR to "commit"`);
    expect(shown).not.toContain("canary");
  });

  it("keeps the cause where there was no answer", () => {
    const cause = new Error("Socket closed unexpectedly");
    expect(failure("touch", cause)).toMatchObject({ code: "HF_STORE_FAILED", cause, message: `Redis could not be asked for "touch": whether it happened is unknown` });
  });
});

describe("news", () => {
  it.each(["", "nonsense", "{}", "[]", `["x"]`, `[1]`, `[1,"unheard of"]`])("of somebody else are no news: %j", (message) => {
    expect(parseNews(message)).toBeUndefined();
  });

  it("that follow each other are told, each part for itself", async () => {
    const { news, say } = await feeding();
    say(0, 7, "appended", "a", "1");
    say(1, 1, "attached", "b", "2");
    say(0, 8, "ended", "a", "expired");
    expect(news).toEqual([{ type: "appended", session: "a", sent: 1 }, { type: "attached", session: "b", epoch: 2 }, { type: "ended", session: "a", why: "expired" }]);
  });

  it("that skip a number are told after `missed`", async () => {
    const { news, say } = await feeding();
    say(0, 7, "ended", "a", "closed");
    say(0, 9, "ended", "b", "closed");
    say(0, 1, "ended", "c", "closed");
    expect(news.map(({ type }) => type)).toEqual(["ended", "missed", "ended", "missed", "ended"]);
  });

  it("may have been missed whenever the connection was made anew", async () => {
    const { news, ready } = await feeding();
    ready();
    expect(news).toEqual([missed]);
  });

  it("that should have come by now were missed", async () => {
    const { news, feed, say } = await feeding();
    say(0, 7, "ended", "a", "closed");
    feed.told([8, 0]);
    expect(news.length).toBe(1);
    feed.told([8, 1]);
    expect(news.slice(1)).toEqual([missed]);
    feed.told([8, 1]);
    expect(news.slice(2)).toEqual([missed]);
    feed.told([8, 1]);
    expect(news.length).toBe(3);
  });

  it("are counted anew, after `missed`, where the store was emptied", async () => {
    const { news, feed, say } = await feeding();
    for (const number of [7, 8]) say(0, number, "ended", "a", "closed");
    feed.told([8, 0]);
    feed.told([0, 0]);
    expect(news.slice(2)).toEqual([missed]);
    say(0, 1, "ended", "a", "closed");
    expect(news.length).toBe(4);
  });

  it("of a key are dropped where later ones have come already", async () => {
    const { news, say } = await feeding();
    say(0, 7, "key", "k", "20", "b", "1", "value");
    say(1, 1, "key", "k", "10");
    say(0, 8, "key", "k", "20");
    expect(news).toEqual([{ type: "key", key: "k", now: { key: "k", value: "value", session: "b", epoch: 1 } }, { type: "key", key: "k" }]);
  });

  it("remember the order of so many keys", () => {
    const latest = new LatestKeys();
    for (let at = 0; at < 10_001; at += 1) latest.isNew(`key ${at}`, 2);
    expect([latest.isNew("key 0", 1), latest.isNew("key 10000", 1)]).toEqual([true, false]);
  });
});
