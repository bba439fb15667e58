import type { WatchEvent, WatchListener } from "../watches/watch-event.ts";
import type { ZooKeeper } from "../zookeeper.ts";

const towers = new WeakMap<ZooKeeper, Watchtower>();

/**
 * The one listener that all recipes of a client hand to the servers' watches. A watch keeps its listener until the node changes, which may
 * be never; so whoever gives up waiting only leaves here, and a thousand of them leave one listener behind, not a thousand.
 */
export class Watchtower {
  readonly #waiting = new Map<string, Set<WatchListener>>();

  static of(zookeeper: ZooKeeper): Watchtower {
    const known = towers.get(zookeeper) ?? new Watchtower();
    towers.set(zookeeper, known);
    return known;
  }

  readonly listener: WatchListener = (event: WatchEvent): void => {
    for (const told of [...this.#waiting.get(event.path) ?? []]) told(event);
  };

  /** Tells what happens to a node, until the function that it gives is called. Setting the watch is the caller's. */
  listen(path: string, told: WatchListener): () => void {
    const there = this.#waiting.get(path) ?? new Set();
    this.#waiting.set(path, there.add(told));
    return () => {
      if (there.delete(told) && there.size === 0 && this.#waiting.get(path) === there) this.#waiting.delete(path);
    };
  }
}
