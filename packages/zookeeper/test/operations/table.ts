// Every operation with the fields it writes and the answer it reads, as zookeeper.jute and ZooDefs.OpCode of ZooKeeper 3.9.5 have them.
import { getAllChildrenNumber, getEphemerals, reconfig, whoAmI } from "../../src/operations/administration.ts";
import { create, create2 } from "../../src/operations/create.ts";
import { exists, getAcl, getChildren, getChildren2, getData, remove, setAcl, setData, sync } from "../../src/operations/nodes.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { addWatch, checkWatches, removeWatches } from "../../src/operations/watching.ts";
import { acls, permissions } from "../../src/records/acl.ts";
import { Root } from "../../src/records/root.ts";
import { bool, buffer, int, long, stat, statFields, ustring, vector, type Field } from "../wire.ts";

const root = new Root();
export const world: Field = vector([int(31), ustring("world"), ustring("anyone")]);
const two = [{ permissions: permissions.read | permissions.admin, scheme: "digest", id: "ann:x=" }, { permissions: 4, scheme: "ip", id: "10.0.0.0/8" }];
const twoFields: Field = vector([int(17), ustring("digest"), ustring("ann:x=")], [int(4), ustring("ip"), ustring("10.0.0.0/8")]);
const none = new Uint8Array(0);

export interface Row { readonly operation: Operation<unknown>; readonly type: number; readonly body: readonly Field[]; readonly reply: readonly Field[]; readonly value: unknown }

