export { redisStore } from "./redis-store.ts";
export type { RedisStoreOptions } from "./redis-options.ts";
export type { Argument, RedisClient, RedisCommands, RedisListener } from "./client.ts";
export { StoreError } from "../store/store-error.ts";
export type { SessionStore } from "../store/store.ts";
