import { addWatch, removeWatches, type WatchKind, type WatchMode } from "../operations/watching.ts";
import { exists } from "../operations/nodes.ts";
import type { Root } from "../records/root.ts";
import type { RequestOptions, Requests } from "../session/requests.ts";
import type { OneShot, WatchRegistry } from "./registry.ts";
import { WatchStream } from "./stream.ts";
import type { WatchEvent, WatchListener } from "./watch-event.ts";

/** Sets and removes watches, on the servers and here. */
export class Watching {
  readonly #root: Root;
  readonly #registry: WatchRegistry;
  readonly #requests: Requests;
  readonly #streams = new Set<WatchStream>();

  constructor(root: Root, registry: WatchRegistry, requests: Requests) {
    this.#root = root;
    this.#registry = registry;
    this.#requests = requests;
  }

  /** The answer that is being read says that the server has set this one-shot watch. */
  expect(kind: OneShot, path: string, listener: WatchListener): void {
    this.#registry.expect(kind, this.#root.full(path), listener);
  }

  async add(path: string, mode: WatchMode, listener: WatchListener, options?: RequestOptions): Promise<void> {
    const full = this.#root.full(path);
    const added = this.#requests.ask(addWatch(this.#root, path, mode), options, () => { this.#registry.follow(mode, full, listener); });
    // Behind it, so that no change falls between: whether the node exists decides what has to be asked after a failover.
    const known = mode === "persistent" ? this.#requests.ask(exists(this.#root, path, false), options, (stat) => { this.#registry.know(full, stat !== undefined); }) : undefined;
    known?.catch(() => { /* Then it counts as existing; the watch stands. */ });
    await added;
    await known?.catch(() => { /* The same. */ });
  }

  async remove(path: string, mode: WatchMode, listener: WatchListener, options?: RequestOptions): Promise<void> {
    const full = this.#root.full(path);
    if (!this.#registry.leave(mode, full, listener) || this.#registry.has(full)) return; // Others need the server's watch.
    try {
      // All of ours on this path: none is left, and servers before 3.9 cannot tell kinds of lasting watches apart.
      await this.#requests.ask(removeWatches(this.#root, path, "any"), options);
    } catch (error) {
      if ((error as { code?: string }).code !== "ZK_NO_WATCHER") throw error;
    }
  }

  removeAll(path: string, kind: WatchKind, options?: RequestOptions): Promise<void> {
    const full = this.#root.full(path);
    return this.#requests.ask(removeWatches(this.#root, path, kind), options, () => { this.#registry.forget(full, shelves[kind]); });
  }

  async *stream(path: string, { recursive = false, signal }: { readonly recursive?: boolean; readonly signal?: AbortSignal }): AsyncIterableIterator<WatchEvent, undefined> {
    signal?.throwIfAborted();
    const mode = recursive ? "recursive" : "persistent";
    const stream = new WatchStream(path);
    const aborted = (): void => { stream.end(signal?.reason); };
    this.#streams.add(stream);
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      await this.add(path, mode, stream.listener, { ...(signal && { signal }) });
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      signal?.removeEventListener("abort", aborted);
      this.#streams.delete(stream);
      stream.end();
      // Nobody waits for it: a server that is gone has forgotten the watch anyway.
      this.remove(path, mode, stream.listener).catch(() => {});
    }
  }

  /** The session is over. */
  end(error: unknown): void {
    for (const stream of this.#streams) stream.end(error);
  }
}

const shelves: Readonly<Record<WatchKind, readonly (OneShot | WatchMode)[]>> = {
  children: ["child"], data: ["data", "exist"], persistent: ["persistent"], recursive: ["recursive"],
  any: ["data", "exist", "child", "persistent", "recursive"],
};
