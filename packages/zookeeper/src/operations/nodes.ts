import { checkData, writeData, type Data, type Sink } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";
import { readAcls, writeAcls, type Acl } from "../records/acl.ts";
import type { Root } from "../records/root.ts";
import { readStat, type Stat } from "../records/stat.ts";
import { checkVersion } from "../records/version.ts";
import { Ask, type Kind } from "./ask.ts";
import { nothing, opcodes, type Operation } from "./operation.ts";

export interface NodeData {
  /** A view into the packet it came in. Copy it (`data.slice()`) to keep a few bytes of a large answer for long. */
  readonly data: Uint8Array;
  readonly stat: Stat;
}
export interface NodeAcl { readonly acl: readonly Acl[]; readonly stat: Stat }
export interface NodeChildren { readonly children: readonly string[]; readonly stat: Stat }

interface Versioned { readonly full: string; readonly version: number }
interface Watched { readonly full: string; readonly watch: boolean }

const writePath = (sink: Sink, full: string): void => { sink.text(full); };
const writeVersioned = (sink: Sink, { full, version }: Versioned): void => { sink.text(full); sink.int(version); };
const writeWatched = (sink: Sink, { full, watch }: Watched): void => { sink.text(full); sink.bool(watch); };
const readNames = (source: Source): readonly string[] => source.list(4, () => source.text());

const removing: Kind<void, Versioned> = { name: "delete", type: opcodes.delete, safe: false, write: writeVersioned, read: nothing };

/** `version`: what the node must have, or -1 for any. */
export function remove(root: Root, path: string, version: number): Operation<void> {
  const full = root.full(path);
  checkVersion(version);
  return new Ask(removing, path, { full, version });
}

const asking: Kind<Stat | undefined, Watched> = { name: "exists", type: opcodes.exists, safe: true, write: writeWatched, read: readStat, absent: () => undefined };

/** Undefined where there is no such node. */
export function exists(root: Root, path: string, watch: boolean): Operation<Stat | undefined> {
  return new Ask(asking, path, { full: root.full(path), watch });
}

const gettingData: Kind<NodeData, Watched> = { name: "getData", type: opcodes.getData, safe: true, write: writeWatched, read: (source) => ({ data: source.bytes(), stat: readStat(source) }) };

export function getData(root: Root, path: string, watch: boolean): Operation<NodeData> {
  return new Ask(gettingData, path, { full: root.full(path), watch });
}

const settingData: Kind<Stat, Versioned & { readonly data: Data }> = {
  name: "setData", type: opcodes.setData, safe: false, read: readStat,
  write: (sink, { full, data, version }) => { sink.text(full); writeData(sink, data); sink.int(version); },
};

/** `version`: what the node must have, or -1 for any. */
export function setData(root: Root, path: string, data: Data, version: number): Operation<Stat> {
  const full = root.full(path);
  checkVersion(version);
  checkData(data);
  return new Ask(settingData, path, { full, data, version });
}

const gettingAcl: Kind<NodeAcl, string> = { name: "getACL", type: opcodes.getAcl, safe: true, write: writePath, read: (source) => ({ acl: readAcls(source), stat: readStat(source) }) };

export function getAcl(root: Root, path: string): Operation<NodeAcl> {
  return new Ask(gettingAcl, path, root.full(path));
}

const settingAcl: Kind<Stat, Versioned & { readonly acl: readonly Acl[] }> = {
  name: "setACL", type: opcodes.setAcl, safe: false, read: readStat,
  write: (sink, { full, acl, version }) => { sink.text(full); writeAcls(sink, acl); sink.int(version); },
};

/** `version`: the `aversion` the node must have, or -1 for any. */
export function setAcl(root: Root, path: string, acl: readonly Acl[], version: number): Operation<Stat> {
  const full = root.full(path);
  checkVersion(version);
  return new Ask(settingAcl, path, { full, acl, version });
}

const gettingChildren: Kind<readonly string[], Watched> = { name: "getChildren", type: opcodes.getChildren, safe: true, write: writeWatched, read: readNames };

/** The names of the children, in no order. */
export function getChildren(root: Root, path: string, watch: boolean): Operation<readonly string[]> {
  return new Ask(gettingChildren, path, { full: root.full(path), watch });
}

const gettingChildren2: Kind<NodeChildren, Watched> = { name: "getChildren2", type: opcodes.getChildren2, safe: true, write: writeWatched, read: (source) => ({ children: readNames(source), stat: readStat(source) }) };

export function getChildren2(root: Root, path: string, watch: boolean): Operation<NodeChildren> {
  return new Ask(gettingChildren2, path, { full: root.full(path), watch });
}

const syncing: Kind<void, string> = { name: "sync", type: opcodes.sync, safe: true, write: writePath, read: (source) => { source.text(); } };

/** Lets the server catch up with the leader: what is read on this session afterwards is at least as new as now. */
export function sync(root: Root, path: string): Operation<void> {
  return new Ask(syncing, path, root.full(path));
}
