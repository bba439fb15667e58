const most = 10_000;

/**
 * News of one key may come over several channels, those of the sessions that held it, and so overtake each other: that one let go of it after that
 * another holds it. Each holding has an order; what is older than the latest is no news. Remembers the keys of the last few thousand changes,
 * which is longer than news are on their way.
 */
export class LatestKeys {
  readonly #orders: Map<string, number> = new Map();

  isNew(key: string, order: number): boolean {
    const latest = this.#orders.get(key);
    if (latest !== undefined && order < latest) return false;
    this.#orders.delete(key); // Put at the end.
    this.#orders.set(key, order);
    if (this.#orders.size > most) for (const oldest of this.#orders.keys()) { this.#orders.delete(oldest); break; }
    return true;
  }
}
