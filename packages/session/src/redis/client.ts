/** What is passed to Redis: texts go as UTF-8. */
export type Argument = string | Buffer;

/** What a store needs of node-redis (`redis` on npm, version 6): what `createClient`, `createCluster` and `createSentinel` return fits. */
export interface RedisClient {
  /** `36` is a bulk string: they come as bytes, or the messages in them would be damaged. */
  withTypeMapping(mapping: { readonly 36: typeof Buffer }): RedisCommands;
  /** A client with the same options, for the news. */
  duplicate(): RedisListener;
}

export interface RedisCommands {
  eval(script: string, options: { keys: string[]; arguments: Argument[] }): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: Argument[] }): Promise<unknown>;
}

export interface RedisListener {
  connect(): Promise<unknown>;
  destroy(): void;
  sSubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
}
