import type { Source } from "../jute/source.ts";

/** What ZooKeeper knows about a node besides its data (record `Stat`). */
export interface Stat {
  /** The transaction that created the node. */
  readonly czxid: bigint;
  /** The transaction that last changed its data. */
  readonly mzxid: bigint;
  /** The transaction that last added or removed a child. */
  readonly pzxid: bigint;
  /** When the node was created, in ms since 1970 by the servers' clock. */
  readonly ctime: number;
  /** When its data last changed, likewise. */
  readonly mtime: number;
  /** Counts changes of the data: what `setData` and `delete` compare. */
  readonly version: number;
  /** Counts changes of the children. */
  readonly cversion: number;
  /** Counts changes of the ACL. */
  readonly aversion: number;
  /** The session an ephemeral node lives with; 0n for any other. Special values mark container and TTL nodes. */
  readonly ephemeralOwner: bigint;
  /** In bytes. */
  readonly dataLength: number;
  readonly numChildren: number;
}

/** Bytes of a `Stat` on the wire. */
export const statBytes = 68;

export function readStat(source: Source): Stat {
  const czxid = source.long();
  const mzxid = source.long();
  const ctime = source.time();
  const mtime = source.time();
  const version = source.int();
  const cversion = source.int();
  const aversion = source.int();
  const ephemeralOwner = source.long();
  const dataLength = source.int();
  const numChildren = source.int();
  const pzxid = source.long();
  return { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, dataLength, numChildren };
}
