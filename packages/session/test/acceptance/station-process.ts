// A server of sessions in a process of its own. Ends when whoever forked it does.
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { createClient } from "redis";
import { Keeper, memoryStore, type KeeperLimitOptions, type SessionStore } from "../../src/keeper/index.ts";
import { redisStore } from "../../src/redis/index.ts";
import { Effects } from "./effects.ts";

export interface StationOrder { readonly listen: string; readonly redis?: string; readonly receipts?: string; readonly limits?: KeeperLimitOptions }
/** Caught: a message has its receipt, and will never be committed. */
export type Told = { readonly listening: string } | { readonly caught: number };
export type Asked = "catch";

const order = JSON.parse(process.argv[2] ?? "") as StationOrder; // As `RemoteStation` writes it.
const say = (told: Told): void => { process.send?.(told); };

async function openStore(url: string | undefined): Promise<SessionStore> {
  if (url === undefined) return memoryStore();
  const client = createClient({ url, socket: { reconnectStrategy: 10 } });
  client.on("error", () => undefined);
  await client.connect();
  return redisStore({ client });
}

const effects = new Effects(order.receipts);
const keeper = new Keeper({ store: await openStore(order.redis), handle: effects.handle, limits: order.limits ?? {} });
const server = new Server<never, never>({ protocol: keeper.protocol as never, limits: { maxPeers: Infinity, maxPeersPerAddress: Infinity } });
process.on("disconnect", () => { process.exit(); });
process.on("message", () => { void effects.catchOne().then((caught) => { say({ caught }); }); });
say({ listening: (await server.listen(tcp({}), order.listen)).endpoint.uri });
