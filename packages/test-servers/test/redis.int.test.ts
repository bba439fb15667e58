import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RedisCluster, redisIsInstalled, RedisServer } from "../src/index.ts";

describe.skipIf(!redisIsInstalled())("a Redis server", { timeout: 60_000 }, () => {
  it("serves, and keeps its data over a kill if it is told to", async () => {
    await using server = await RedisServer.start({ appendonly: true });
    expect(await server.command("SET a 1")).toBe("OK");
    const { pid } = server;
    await server.kill();
    expect([server.running, existsSync(`/proc/${pid}`), await server.command("PING")]).toEqual([false, false, undefined]);
    await server.start();
    expect(await server.command("GET a")).toBe("1");
  });

  it("stands still, goes on, and can be killed meanwhile", async () => {
    await using server = await RedisServer.start();
    server.freeze();
    expect([server.frozen, await server.command("PING")]).toEqual([true, undefined]);
    server.thaw();
    expect([server.frozen, await server.command("PING")]).toEqual([false, "PONG"]);
    server.freeze();
    await server.kill();
    expect(() => { server.freeze(); }).toThrow(/does not run/);
  });

  it("says what it logged when it cannot start, and leaves nothing behind", async () => {
    await expect(RedisServer.start({ settings: { maxmemory: "nonsense" } })).rejects.toThrow(/ended before it served:[^]*maxmemory/);
    const server = await RedisServer.start();
    const { folder, pid } = server;
    await server.stop();
    await server.stop();
    expect([existsSync(folder), existsSync(`/proc/${pid}`)]).toEqual([false, false]);
  });
});

describe.skipIf(!redisIsInstalled())("a Redis cluster", { timeout: 60_000 }, () => {
  it("serves all slots from three servers, also after all were killed", async () => {
    await using cluster = await RedisCluster.start({ appendonly: true });
    const answers = async (): Promise<readonly (string | undefined)[]> => Promise.all(cluster.servers.map((server) => server.command("GET a")));
    expect((await answers()).filter((answer) => answer?.startsWith("-MOVED")).length).toBe(2);
    await cluster.killAll();
    await cluster.startAll();
    await cluster.serving();
    expect((await answers()).filter((answer) => answer?.startsWith("-MOVED")).length).toBe(2);
  });
});
