import { describe, expect, it } from "vitest";
import { OptionError, parseEndpoint } from "@holdfast/core";
import { parseAddresses, parseConnectString } from "../../src/servers/connect-string.ts";
import { ServerList } from "../../src/servers/server-list.ts";

describe("a connect string", () => {
  it.each([
    ["a:1", ["a:1"], "/"],
    ["a", ["a:2181"], "/"],
    ["a:", ["a:2181"], "/"],
    ["a:1,b:2,c", ["a:1", "b:2", "c:2181"], "/"],
    [" a:1 , b:2 ", ["a:1", "b:2"], "/"],
    ["a:1,,b:2,", ["a:1", "b:2"], "/"],
    ["a:1,b:2,a:1,b", ["a:1", "b:2", "b:2181"], "/"],
    ["10.0.0.1:2181,10.0.0.2:2181/app/x", ["10.0.0.1:2181", "10.0.0.2:2181"], "/app/x"],
    ["a:1/", ["a:1"], "/"],
    ["a:1/app ", ["a:1"], "/app"],
    ["a:1/a:2,b", ["a:1"], "/a:2,b"],
    ["[::1]", ["[::1]:2181"], "/"],
    ["[::1]:5,[fe80::1]:6/é", ["[::1]:5", "[fe80::1]:6"], "/é"],
    ["[0:0:0:0:0:0:0:1]:5,[FE80::1]:6,[::1]:5", ["[::1]:5", "[fe80::1]:6"], "/"],
    ["zoo-1.example_x.com:65535", ["zoo-1.example_x.com:65535"], "/"],
  ])("%j names its servers and its chroot", (text, addresses, chroot) => {
    expect(parseConnectString(text)).toEqual({ addresses, chroot });
  });

  it.each([
    ["", "servers"], ["  ", "servers"], [",", "servers"], ["/app", "servers"], [":2181", "servers"], ["a:0", "servers"], ["a:65536", "servers"], ["a:-1", "servers"], ["a:x", "servers"], ["a:1:2", "servers"],
    ["::1", "servers"], ["::1:2181", "servers"], ["[::1:2181", "servers"], ["[a]:1", "servers"], ["[1:2:3]:4", "servers"], ["[fe80::1%eth0]:1", "servers"], ["a;b", "servers"], ["a b:1", "servers"], ["user@a:1", "servers"], ["a?x=1", "servers"],
    ["a:1/app/", "the chroot of servers"], ["a:1//", "the chroot of servers"], ["tcp://a:1", "the chroot of servers"], ["a:1/./b", "the chroot of servers"],
  ])("%j is refused, with what is wrong in words", (text, option) => {
    const error = thrown(() => parseConnectString(text));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: "HF_BAD_OPTION", option, next: "stop" });
    expect((error as OptionError).message).toContain(`${option} must be ${(error as OptionError).expected}`);
  });

  it("shows which of its servers is wrong", () => {
    expect(thrown(() => parseConnectString("a:1,b:99999,c:3"))).toMatchObject({ message: expect.stringContaining('"b:99999"') });
    expect(thrown(() => parseConnectString("a:1,::1"))).toMatchObject({ message: expect.stringContaining("[::1]:2181") });
  });

  it("spells a server as the link does, which is how it is found again", () => {
    for (const text of ["[::ffff:10.0.0.1]:7", "Zoo1:2181", "zoo-é:1", "[1:0:0:0:0:0:0:2]:3"]) {
      const [one] = parseConnectString(text).addresses;
      expect(new ServerList([one as string], "tls").address(parseEndpoint(`tls://${one}`).label)).toBe(one);
    }
  });

  it("is a text", () => {
    for (const value of [undefined, null, 7, ["a:1"]]) expect(() => parseConnectString(value as never)).toThrow(OptionError);
  });
});

describe("a list of servers", () => {
  it("is read as the one in a text, without a chroot", () => {
    expect(parseAddresses(["a", "b:2", "a:2181"])).toEqual(["a:2181", "b:2"]);
    expect(() => parseAddresses(["a/app"])).toThrow(OptionError);
    expect(() => parseAddresses([])).toThrow(expect.objectContaining({ option: "servers", expected: "at least one host:port" }));
  });
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