export const table: Readonly<Record<string, Row>> = {
  "create": { operation: create(root, "/a", "data", {}), type: 1, body: [ustring("/a"), buffer("data"), world, int(0)], reply: [ustring("/a")], value: "/a" },
  "create, ephemeral": { operation: create(root, "/a", none, { mode: "ephemeral" }), type: 1, body: [ustring("/a"), buffer(""), world, int(1)], reply: [ustring("/a")], value: "/a" },
  "create, persistent sequential": { operation: create(root, "/a-", none, { mode: "persistentSequential" }), type: 1, body: [ustring("/a-"), buffer(""), world, int(2)], reply: [ustring("/a-0000000007")], value: "/a-0000000007" },
  "create, ephemeral sequential": { operation: create(root, "/a-", none, { mode: "ephemeralSequential" }), type: 1, body: [ustring("/a-"), buffer(""), world, int(3)], reply: [ustring("/a-0000000007")], value: "/a-0000000007" },
  "create, with ACLs": { operation: create(root, "/a", none, { acl: two }), type: 1, body: [ustring("/a"), buffer(""), twoFields, int(0)], reply: [ustring("/a")], value: "/a" },
  "create2": { operation: create2(root, "/a", "é", {}), type: 15, body: [ustring("/a"), buffer("é"), world, int(0)], reply: [ustring("/a"), statFields], value: { path: "/a", stat } },
  "create2, container": { operation: create2(root, "/a", none, { mode: "container" }), type: 19, body: [ustring("/a"), buffer(""), world, int(4)], reply: [ustring("/a"), statFields], value: { path: "/a", stat } },
  "create2, ttl": { operation: create2(root, "/a", none, { mode: "ttl", ttl: 5_000_000_000 }), type: 21, body: [ustring("/a"), buffer(""), world, int(5), long(5_000_000_000)], reply: [ustring("/a"), statFields], value: { path: "/a", stat } },
  "create2, ttl sequential": { operation: create2(root, "/a", none, { mode: "ttlSequential", ttl: 1 }), type: 21, body: [ustring("/a"), buffer(""), world, int(6), long(1)], reply: [ustring("/a0000000001"), statFields], value: { path: "/a0000000001", stat } },
  "delete": { operation: remove(root, "/a", 3), type: 2, body: [ustring("/a"), int(3)], reply: [], value: undefined },
  "exists": { operation: exists(root, "/a", false), type: 3, body: [ustring("/a"), bool(false)], reply: [statFields], value: stat },
  "exists, watched": { operation: exists(root, "/a", true), type: 3, body: [ustring("/a"), bool(true)], reply: [statFields], value: stat },
  "getData": { operation: getData(root, "/a", true), type: 4, body: [ustring("/a"), bool(true)], reply: [buffer("data"), statFields], value: { data: new Uint8Array(Buffer.from("data")), stat } },
  "getData, null": { operation: getData(root, "/a", false), type: 4, body: [ustring("/a"), bool(false)], reply: [buffer(null), statFields], value: { data: none, stat } },
  "setData": { operation: setData(root, "/a", Uint8Array.of(1, 2), -1), type: 5, body: [ustring("/a"), buffer(Uint8Array.of(1, 2)), int(-1)], reply: [statFields], value: stat },
  "getACL": { operation: getAcl(root, "/a"), type: 6, body: [ustring("/a")], reply: [twoFields, statFields], value: { acl: two, stat } },
  "setACL": { operation: setAcl(root, "/a", acls.creator, 9), type: 7, body: [ustring("/a"), vector([int(31), ustring("auth"), ustring("")]), int(9)], reply: [statFields], value: stat },
  "getChildren": { operation: getChildren(root, "/a", true), type: 8, body: [ustring("/a"), bool(true)], reply: [vector([ustring("x")], [ustring("é")])], value: ["x", "é"] },
  "sync": { operation: sync(root, "/a"), type: 9, body: [ustring("/a")], reply: [ustring("/a")], value: undefined },
  "getChildren2": { operation: getChildren2(root, "/a", false), type: 12, body: [ustring("/a"), bool(false)], reply: [vector([ustring("x")]), statFields], value: { children: ["x"], stat } },
  "reconfig, by change": {
    operation: reconfig({ joining: ["server.4=h:1:2;3", "server.5=h:4:5;6"], leaving: [1, "2"] }), type: 16,
    body: [ustring("server.4=h:1:2;3,server.5=h:4:5;6"), ustring("1,2"), ustring(null), long(-1)], reply: [buffer("version=1"), statFields], value: { data: new Uint8Array(Buffer.from("version=1")), stat },
  },
  "reconfig, whole": {
    operation: reconfig({ members: ["server.1=h:1:2;3"], fromConfig: 0x1_0000_0000n }), type: 16,
    body: [ustring(null), ustring(null), ustring("server.1=h:1:2;3"), long(0x1_0000_0000n)], reply: [buffer(""), statFields], value: { data: none, stat },
  },
  "checkWatches": { operation: checkWatches(root, "/a", "data"), type: 17, body: [ustring("/a"), int(2)], reply: [], value: undefined },
  "removeWatches, children": { operation: removeWatches(root, "/a", "children"), type: 18, body: [ustring("/a"), int(1)], reply: [], value: undefined },
  "removeWatches, any": { operation: removeWatches(root, "/a", "any"), type: 18, body: [ustring("/a"), int(3)], reply: [], value: undefined },
  "removeWatches, persistent": { operation: removeWatches(root, "/a", "persistent"), type: 18, body: [ustring("/a"), int(4)], reply: [], value: undefined },
  "removeWatches, recursive": { operation: removeWatches(root, "/a", "recursive"), type: 18, body: [ustring("/a"), int(5)], reply: [], value: undefined },
  "getEphemerals": { operation: getEphemerals(root, "/"), type: 103, body: [ustring("/")], reply: [vector([ustring("/a")], [ustring("/b/c")])], value: ["/a", "/b/c"] },
  "getAllChildrenNumber": { operation: getAllChildrenNumber(root, "/a"), type: 104, body: [ustring("/a")], reply: [int(7)], value: 7 },
  "addWatch, persistent": { operation: addWatch(root, "/a", "persistent"), type: 106, body: [ustring("/a"), int(0)], reply: [], value: undefined },
  "addWatch, recursive": { operation: addWatch(root, "/a", "recursive"), type: 106, body: [ustring("/a"), int(1)], reply: [], value: undefined },
  "whoAmI": { operation: whoAmI(), type: 107, body: [], reply: [vector([ustring("ip"), ustring("127.0.0.1")], [ustring("digest"), ustring("ann")])], value: [{ scheme: "ip", user: "127.0.0.1" }, { scheme: "digest", user: "ann" }] },
};
