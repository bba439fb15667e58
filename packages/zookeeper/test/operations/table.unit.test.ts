// Every operation against the table of the protocol (zookeeper.jute and ZooDefs.OpCode of ZooKeeper 3.9.5).
import { describe, expect, it } from "vitest";
import { getAllChildrenNumber, getEphemerals, reconfig, whoAmI } from "../../src/operations/administration.ts";
import { create, create2 } from "../../src/operations/create.ts";
import { exists, getAcl, getChildren, getChildren2, getData, remove, setAcl, setData, sync } from "../../src/operations/nodes.ts";
import { multi } from "../../src/operations/multi.ts";
import { opcodes, type Operation } from "../../src/operations/operation.ts";
import { addWatch, checkWatches, removeWatches } from "../../src/operations/watching.ts";
import { acls, permissions } from "../../src/records/acl.ts";
import { Root } from "../../src/records/root.ts";
import { bool, buffer, int, long, record, stat, statFields, ustring, vector, type Field } from "../wire.ts";
import { answer, body, sourceOf } from "./request.ts";

const root = new Root();
const world: Field = vector([int(31), ustring("world"), ustring("anyone")]);
const two = [{ permissions: permissions.read | permissions.admin, scheme: "digest", id: "ann:x=" }, { permissions: 4, scheme: "ip", id: "10.0.0.0/8" }];
const twoFields: Field = vector([int(17), ustring("digest"), ustring("ann:x=")], [int(4), ustring("ip"), ustring("10.0.0.0/8")]);
const none = new Uint8Array(0);

interface Row { readonly operation: Operation<unknown>; readonly type: number; readonly body: readonly Field[]; readonly reply: readonly Field[]; readonly value: unknown }

const table: Readonly<Record<string, Row>> = {
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

describe.each(Object.entries(table))("%s", (_, { operation, type, body: fields, reply, value }) => {
  it("is asked with the number and the fields of the protocol", () => {
    expect([operation.type, body(operation)]).toEqual([type, record(...fields).toString("hex")]);
  });

  it("has its answer read to the last field", () => {
    expect(answer(operation, record(...reply))).toEqual(value);
  });

});

// Those without a body take what stands there for nothing: servers answer addWatch with an ErrorResponse.
describe.each(Object.entries(table).filter(([, { reply }]) => reply.length > 0))("the answer of %s", (_, { operation, reply }) => {
  it("is not taken where it is cut short", () => {
    const whole = record(...reply);
    for (let length = 0; length < whole.length; length += 1) expect(() => answer(operation, whole.subarray(0, length)), `${length} of ${whole.length} bytes`).toThrow();
  });
});

describe("a create", () => {
  it.each([["container", 19, [int(4)], {}], ["ttl", 21, [int(5), long(9)], { ttl: 9 }], ["ttlSequential", 21, [int(6), long(9)], { ttl: 9 }]] as const)("in the mode %s has a request of its own, whose answer carries a stat", (mode, type, tail, options) => {
    const operation = create(root, "/a", "x", { mode, ...options });
    expect([operation.type, body(operation)]).toEqual([type, record(ustring("/a"), buffer("x"), world, ...tail).toString("hex")]);
    expect(operation.read(sourceOf(record(ustring("/a"), statFields)))).toBe("/a");
  });

  it("may end with a slash where a counter follows, and begins with the chroot", () => {
    const app = new Root("/app");
    expect(body(create(root, "/a/", none, { mode: "ephemeralSequential" }))).toBe(record(ustring("/a/"), buffer(""), world, int(3)).toString("hex"));
    expect(body(create(app, "/a/", none, { mode: "persistentSequential" }))).toBe(record(ustring("/app/a/"), buffer(""), world, int(2)).toString("hex"));
    expect(body(create(root, "/", none, { mode: "persistentSequential" }))).toBe(record(ustring("/"), buffer(""), world, int(2)).toString("hex"));
    expect(body(create(app, "/", none, { mode: "persistentSequential" }))).toBe(record(ustring("/app/"), buffer(""), world, int(2)).toString("hex"));
    expect(() => create(root, "", none, { mode: "persistentSequential" })).toThrow(expect.objectContaining({ option: "path" }));
    expect(() => create(root, "/a//", none, { mode: "persistentSequential" })).toThrow(expect.objectContaining({ option: "path" }));
    expect(() => create(root, "/a/", none, {})).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option: "path" }));
  });
});

