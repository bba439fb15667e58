import type { News } from "../store/store.ts";
import { Newsroom } from "../store/newsroom.ts";
import type { RedisClient, RedisListener } from "./client.ts";
import type { Layout } from "./layout.ts";
import { LatestKeys } from "./latest-keys.ts";
import { parseNews } from "./parse-news.ts";
import { number } from "./replies.ts";
import type { Runner } from "./runner.ts";
import { count } from "./scripts/ends.ts";

/**
 * News over Redis's sharded channels, one for each part of the store, on a connection of its own that lives while somebody listens. News of a part are
 * numbered. Where a number is skipped, where the connection was made anew, or where `expire` learns of more news than came, something was
 * missed, and that is said.
 */
export class NewsFeed {
  readonly #client: RedisClient;
  readonly #runner: Runner;
  readonly #layout: Layout;
  readonly #room: Newsroom = new Newsroom();
  /** The number of the last news of each part, or of the last before we listened; undefined while nobody listens. */
  readonly #heard: (number | undefined)[];
  /** What `expire` was told the last time. */
  #known: readonly number[] = [];
  #latest: LatestKeys = new LatestKeys();
  #listener: Promise<RedisListener> | undefined;
  #asking = 0;

  constructor(client: RedisClient, runner: Runner, layout: Layout) {
    this.#client = client;
    this.#runner = runner;
    this.#layout = layout;
    this.#heard = layout.shards.map(() => undefined);
  }

  async subscribe(listener: (news: News) => void): Promise<() => void> {
    this.#asking += 1;
    try {
      this.#listener ??= this.#listen();
      await this.#listener;
    } catch (error) {
      this.#listener = undefined;
      this.#asking -= 1;
      throw error;
    }
    const leave = this.#room.subscribe(listener);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
      this.#asking -= 1;
      if (this.#asking === 0) this.#hangUp();
    };
  }

  /** How many news there were, by part. Those of the time before must have come by now. */
  told(counts: readonly number[]): void {
    if (this.#listener === undefined) return;
    let missed = false;
    for (const [part, before] of this.#known.entries()) {
      const heard = this.#heard[part];
      const now = counts[part] ?? 0;
      // Fewer than were heard: the store was emptied, or went back to an older state.
      if (heard !== undefined && (heard < before || now < heard)) {
        missed = true;
        this.#heard[part] = Math.min(now, before);
      }
    }
    this.#known = counts;
    if (missed) this.#missed();
  }

  async #listen(): Promise<RedisListener> {
    const listener = this.#client.duplicate();
    let connected = false;
    const again = (): void => { if (connected) this.#missed(); };
    // Its errors are told by what follows from them: calls that fail, and news that are missed.
    listener.on("error", () => undefined);
    listener.on("ready", again);
    listener.on("node-ready", again);
    try {
      await this.#runner.within("subscribe", this.#tune(listener));
    } catch (error) {
      shut(listener);
      throw error;
    }
    connected = true;
    return listener;
  }

  /** Connects, listens to each part, and asks for the number to count from. */
  async #tune(listener: RedisListener): Promise<void> {
    await listener.connect();
    await Promise.all(this.#layout.shards.map(async ({ news }, part) => {
      await listener.sSubscribe(news, (message) => { this.#take(part, message); });
      const [told] = await this.#runner.run(count, [news], []);
      this.#heard[part] ??= number(told);
    }));
  }

  #hangUp(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#known = [];
    this.#latest = new LatestKeys();
    this.#heard.fill(undefined);
    listener?.then(shut, () => undefined);
  }

  #take(part: number, message: string): void {
    const parsed = parseNews(message);
    if (parsed === undefined) return;
    const { number, news, order } = parsed;
    const heard = this.#heard[part];
    this.#heard[part] = number;
    if (heard !== undefined && number !== heard + 1) this.#missed();
    if (news.type === "key" && !this.#latest.isNew(news.key, order)) return;
    this.#room.tell(news);
  }

  #missed(): void {
    if (!this.#room.empty) this.#room.tell({ type: "missed" });
  }
}

function shut(listener: RedisListener): void {
  try {
    listener.destroy();
  } catch {
    // It was closed already, or never open.
  }
}
