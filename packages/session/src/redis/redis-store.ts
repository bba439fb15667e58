import type { Frame } from "@holdfast/core";
import type { Attachment, AttachRefusal, Change, Claim, Committed, Created, Ended, Fenced, Found, Full, Held, Key, NewSession, News, Outgoing, SessionId, SessionStore, Tombstone } from "../store/store.ts";
import { ackedTooMuch, StoreError, usedBefore } from "../store/store-error.ts";
import { Expiry } from "./expiry.ts";
import { KeyLedger } from "./key-ledger.ts";
import { Layout } from "./layout.ts";
import { NewsFeed } from "./news-feed.ts";
import { resolveRedisStore, type RedisStoreOptions } from "./redis-options.ts";
import { bytes, common, given, number, opened, sealed, text } from "./replies.ts";
import { Runner } from "./runner.ts";
import { close } from "./scripts/ends.ts";
import { append, attach, birth, commit, create, find, read, settle, touch } from "./scripts/sessions.ts";

/**
 * Sessions in Redis (7 or later) or Valkey, on one server, with sentinels, or in a cluster. What changes a session is one script and so one step, timed by
 * the clock of the server that has the session. A promise that is rejected (`HF_STORE_FAILED`) means: it is unknown whether it happened.
 *
 * Redis must not evict (`maxmemory-policy noeviction`), and what it forgets in a crash or a failover is lost: see docs/guides/sessions-in-redis.md.
 */
export function redisStore(options: RedisStoreOptions): SessionStore {
  return new RedisStore(options);
}

class RedisStore implements SessionStore {
  readonly #runner: Runner;
  readonly #layout: Layout;
  readonly #ledger: KeyLedger;
  readonly #feed: NewsFeed;
  readonly #expiry: Expiry;
  /** Whether all who use the store agree about its parts, looked at before the first session is made. */
  #agreed: Promise<Uint8Array> | undefined;

  constructor(options: RedisStoreOptions) {
    const settings = resolveRedisStore(options);
    this.#runner = new Runner(options.client, settings.callTimeout);
    this.#layout = new Layout(settings.prefix, settings.shards);
    this.#ledger = new KeyLedger(this.#runner, this.#layout, settings.keysPerSession);
    this.#feed = new NewsFeed(options.client, this.#runner, this.#layout);
    this.#expiry = new Expiry(this.#runner, this.#layout, this.#ledger, this.#feed, settings.outageAfter);
  }

