import { describe, expect, it } from "vitest";
import { ZooKeeper } from "../../src/index.ts";
import { Election, Lock, Membership } from "../../src/recipes/index.ts";

const zk = new ZooKeeper({ servers: "127.0.0.1" });

describe("a recipe refuses, before anything is asked,", () => {
  it.each(["", "/", "locks", "/locks/", "/a//b", "/a/../b"])("the path %j", (path) => {
    for (const make of [() => new Lock(zk, path), () => new Election(zk, path), () => new Membership(zk, path)]) expect(make).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option: "path" }));
  });

  it.each(["", "a/b", "..", "a\u0000"])("the id %j", (id) => {
    expect(() => new Membership(zk, "/group", { id })).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option: "id" }));
  });

  it("a payload of somebody who is no member", async () => {
    expect(() => new Membership(zk, "/group", { payload: "x" })).toThrow(expect.objectContaining({ option: "payload" }));
    await expect(new Membership(zk, "/group").update("x")).rejects.toMatchObject({ option: "payload" });
  });

  it.each([0, -1, Number.NaN])("the timeout %d", async (timeout) => {
    await expect(new Lock(zk, "/lock").acquire({ timeout })).rejects.toMatchObject({ code: "HF_BAD_OPTION", option: "timeout" });
  });

  it("a signal that is aborted already", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(new Lock(zk, "/lock").acquire({ signal })).rejects.toBe(reason);
    await expect(new Election(zk, "/election").campaign({ signal })).rejects.toBe(reason);
    await expect(new Membership(zk, "/group").open({ signal })).rejects.toBe(reason);
  });
});
