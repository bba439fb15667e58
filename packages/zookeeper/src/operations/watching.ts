import type { Root } from "../records/root.ts";
import { nothing, opcodes, type Operation } from "./operation.ts";

/** `persistent`: this node and the list of its children. `recursive`: this node and everything below it (`AddWatchMode`). */
export type WatchMode = "persistent" | "recursive";
/** What is to be forgotten (`Watcher.WatcherType`). */
export type WatchKind = "children" | "data" | "any" | WatchMode;

const modes: Readonly<Record<WatchMode, number>> = { persistent: 0, recursive: 1 };
const kinds: Readonly<Record<WatchKind, number>> = { children: 1, data: 2, any: 3, persistent: 4, recursive: 5 };

/** The answer of a server of 3.6 or newer. */
export function addWatch(root: Root, path: string, mode: WatchMode): Operation<void> {
  const full = root.full(path);
  return { name: "addWatch", path, safe: true, type: opcodes.addWatch, write: (sink) => { sink.text(full); sink.int(modes[mode]); }, read: nothing };
}

export function removeWatches(root: Root, path: string, kind: WatchKind): Operation<void> {
  const full = root.full(path);
  return { name: "removeWatches", path, safe: false, type: opcodes.removeWatches, write: (sink) => { sink.text(full); sink.int(kinds[kind]); }, read: nothing };
}

/** Fails with `ZK_NO_WATCHER` where the server has no such watch of ours. */
export function checkWatches(root: Root, path: string, kind: WatchKind): Operation<void> {
  const full = root.full(path);
  return { name: "checkWatches", path, safe: true, type: opcodes.checkWatches, write: (sink) => { sink.text(full); sink.int(kinds[kind]); }, read: nothing };
}
