import type { Notification } from "../protocol/conversation.ts";
import type { Root } from "../records/root.ts";

/**
 * What happened to a node.
 *
 * - `created`, `deleted`: the node itself.
 * - `changed`: its data.
 * - `childrenChanged`: a child was added or removed. Not told by recursive watches, which tell of the child itself.
 * - `gap`: the connection was lost and is back, or you were too slow: events of persistent and recursive watches may be missing. Read
 *   again what you need to know.
 */
export type WatchEventType = "created" | "deleted" | "changed" | "childrenChanged" | "gap";

export interface WatchEvent {
  readonly type: WatchEventType;
  /** The node it is about, without the chroot. */
  readonly path: string;
  /** The transaction, from servers of 3.9 or newer; 0n from older ones. */
  readonly zxid: bigint;
}

export type WatchListener = (event: WatchEvent) => void;

/** `Watcher.Event.EventType`. */
const types: Readonly<Record<number, WatchEventType>> = { 1: "created", 2: "deleted", 3: "changed", 4: "childrenChanged" };
/** Told to everybody whose watch was removed on the server by `removeWatches`: children, data, persistent. */
export const removals: ReadonlySet<number> = new Set([5, 6, 7]);

/** Undefined for a kind of event that we do not know. */
export function watchEvent(root: Root, { type, path, zxid }: Notification): WatchEvent | undefined {
  const name = types[type];
  return name && { type: name, path: root.own(path), zxid };
}
