import type { Sink } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";

/** Rights as bits, to be added up (`ZooDefs.Perms`). */
export const permissions = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** Who may do what with a node (records `ACL` and `Id`). */
export interface Acl {
  /** Bits of `permissions`. */
  readonly permissions: number;
  /** How `id` is to be read: `world`, `auth`, `digest`, `ip`, `x509`, `sasl`, `super`. */
  readonly scheme: string;
  /** `anyone` for `world`, empty for `auth`, `user:base64(sha1(user:password))` for `digest`. */
  readonly id: string;
}

/** The usual lists (`ZooDefs.Ids`). */
export const acls: Readonly<Record<"open" | "readable" | "creator", readonly Acl[]>> = {
  /** Everybody may do everything: ZooKeeper's default, and ours. */
  open: [{ permissions: permissions.all, scheme: "world", id: "anyone" }],
  /** Everybody may read. */
  readable: [{ permissions: permissions.read, scheme: "world", id: "anyone" }],
  /** Whoever the session has authenticated as may do everything, nobody else anything. */
  creator: [{ permissions: permissions.all, scheme: "auth", id: "" }],
};

/** The fewest bytes of an ACL: the bits and two empty texts. */
const least = 12;

export function writeAcls(sink: Sink, list: readonly Acl[]): void {
  sink.int(list.length);
  for (const { permissions: bits, scheme, id } of list) {
    sink.int(bits);
    sink.text(scheme);
    sink.text(id);
  }
}

export function readAcls(source: Source): readonly Acl[] {
  return source.list(least, () => ({ permissions: source.int(), scheme: source.text(), id: source.text() }));
}
