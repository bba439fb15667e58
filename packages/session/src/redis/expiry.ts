import type { Millis } from "@holdfast/core";
import type { SessionId } from "../store/store.ts";
import type { KeyLedger } from "./key-ledger.ts";
import type { Layout } from "./layout.ts";
import type { NewsFeed } from "./news-feed.ts";
import { given, number, text } from "./replies.ts";
import type { Runner } from "./runner.ts";
import { due, expire } from "./scripts/ends.ts";

/** Looks in each part for sessions that are overdue, and ends them one by one: two keepers may look at once, and each session ends once. */
export class Expiry {
  readonly #runner: Runner;
  readonly #layout: Layout;
  readonly #ledger: KeyLedger;
  readonly #feed: NewsFeed;
  readonly #outageAfter: Millis;
  /** The part to begin with: where there are more than the limit, each part has its turn. */
  #first = 0;

  constructor(runner: Runner, layout: Layout, ledger: KeyLedger, feed: NewsFeed, outageAfter: Millis) {
    this.#runner = runner;
    this.#layout = layout;
    this.#ledger = ledger;
    this.#feed = feed;
    this.#outageAfter = outageAfter;
  }

  async expire(limit: number): Promise<readonly SessionId[]> {
    const { shards } = this.#layout;
    const args = [String(Math.max(0, Math.min(limit, 2 ** 31))), given(this.#outageAfter)];
    const looks = await Promise.all(shards.map(async ({ deadlines, book, news }) => this.#runner.run(due, [deadlines, book, news], args)));
    this.#feed.told(looks.map(([told]) => number(told)));
    const found = looks.flatMap((_, at) => (looks[(at + this.#first) % shards.length] ?? []).slice(1).map(text));
    this.#first = (this.#first + 1) % shards.length;
    const ended = await Promise.all(found.slice(0, Math.max(0, limit)).map(async (id) => (await this.#end(id) ? [id] : [])));
    return ended.flat();
  }

  async #end(id: SessionId): Promise<boolean> {
    const { session, messages, keys, shard } = this.#layout.session(id);
    const reply = await this.#runner.run(expire, [session, messages, keys, shard.deadlines, shard.news], [id]);
    if (text(reply[0]) !== "ended") return false;
    await this.#ledger.clearAll(id, reply.slice(3));
    return true;
  }
}
