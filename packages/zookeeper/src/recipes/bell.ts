import type { WatchListener } from "../watches/watch-event.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { Watchtower } from "./watchtower.ts";

/** What may change who is first, besides the nodes themselves. */
const moments = ["expired", "restored", "closed"] as const;

/** Rings when something has happened since the last look: to one of the nodes that were looked at, or to the session. */
export class Bell {
  readonly #zookeeper: ZooKeeper;
  readonly #tower: Watchtower;
  readonly #nodes = new Map<string, () => void>();
  #state: { readonly phase: "still"; readonly wake?: () => void } | { readonly phase: "rung" } = { phase: "still" };

  constructor(zookeeper: ZooKeeper) {
    this.#zookeeper = zookeeper;
    this.#tower = Watchtower.of(zookeeper);
    for (const moment of moments) zookeeper.on(moment, this.#ring);
  }

  get rung(): boolean {
    return this.#state.phase === "rung";
  }

  /** As if something had happened. */
  ring(): void {
    this.#ring();
  }

  /** Before a look, so that nothing falls between the look and the wait. */
  still(): void {
    this.#state = { phase: "still" };
  }

  /** What a read leaves behind as its watch, so that a change of that node is heard here. `heard` is told of it first. */
  at(path: string, heard?: () => void): WatchListener {
    if (!this.#nodes.has(path)) this.#nodes.set(path, this.#tower.listen(path, () => { heard?.(); this.#ring(); }));
    return this.#tower.listener;
  }

  /** That node is of no interest any more. */
  leave(path: string): void {
    this.#nodes.get(path)?.();
    this.#nodes.delete(path);
  }

  /** Resolves when it has rung, rejects with `signal.reason`. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.rung) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = { phase: "still", wake: resolve };
    signal.addEventListener("abort", this.#ring, { once: true });
    await promise;
    signal.removeEventListener("abort", this.#ring);
    signal.throwIfAborted();
  }

  close(): void {
    for (const moment of moments) this.#zookeeper.off(moment, this.#ring);
    for (const leave of this.#nodes.values()) leave();
  }

  readonly #ring = (): void => {
    const state = this.#state;
    this.#state = { phase: "rung" };
    if (state.phase === "still") state.wake?.();
  };
}
