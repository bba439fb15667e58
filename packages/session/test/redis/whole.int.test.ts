import { constant } from "@holdfast/core";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { redisIsInstalled, RedisServer } from "@holdfast/test-servers";
import { describe, expect, it, onTestFinished } from "vitest";
import { Session } from "../../src/client/session.ts";
import type { Message } from "../../src/frames/frame.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import { redisStore } from "../../src/redis/redis-store.ts";
import { connected } from "./scene.ts";

interface Place { readonly keeper: Keeper; readonly server: Server<Message, never>; readonly uri: string }

/** A server of the application, whose handler answers each message. */
async function serve(redis: RedisServer, handled: string[]): Promise<Place> {
  const keeper = new Keeper({
    store: redisStore({ client: await connected(redis), callTimeout: 2_000 }),
    handle: (message, { session }) => {
      handled.push(String(message));
      session.send(`answer to ${String(message)}`);
    },
  });
  const server = new Server({ protocol: keeper.protocol });
  const { endpoint } = await server.listen(tcp(), "tcp://127.0.0.1:0");
  onTestFinished(async () => {
    await server.close();
    await keeper.close();
  });
  return { keeper, server, uri: endpoint.uri };
}

describe.skipIf(!redisIsInstalled())("two keepers that share a Redis store", { timeout: 60_000 }, () => {
  it("serve one session by turns, and each message once each way, while connections are cut and Redis is killed", async () => {
    await using redis = await RedisServer.start({ appendonly: true });
    const handled: string[] = [];
    const [first, second] = [await serve(redis, handled), await serve(redis, handled)];
    const session = new Session({ endpoints: [first.uri, second.uri], transports: [tcp()], shuffle: false, backoff: constant(20) });
    onTestFinished(async () => { await session.close(); });
    const heard: string[] = [];
    session.receive((message) => { heard.push(String(message)); });
    session.on("waiting", () => undefined); // Expected, while Redis is away.
    await session.open();
    const say = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += 1) {
        await session.write(`message ${at}`);
        if (at % 5 === 0) await new Promise((resolve) => { setTimeout(resolve, 2); });
      }
    };
    const saying = say(0, 600);
    await expect.poll(() => heard.length).toBeGreaterThan(50);
    for (const peer of first.server.peers.values()) peer.abort(new Error("a cable was pulled"));
    await expect.poll(() => heard.length).toBeGreaterThan(150);
    await redis.kill();
    await redis.start();
    await saying;
    await expect.poll(() => heard.length).toBe(600);
    expect(heard).toEqual(Array.from({ length: 600 }, (_, at) => `answer to message ${at}`));
    expect(handled.slice(-1)).toEqual(["message 599"]);
    expect(session.epoch).toBeGreaterThan(1);
  });
});
