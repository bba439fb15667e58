import { OptionError, type Millis } from "@holdfast/core";
import type { RedisClient } from "./client.ts";

export interface RedisStoreOptions {
  /** A client of node-redis that is connected, or will be: for one server, a cluster or sentinels. It stays the caller's: nobody here closes it. */
  readonly client: RedisClient;
  /** The first word of all keys: stores with different ones know nothing of each other. No braces. @default 'hf' */
  readonly prefix?: string;
  /**
   * Parts into which sessions and keys are divided; in a cluster each part lives in one slot. All who use the store give the same number, and it is
   * never changed: a different one is refused. 1 to 1024. @default 32
   */
  readonly shards?: number;
  /** How long to wait for an answer of Redis. After it the call is rejected, and whether it happened is unknown. `Infinity`: as long as it takes. @default 5000 */
  readonly callTimeout?: Millis;
  /** Most keys that one session holds; `hold` answers `full` beyond it. @default 1000 */
  readonly keysPerSession?: number;
  /**
   * Nobody has called `expire` for so long: then Redis, or all keepers, were down, nobody could renew anything, and nothing expires for one whole timeout (the
   * longest that any session of the part ever had). Keepers call `expire` every second or so; one that asks more seldom than this ends sessions up to two timeouts late. `Infinity`: no pause.
   * @default 5000
   */
  readonly outageAfter?: Millis;
}

export type RedisStoreSettings = Required<Omit<RedisStoreOptions, "client">>;

const defaults: RedisStoreSettings = { prefix: "hf", shards: 32, callTimeout: 5_000, keysPerSession: 1_000, outageAfter: 5_000 };

export function resolveRedisStore(options: RedisStoreOptions): RedisStoreSettings {
  const { prefix, shards, callTimeout, keysPerSession, outageAfter } = { ...defaults, ...defined(options) };
  if (typeof options.client?.withTypeMapping !== "function") throw new OptionError("client", "a client of node-redis, as createClient() or createCluster() of the package redis make it");
  if (typeof prefix !== "string" || /[{}]/.test(prefix)) throw new OptionError("prefix", "a text without braces", prefix);
  if (!Number.isInteger(shards) || shards < 1 || shards > 1024) throw new OptionError("shards", "an integer from 1 to 1024", shards);
  if (!(callTimeout > 0)) throw new OptionError("callTimeout", "a number of milliseconds greater than 0", callTimeout);
  if (!(keysPerSession >= 0)) throw new OptionError("keysPerSession", "a number of at least 0", keysPerSession);
  if (!(outageAfter > 0)) throw new OptionError("outageAfter", "a number of milliseconds greater than 0", outageAfter);
  return { prefix, shards, callTimeout, keysPerSession, outageAfter };
}

/** What was not given must not hide a default. */
function defined(options: RedisStoreOptions): Partial<RedisStoreSettings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
