import { describe, expect, it } from "vitest";
import { checkPath, nameOf, parentOf, Root } from "../../src/records/root.ts";

const bad = (option: string): unknown => expect.objectContaining({ name: "OptionError", code: "HF_BAD_OPTION", option });

describe("a path", () => {
  it.each(["/", "/a", "/a/b", "/a b", "/.a", "/a.", "/..a", "/a..b", "/...", "/a/.b/c", "/é/€", "/~", "/\u00a0", "/\ud7ff", "/\uf900", "/\uffef"])("may be %j, as in PathUtils", (path) => {
    expect(checkPath(path)).toBeUndefined();
  });

  it.each([
    "", "a", "a/b", "/a/", "//", "/a//b", "/.", "/..", "/./a", "/../a", "/a/.", "/a/..", "/a/./b", "/a/../b",
    "/\0", "/a\u0001", "/\u001f", "/\u007f", "/\u009f", "/\ud800", "/\udfff", "/😀", "/\ue000", "/\uf8ff", "/\ufff0", "/\uffff",
  ])("is never %j, as in PathUtils", (path) => {
    expect(() => { checkPath(path); }).toThrow(bad("path"));
  });

  it("is a text", () => {
    for (const value of [undefined, null, 7, ["/a"]]) expect(() => { checkPath(value as never); }).toThrow(bad("path"));
  });

  it("has a parent and a name", () => {
    expect([parentOf("/a/b"), parentOf("/a"), nameOf("/a/b"), nameOf("/a")]).toEqual(["/a", "/", "b", "a"]);
  });
});

describe("a chroot", () => {
  const app = new Root("/app/x");

  it("stands before every path that is sent", () => {
    expect([app.full("/"), app.full("/a/b")]).toEqual(["/app/x", "/app/x/a/b"]);
  });

  it("is taken off every path that comes back", () => {
    expect([app.own("/app/x"), app.own("/app/x/a/b")]).toEqual(["/", "/a/b"]);
  });

  it("is not taken off a path that only begins with the same letters", () => {
    expect([app.own("/app/xy/a"), app.own("/other")]).toEqual(["/app/xy/a", "/other"]);
  });

  it("leaves paths alone where it is /, or left out", () => {
    for (const root of [new Root("/"), new Root()]) expect([root.full("/"), root.full("/a"), root.own("/"), root.own("/a")]).toEqual(["/", "/a", "/", "/a"]);
  });

  it("must be a path", () => {
    expect(() => new Root("app")).toThrow(bad("the chroot"));
    expect(() => new Root("/app/")).toThrow(bad("the chroot"));
  });
});
