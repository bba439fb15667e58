import type { Notification } from "../protocol/conversation.ts";
import { parentOf, type Root } from "../records/root.ts";
import { restorePackets, type Standing } from "./restore.ts";
import { Shelf } from "./shelf.ts";
import { watchEvent, type WatchEvent, type WatchListener } from "./watch-event.ts";
import type { WatchMode } from "../operations/watching.ts";

/** What a one-shot watch waits for: a change of the data, the birth of a node, a change of the children. */
export type OneShot = "data" | "exist" | "child";

/**
 * All watches of a session, by the paths the servers know. Rules of ZooKeeper's own client (`ZKWatchManager`): a one-shot watch is
 * gone when it fires; a persistent one stays. Together they are what is set again on the next server.
 */
export class WatchRegistry {
  readonly #root: Root;
  readonly #tell: (listener: WatchListener, event: WatchEvent) => void;
  readonly #oneShot: Readonly<Record<OneShot, Shelf>> = { data: new Shelf(), exist: new Shelf(), child: new Shelf() };
  readonly #lasting: Readonly<Record<WatchMode, Shelf>> = { persistent: new Shelf(), recursive: new Shelf() };
  /** Nodes under a persistent watch that did not exist when we last heard of them. */
  readonly #absent = new Set<string>();
  /** While watches are being set again: what was told, since a node that is gone is told of once for each list it stands in. */
  #told: Set<string> | undefined;

  /** `tell` calls a listener; what it throws must not reach us. */
  constructor(root: Root, tell: (listener: WatchListener, event: WatchEvent) => void) {
    this.#root = root;
    this.#tell = tell;
  }

  /** A server has set the watch. */
  expect(kind: OneShot, full: string, listener: WatchListener): void {
    this.#oneShot[kind].add(full, listener);
  }

  /** A server has set the watch. */
  follow(mode: WatchMode, full: string, listener: WatchListener): void {
    this.#lasting[mode].add(full, listener);
  }

  /** True when nobody listens there any more: the server may forget it. */
  leave(mode: WatchMode, full: string, listener: WatchListener): boolean {
    const last = this.#lasting[mode].remove(full, listener);
    if (last && mode === "persistent") this.#absent.delete(full);
    return last;
  }

  /** Somebody listens there, in one way or another. */
  has(full: string): boolean {
    return [this.#oneShot.data, this.#oneShot.exist, this.#oneShot.child, this.#lasting.persistent, this.#lasting.recursive].some((shelf) => shelf.has(full));
  }

  /** The server has forgotten its watches on a path. */
  forget(full: string, kinds: readonly (OneShot | WatchMode)[]): void {
    for (const kind of kinds) (kind === "persistent" || kind === "recursive" ? this.#lasting[kind] : this.#oneShot[kind]).take(full);
  }

  /** Whether a node under a persistent watch exists. */
  know(full: string, exists: boolean): void {
    if (exists) this.#absent.delete(full);
    else if (this.#lasting.persistent.has(full)) this.#absent.add(full);
  }

  notified(notification: Notification): void {
    const event = watchEvent(this.#root, notification);
    if (event === undefined) return;
    const { path } = notification;
    const key = `${event.type} ${path}`;
    const again = this.#told?.has(key) === true;
    this.#told?.add(key);
    const listeners = new Set<WatchListener>();
    for (const kind of fires[event.type] ?? []) this.#collect(listeners, this.#oneShot[kind].take(path));
    if (!again) {
      this.#collect(listeners, this.#lasting.persistent.at(path));
      if (event.type !== "childrenChanged") this.#above(listeners, path);
    }
    if (event.type === "created" || event.type === "deleted") this.know(path, event.type === "created");
    for (const listener of listeners) this.#tell(listener, event);
  }

  /** The packets that set everything again on a fresh connection. Until `restored`, what happened meanwhile is being told. */
  restore(lastZxid: bigint): readonly Buffer[] {
    const { data, exist, child } = this.#oneShot;
    const { persistent, recursive } = this.#lasting;
    const known = [...persistent.paths].filter((path) => !this.#absent.has(path));
    const standing: Standing = {
      // A persistent watch also stands as a one-shot one, for only those are compared with the state of the server: so a change that
      // happened meanwhile is told. The persistent one comes later in the packet and takes its place.
      data: [...new Set([...data.paths, ...known])],
      exist: [...new Set([...exist.paths, ...this.#absent])],
      child: [...new Set([...child.paths, ...known])],
      persistent: [...persistent.paths],
      recursive: [...recursive.paths],
    };
    this.#told = new Set();
    return restorePackets(lastZxid, standing);
  }

  /** All watches stand again. Who watches a tree learns that something may be missing. */
  restored(): void {
    this.#told = undefined;
    for (const path of this.#lasting.recursive.paths) {
      for (const listener of [...this.#lasting.recursive.at(path)]) this.#tell(listener, { type: "gap", path: this.#root.own(path), zxid: 0n });
    }
  }

  #above(listeners: Set<WatchListener>, path: string): void {
    if (this.#lasting.recursive.size === 0) return;
    for (let at = path; ; at = parentOf(at)) {
      this.#collect(listeners, this.#lasting.recursive.at(at));
      if (at.length <= 1) return; // Also where it is no path: the parent of what has no slash is its first letter, for ever.
    }
  }

  #collect(listeners: Set<WatchListener>, more: Iterable<WatchListener>): void {
    for (const listener of more) listeners.add(listener);
  }
}

/** Which one-shot watches an event ends. */
const fires: Readonly<Record<string, readonly OneShot[]>> = {
  created: ["data", "exist"],
  deleted: ["data", "exist", "child"],
  changed: ["data", "exist"],
  childrenChanged: ["child"],
};
