import { describe, expect, it } from "vitest";
import { JuteError } from "../../src/jute/source.ts";
import { getEphemerals } from "../../src/operations/administration.ts";
import { create, create2 } from "../../src/operations/create.ts";
import { multi } from "../../src/operations/multi.ts";
import { remove, setAcl, setData } from "../../src/operations/nodes.ts";
import { opcodes } from "../../src/operations/operation.ts";
import { acls, permissions } from "../../src/records/acl.ts";
import { Root } from "../../src/records/root.ts";
import { buffer, int, long, record, statFields, ustring, vector } from "../wire.ts";
import { answer, body, sourceOf } from "./request.ts";
import { table, world } from "./table.ts";

const root = new Root();
const none = new Uint8Array(0);

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
    for (let length = 0; length < whole.length; length += 1) expect(() => answer(operation, whole.subarray(0, length))).toThrow(JuteError);
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
