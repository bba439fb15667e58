import { RedisCluster, redisIsInstalled, RedisServer } from "@holdfast/test-servers";
import { sessionStoreSuite, type StoreFixture } from "@holdfast/testkit/stores";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { RedisClient } from "../../src/redis/client.ts";
import { redisStore } from "../../src/redis/redis-store.ts";

/** Tests wait side by side: most of them do nothing else. */
const framework = { describe, it: it.concurrent };
const options = { timeout: 2_000, lateness: 200, patience: 20_000 };
let stores = 0;

/** A store of its own for each test, on two connections that all of them share. */
function fixture(clients: readonly RedisClient[]): StoreFixture {
  const prefix = `test${stores += 1}`;
  const [store, other] = clients.map((client) => redisStore({ client, prefix, shards: 8 }));
  if (store === undefined || other === undefined) throw new Error("two clients, please");
  return { store, other };
}

interface Owned extends RedisClient { connect(): Promise<unknown>; destroy(): void; on(event: "error", listener: () => void): unknown }

async function open(server: RedisServer): Promise<Owned> {
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 10 } });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function twoClients(make: () => Owned): readonly Owned[] {
  const clients: Owned[] = [];
  beforeAll(async () => {
    for (let at = 0; at < 2; at += 1) {
      const client = make();
      client.on("error", () => undefined);
      await client.connect();
      clients.push(client);
    }
  });
  afterAll(() => { for (const client of clients) client.destroy(); });
  return clients;
}

describe.skipIf(!redisIsInstalled())("the Redis store on one server", () => {
  const scene: { server?: RedisServer } = {};
  beforeAll(async () => { scene.server = await RedisServer.start(); });
  afterAll(async () => { await scene.server?.stop(); });
  const clients = twoClients(() => createClient({ url: scene.server?.url ?? "" }));
  sessionStoreSuite(framework, () => fixture(clients), options);
});

/** A server that one test at a time may kill. */
interface Victim { readonly server: RedisServer; readonly clients: readonly Owned[] }

describe.skipIf(!redisIsInstalled())("the Redis store on one server that is killed and comes back whenever time passes", { timeout: 60_000 }, () => {
  const all: Victim[] = [];
  const free: Victim[] = [];
  beforeAll(async () => {
    for (let at = 0; at < 10; at += 1) {
      const server = await RedisServer.start({ appendonly: true });
      const victim = { server, clients: [await open(server), await open(server)] };
      all.push(victim);
      free.push(victim);
    }
  });
  afterAll(async () => {
    for (const { server, clients } of all) {
      for (const client of clients) client.destroy();
      await server.stop();
    }
  });
  sessionStoreSuite(framework, async () => {
    while (free.length === 0) await sleep(10);
    const victim = free.pop() as Victim; // There is one.
    const pass = async (ms: number): Promise<void> => {
      const until = performance.now() + ms;
      await victim.server.kill();
      await victim.server.start();
      await sleep(Math.max(0, until - performance.now()));
    };
    return { ...fixture(victim.clients), pass, dispose: () => { free.push(victim); } };
  }, options);
});

describe.skipIf(!redisIsInstalled())("the Redis store in a cluster of three", () => {
  const scene: { cluster?: RedisCluster } = {};
  beforeAll(async () => { scene.cluster = await RedisCluster.start(); });
  afterAll(async () => { await scene.cluster?.stop(); });
  const clients = twoClients(() => createCluster({ rootNodes: (scene.cluster?.urls ?? []).map((url) => ({ url })) }));
  sessionStoreSuite(framework, () => fixture(clients), options);
});