describe("the ephemeral nodes below a path", () => {
  const reply = record(vector(...["/app/a", "/app/a/b", "/app/ab", "/apple/a"].map((path) => [ustring(path)])));

  it("are those of the tree, where servers compare characters only", () => {
    expect(answer(getEphemerals(new Root("/app"), "/"), reply)).toEqual(["/a", "/a/b", "/ab"]);
    expect(answer(getEphemerals(new Root("/app"), "/a"), reply)).toEqual(["/a", "/a/b"]);
    expect(answer(getEphemerals(root, "/app"), reply)).toEqual(["/app/a", "/app/a/b", "/app/ab"]);
    expect(answer(getEphemerals(root, "/"), reply)).toHaveLength(4);
  });
});

describe("a request that is repeated by itself", () => {
  it("reads, or is as good twice as once", () => {
    const safe = Object.entries(table).filter(([, { operation }]) => operation.safe).map(([name]) => name.split(",")[0]);
    expect([...new Set(safe)]).toEqual(["exists", "getData", "getACL", "getChildren", "sync", "getChildren2", "checkWatches", "getEphemerals", "getAllChildrenNumber", "addWatch", "whoAmI"]);
  });
});

describe("an argument that would be written as another one", () => {
  it.each([NaN, 1.5, Infinity, 2 ** 31, -(2 ** 31) - 1, "3", null])("is no version: %s", (version) => {
    const wrong = version as number;
    for (const ask of [() => remove(root, "/a", wrong), () => setData(root, "/a", "", wrong), () => setAcl(root, "/a", acls.open, wrong), () => multi(root, [{ type: "check", path: "/a", version: wrong }])]) {
      expect(ask).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option: "version" }));
    }
  });

  it.each([-1, 0, 2 ** 31 - 1, -(2 ** 31)])("is not the version %i", (version) => {
    expect(body(remove(root, "/a", version))).toBe(record(ustring("/a"), int(version)).toString("hex"));
  });

  it.each([undefined, null, 7, {}, [1], new ArrayBuffer(2), new Uint16Array(2)])("is no data: %s", (data) => {
    for (const ask of [() => setData(root, "/a", data as never, -1), () => create(root, "/a", data as never, {}), () => create2(root, "/a", data as never, {})]) {
      expect(ask).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option: "data" }));
    }
  });
});

describe("the numbers of the protocol", () => {
  it("are those of ZooDefs.OpCode", () => {
    expect(opcodes).toEqual({
      create: 1, delete: 2, exists: 3, getData: 4, setData: 5, getAcl: 6, setAcl: 7, getChildren: 8, sync: 9, ping: 11, getChildren2: 12, check: 13, multi: 14,
      create2: 15, reconfig: 16, checkWatches: 17, removeWatches: 18, createContainer: 19, createTtl: 21, multiRead: 22, auth: 100, setWatches: 101,
      getEphemerals: 103, getAllChildrenNumber: 104, setWatches2: 105, addWatch: 106, whoAmI: 107, closeSession: -11,
    });
  });

  it("are those of ZooDefs.Perms", () => {
    expect(permissions).toEqual({ read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 });
    expect(acls).toEqual({ open: [{ permissions: 31, scheme: "world", id: "anyone" }], readable: [{ permissions: 1, scheme: "world", id: "anyone" }], creator: [{ permissions: 31, scheme: "auth", id: "" }] });
  });
});
