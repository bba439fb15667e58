import { checkData, writeData, type Data, type Sink } from "../jute/sink.ts";
import { acls, writeAcls, type Acl } from "../records/acl.ts";
import { checkMode, createFlags, type CreateMode } from "../records/create-mode.ts";
import type { Root } from "../records/root.ts";
import { readStat, type Stat } from "../records/stat.ts";
import { opcodes, type Operation } from "./operation.ts";

export interface CreateOptions {
  /** @default 'persistent' */
  readonly mode?: CreateMode;
  /** Who may do what with it. @default acls.open */
  readonly acl?: readonly Acl[];
  /** For the modes `ttl` and `ttlSequential`: ms without a child and without a change after which the servers delete it. */
  readonly ttl?: number;
}

/** Gives the path that was really created, with its counter where the mode is sequential. */
export function create(root: Root, path: string, data: Data, options: CreateOptions): Operation<string> {
  const body = bodyOf(root, path, data, options);
  // Containers and TTLs have requests of their own, whose answers carry the stat, too.
  return { name: "create", path, safe: false, type: plain(body) ? opcodes.create : typeOf(body), write: (sink) => { write(sink, body); }, read: (source) => root.own(source.text()) };
}

/** As `create`, with the stat of the new node. */
export function create2(root: Root, path: string, data: Data, options: CreateOptions): Operation<{ readonly path: string; readonly stat: Stat }> {
  const body = bodyOf(root, path, data, options);
  return { name: "create2", path, safe: false, type: typeOf(body), write: (sink) => { write(sink, body); }, read: (source) => ({ path: root.own(source.text()), stat: readStat(source) }) };
}

interface Body { readonly full: string; readonly data: Data; readonly mode: CreateMode; readonly acl: readonly Acl[]; readonly ttl: number | undefined }

function bodyOf(root: Root, path: string, data: Data, { mode = "persistent", acl = acls.open, ttl }: CreateOptions): Body {
  checkMode(mode, ttl);
  checkData(data);
  // The counter of a sequential name follows: so the name may be empty, below `/` and below a chroot, too.
  const full = mode.endsWith("Sequential") ? root.full(`${path}0`).slice(0, -1) : root.full(path);
  return { full, data, mode, acl, ttl };
}

const plain = ({ mode }: Body): boolean => createFlags[mode] < createFlags.container;

function typeOf(body: Body): number {
  if (plain(body)) return opcodes.create2;
  return body.mode === "container" ? opcodes.createContainer : opcodes.createTtl;
}

function write(sink: Sink, { full, data, mode, acl, ttl }: Body): void {
  sink.text(full);
  writeData(sink, data);
  writeAcls(sink, acl);
  sink.int(createFlags[mode]);
  if (ttl !== undefined) sink.long(BigInt(ttl));
}