  async create(id: SessionId, { secret, timeout, principal, maxBytes }: NewSession): Promise<Created | Full> {
    const { session, shard } = this.#layout.session(id);
    await this.#agree();
    const ask = (generation: Uint8Array): ReturnType<Runner["run"]> => this.#runner.run(create, [session, shard.deadlines, shard.generation, shard.book], [
      id, Buffer.from(generation), given(timeout), given(maxBytes), principal, ...(secret === undefined ? [] : [Buffer.from(secret)]),
    ]);
    let reply = await ask(new Uint8Array());
    if (text(reply[0]) === "newborn") {
      this.#agreed = undefined; // The store may have been emptied meanwhile, and have to be born again.
      reply = await ask(await this.#agree());
    }
    if (text(reply[0]) === "used") throw usedBefore();
    return { ok: "created", epoch: 1, generation: bytes(reply[1]) };
  }

  async find(id: SessionId): Promise<Found | Tombstone | undefined> {
    const [why, received, secret, timeout, principal] = await this.#runner.run(find, [this.#layout.session(id).session], []);
    if (received === null) return undefined;
    const kept = { ...(secret === null ? {} : { secret: bytes(secret) }), principal: text(principal) };
    if (why === null) return { ok: "found", timeout: number(timeout), ...kept };
    return { ok: "tombstone", why: text(why) as Tombstone["why"], received: number(received), ...kept }; // The scripts' own words.
  }

  async attach(id: SessionId, claim: Claim): Promise<Attachment | AttachRefusal> {
    const { session, messages, shard } = this.#layout.session(id);
    const [kind, ...rest] = await this.#runner.run(attach, [session, messages, shard.deadlines, shard.generation, shard.news], [
      id, Buffer.from(claim.generation), String(claim.attach), String(claim.received), String(claim.sent), String(claim.acked), claim.restarted ? "1" : "0",
    ]);
    if (text(kind) === "refused") return { ok: "refused", why: text(rest[0]) as AttachRefusal["why"], received: number(rest[1]), attach: number(rest[2]) }; // The scripts' own words.
    return { ok: "attached", epoch: number(rest[0]), received: number(rest[1]), sent: number(rest[2]), acked: number(rest[3]), timeout: number(rest[4]) };
  }

  async commit(id: SessionId, epoch: number, { received = 0, acked = 0, append: more = [] }: Change): Promise<Committed | Full | Fenced | Ended> {
    const { session, messages, shard } = this.#layout.session(id);
    const reply = await this.#runner.run(more.length > 0 ? commit : settle, [session, messages, shard.deadlines], [id, String(epoch), String(received), String(acked), ...sealed(more)]);
    if (text(reply[0]) === "acked") throw ackedTooMuch(acked, number(reply[1]));
    return common(reply) as Committed | Full | Fenced | Ended; // What the script answers.
  }

  async append(id: SessionId, more: readonly Frame[]): Promise<Committed | Full | Ended> {
    const { session, messages, shard } = this.#layout.session(id);
    return common(await this.#runner.run(append, [session, messages, shard.news], [id, ...sealed(more)])) as Committed | Full | Ended; // What the script answers.
  }

  async read(id: SessionId, from: number, limit: number): Promise<readonly Outgoing[]> {
    const { session, messages } = this.#layout.session(id);
    return opened(await this.#runner.run(read, [session, messages], [String(from), String(Math.min(limit, 2 ** 31))]));
  }

  async touch(id: SessionId, epoch: number): Promise<Committed | Fenced | Ended> {
    const { session, shard } = this.#layout.session(id);
    return common(await this.#runner.run(touch, [session, shard.deadlines], [id, String(epoch)])) as Committed | Fenced | Ended; // What the script answers.
  }

  async close(id: SessionId, epoch: number): Promise<Ended | Fenced> {
    const { session, messages, keys, shard } = this.#layout.session(id);
    const reply = await this.#runner.run(close, [session, messages, keys, shard.deadlines, shard.news], [id, String(epoch)]);
    await this.#ledger.clearAll(id, reply.slice(3));
    return common(reply) as Ended | Fenced; // What the script answers.
  }

  hold(id: SessionId, epoch: number, key: string, value: string): Promise<Held | Full | Fenced | Ended> {
    return this.#ledger.hold(id, epoch, key, value);
  }

  release(id: SessionId, epoch: number, key: string): Promise<Committed | Fenced | Ended> {
    return this.#ledger.release(id, epoch, key);
  }

  keys(prefix: string): Promise<readonly Key[]> {
    return this.#ledger.list(prefix);
  }

  expire(limit: number): Promise<readonly SessionId[]> {
    return this.#expiry.expire(limit);
  }

  subscribe(listener: (news: News) => void): Promise<() => void> {
    return this.#feed.subscribe(listener);
  }

  /** The store's generation; a rejection is not remembered. */
  #agree(): Promise<Uint8Array> {
    this.#agreed ??= this.#birth().catch((error: unknown) => {
      this.#agreed = undefined;
      throw error;
    });
    return this.#agreed;
  }

  async #birth(): Promise<Uint8Array> {
    const own = this.#layout.shards.length;
    const [generation, shards] = await this.#runner.run(birth, [this.#layout.store], [Buffer.from(crypto.getRandomValues(new Uint8Array(8))), String(own)]);
    if (number(shards) !== own) throw new StoreError("HF_STORE_CALL", `this store has ${number(shards)} shards, and its user says ${own}: all who use it give the same number`, { next: "stop" });
    return bytes(generation);
  }
}
