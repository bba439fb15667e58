import type { WatchListener } from "./watch-event.ts";

/** Watches of one kind: who listens to which path. A server holds one watch for a path, however many listen here. */
export class Shelf {
  readonly #listeners = new Map<string, Set<WatchListener>>();

  get paths(): Iterable<string> {
    return this.#listeners.keys();
  }

  get size(): number {
    return this.#listeners.size;
  }

  has(path: string): boolean {
    return this.#listeners.has(path);
  }

  add(path: string, listener: WatchListener): void {
    const there = this.#listeners.get(path);
    if (there === undefined) this.#listeners.set(path, new Set([listener]));
    else there.add(listener);
  }

  /** True when that was the last one on this path. */
  remove(path: string, listener: WatchListener): boolean {
    const there = this.#listeners.get(path);
    if (there?.delete(listener) !== true || there.size > 0) return false;
    return this.#listeners.delete(path);
  }

  /** Those who listen. */
  at(path: string): Iterable<WatchListener> {
    return this.#listeners.get(path) ?? [];
  }

  /** Those who listened: a one-shot watch is gone when it fires. */
  take(path: string): Iterable<WatchListener> {
    const there = this.#listeners.get(path);
    this.#listeners.delete(path);
    return there ?? [];
  }

  clear(): void {
    this.#listeners.clear();
  }
}
