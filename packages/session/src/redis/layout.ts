// Where things lie in Redis. Sessions and keys are divided into parts, and what belongs to a part has the part's hash tag, so that it lies in
// one slot of a cluster and one script can change it in one step:
//
//   {hf:7}:s:<session>  hash    the session's counters, or its tombstone, which Redis removes in time
//   {hf:7}:m:<session>  list    messages for the client that are not acknowledged, each with its kind in front
//   {hf:7}:k:<session>  hash    keys that the session holds: the truth about them, for it goes in one step with the session
//   {hf:7}:d            zset    deadlines of the sessions of this part
//   {hf:7}:g            string  the generation
//   {hf:7}:n            number  news told so far; also the name of the channel that tells them
//   {hf:7}:b            hash    the book of this part: when `expire` was last asked for, the longest timeout, the order of keys
//   {hf:7}:i, {hf:7}:x  hash, zset   an index of the keys whose names belong to this part: who may hold each, and the names in order
//   {hf}:store          hash    the store's generation and its number of parts
import type { SessionId } from "../store/store.ts";

/** The names of what one session has. */
export interface SessionPlace {
  readonly session: string;
  readonly messages: string;
  readonly keys: string;
  readonly shard: ShardPlace;
}

/** The names of what one part has. */
export interface ShardPlace {
  readonly number: number;
  readonly deadlines: string;
  readonly generation: string;
  readonly news: string;
  readonly book: string;
  readonly index: string;
  readonly order: string;
}

export class Layout {
  readonly store: string;
  readonly shards: readonly ShardPlace[];
  readonly #tags: readonly string[];

  constructor(prefix: string, count: number) {
    this.store = `{${prefix}}:store`;
    this.#tags = Array.from({ length: count }, (_, number) => `{${prefix}:${number}}`);
    this.shards = this.#tags.map((tag, number) => ({ number, deadlines: `${tag}:d`, generation: `${tag}:g`, news: `${tag}:n`, book: `${tag}:b`, index: `${tag}:i`, order: `${tag}:x` }));
  }

  session(id: SessionId): SessionPlace {
    const shard = this.#shard(id);
    const tag = this.#tags[shard.number] ?? "";
    return { session: `${tag}:s:${id}`, messages: `${tag}:m:${id}`, keys: `${tag}:k:${id}`, shard };
  }

  /** The part whose index knows who holds a key. */
  key(key: string): ShardPlace {
    return this.#shard(key);
  }

  #shard(name: string): ShardPlace {
    return this.shards[fnv1a(name) % this.shards.length] as ShardPlace; // There is at least one.
  }
}

/** FNV-1a by Fowler, Noll and Vo, over UTF-16 units: spreads names evenly, and is the same everywhere. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
