import { checkData, writeData, type Data } from "../jute/sink.ts";
import { readAcls, writeAcls, type Acl } from "../records/acl.ts";
import type { Root } from "../records/root.ts";
import { readStat, type Stat } from "../records/stat.ts";
import { checkVersion } from "../records/version.ts";
import { nothing, opcodes, type Operation } from "./operation.ts";

export interface NodeData {
  /** A view into the packet it came in. Copy it (`data.slice()`) to keep a few bytes of a large answer for long. */
  readonly data: Uint8Array;
  readonly stat: Stat;
}
export interface NodeAcl { readonly acl: readonly Acl[]; readonly stat: Stat }
export interface NodeChildren { readonly children: readonly string[]; readonly stat: Stat }

/** `version`: what the node must have, or -1 for any. */
export function remove(root: Root, path: string, version: number): Operation<void> {
  const full = root.full(path);
  checkVersion(version);
  return { name: "delete", path, safe: false, type: opcodes.delete, write: (sink) => { sink.text(full); sink.int(version); }, read: nothing };
}

/** Undefined where there is no such node. */
export function exists(root: Root, path: string, watch: boolean): Operation<Stat | undefined> {
  const full = root.full(path);
  return { name: "exists", path, safe: true, type: opcodes.exists, write: (sink) => { sink.text(full); sink.bool(watch); }, read: readStat, absent: () => undefined };
}

export function getData(root: Root, path: string, watch: boolean): Operation<NodeData> {
  const full = root.full(path);
  return { name: "getData", path, safe: true, type: opcodes.getData, write: (sink) => { sink.text(full); sink.bool(watch); }, read: (source) => ({ data: source.bytes(), stat: readStat(source) }) };
}

/** `version`: what the node must have, or -1 for any. */
export function setData(root: Root, path: string, data: Data, version: number): Operation<Stat> {
  const full = root.full(path);
  checkVersion(version);
  checkData(data);
  return { name: "setData", path, safe: false, type: opcodes.setData, write: (sink) => { sink.text(full); writeData(sink, data); sink.int(version); }, read: readStat };
}

export function getAcl(root: Root, path: string): Operation<NodeAcl> {
  const full = root.full(path);
  return { name: "getACL", path, safe: true, type: opcodes.getAcl, write: (sink) => { sink.text(full); }, read: (source) => ({ acl: readAcls(source), stat: readStat(source) }) };
}

/** `version`: the `aversion` the node must have, or -1 for any. */
export function setAcl(root: Root, path: string, acl: readonly Acl[], version: number): Operation<Stat> {
  const full = root.full(path);
  checkVersion(version);
  return { name: "setACL", path, safe: false, type: opcodes.setAcl, write: (sink) => { sink.text(full); writeAcls(sink, acl); sink.int(version); }, read: readStat };
}

/** The names of the children, in no order. */
export function getChildren(root: Root, path: string, watch: boolean): Operation<readonly string[]> {
  const full = root.full(path);
  return { name: "getChildren", path, safe: true, type: opcodes.getChildren, write: (sink) => { sink.text(full); sink.bool(watch); }, read: (source) => source.list(4, () => source.text()) };
}

export function getChildren2(root: Root, path: string, watch: boolean): Operation<NodeChildren> {
  const full = root.full(path);
  return { name: "getChildren2", path, safe: true, type: opcodes.getChildren2, write: (sink) => { sink.text(full); sink.bool(watch); }, read: (source) => ({ children: source.list(4, () => source.text()), stat: readStat(source) }) };
}

/** Lets the server catch up with the leader: what is read on this session afterwards is at least as new as now. */
export function sync(root: Root, path: string): Operation<void> {
  const full = root.full(path);
  return { name: "sync", path, safe: true, type: opcodes.sync, write: (sink) => { sink.text(full); }, read: (source) => { source.text(); } };
}
