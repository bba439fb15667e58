import type { Key, SessionStore } from "../store/store.ts";
import { whenAnswered } from "./answered.ts";

/** A key came, went, or has another value or holder. */
export interface KeyChange {
  readonly key: string;
  /** Absent: it was not there. */
  readonly before?: Key;
  /** Absent: it is gone. */
  readonly now?: Key;
}

/**
 * One prefix that somebody watches: what is there is told first, then each change. While the store is read, what changes is only noted, and it is
 * read again; so a listener never goes back in time.
 */
export class Watch {
  readonly #store: SessionStore;
  readonly #prefix: string;
  readonly #listener: (change: KeyChange) => void;
  readonly #failed: (error: unknown) => void;
  readonly #known: Map<string, Key> = new Map();
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #phase: "reading" | "stale" | "live" | "over" = "live";

  constructor(store: SessionStore, prefix: string, listener: (change: KeyChange) => void, failed: (error: unknown) => void) {
    this.#store = store;
    this.#prefix = prefix;
    this.#listener = listener;
    this.#failed = failed;
  }

  /** Resolves when all that is there was told. Rejects where the store does not answer. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Reads all of it, and tells the difference. */
  look(): void {
    if (this.#phase === "over") return;
    if (this.#phase !== "live") {
      this.#phase = "stale";
      return;
    }
    this.#phase = "reading";
    whenAnswered(() => this.#store.keys(this.#prefix), (keys) => { this.#compare(keys); }, (error) => {
      if (this.#phase === "over") return;
      this.#phase = "live";
      this.#ready.reject(error);
      this.#failed(error);
    });
  }

  /** The store told of a key. */
  changed(key: string, now: Key | undefined): void {
    if (!key.startsWith(this.#prefix)) return;
    if (this.#phase === "live") this.#set(key, now);
    else if (this.#phase === "reading") this.#phase = "stale";
  }

  stop(): void {
    this.#phase = "over";
  }

  #compare(keys: readonly Key[]): void {
    if (this.#phase === "over") return;
    const stale = this.#phase === "stale";
    this.#phase = "live";
    if (stale) return this.look();
    const there = new Set(keys.map(({ key }) => key));
    for (const key of [...this.#known.keys()]) if (!there.has(key)) this.#set(key, undefined);
    for (const now of keys) this.#set(now.key, now);
    this.#ready.resolve();
  }

  #set(key: string, now: Key | undefined): void {
    const before = this.#known.get(key);
    if (this.#phase === "over" || same(before, now)) return;
    if (now === undefined) this.#known.delete(key);
    else this.#known.set(key, now);
    this.#listener({ key, ...(before && { before }), ...(now && { now }) });
  }
}

function same(one: Key | undefined, other: Key | undefined): boolean {
  return one?.value === other?.value && one?.session === other?.session && one?.epoch === other?.epoch;
}
