import { describe, expect, it } from "vitest";
import { parseEndpoint } from "../../src/endpoint/parse.ts";
import { resolveAccept, type Accept } from "../../src/failover/accept.ts";
import { canonicalHost, isPrivate } from "../../src/failover/addresses.ts";

const own = ["tcp://a.brokers.example:7000", "tcp://b.brokers.example:7000"].map((uri) => parseEndpoint(uri));
const accepts = (accept: Accept, uri: string, list = own): boolean => resolveAccept(accept, list).accepts(parseEndpoint(uri));

describe("what is accepted of the endpoints that others name", () => {
  it.each<[string, boolean]>([
    ["tcp://a.brokers.example:7000", true],
    ["tcp://A.Brokers.Example.:7000", true],
    ["tcp://c.brokers.example:7000", false],
    ["tls://a.brokers.example:7000", false],
    ["tcp://a.brokers.example:22", false],
    ["unix:/run/a.sock", false],
  ])("is the list itself where nothing is said: %s", (uri, expected) => {
    expect(accepts({}, uri)).toBe(expected);
  });

  it.each<[string, boolean]>([
    ["tcp://c.brokers.example:7000", true],
    ["tcp://d.c.brokers.example:7000", true],
    ["tcp://brokers.example:7000", false],
    ["tcp://evil-brokers.example:7000", false],
    ["tcp://c.brokers.example.evil.example:7000", false],
    ["wss://c.brokers.example@evil.example:7000", false],
    ["wss://evil.example\\@c.brokers.example:7000", false],
  ])("is every name below one where a pattern says so, and no name that only looks like it: %s", (uri, expected) => {
    expect(accepts({ hosts: ["*.brokers.example"], schemes: ["tcp", "wss"] }, uri)).toBe(expected);
  });

  it.each(["127.0.0.1", "2130706433", "0x7f.1", "localhost", "LOCALHOST.", "x.localhost", "169.254.169.254", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "0.0.0.0", "198.18.0.1", "255.255.255.255",
    "[::1]", "[::]", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[2001:0:1::]"])("is with a star no address inside somebody's walls: %s", (host) => {
    expect(accepts({ hosts: ["*"] }, `tcp://${host}:7000`)).toBe(false);
    expect(accepts({ hosts: ["*"], privateRanges: true }, `tcp://${host}:7000`)).toBe(true);
    expect(accepts({ hosts: [host] }, `tcp://${host}:7000`)).toBe(true);
    expect(accepts({ hosts: ["*"] }, `tcp://${host}:7000`, [parseEndpoint("tcp://10.0.0.1:7000")])).toBe(true);
  });

  it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.1.0.1", "[2606:4700::1111]", "[2001:db9::1]", "example.com", "10.example.com"])("is with a star everything outside: %s", (host) => {
    expect(accepts({ hosts: ["*"] }, `tcp://${host}:7000`)).toBe(true);
  });

  it("is what the schemes and the ports say", () => {
    expect(accepts({ schemes: ["TLS"], ports: [1, 7001] }, "tls://a.brokers.example:7001")).toBe(true);
    expect(accepts({ ports: [1, 7001] }, "tcp://a.brokers.example:7000")).toBe(false);
  });

  it("is what a function says, and nothing where it throws or says anything but true", () => {
    expect(accepts(({ host }) => host === "c", "x://c:1")).toBe(true);
    expect(accepts(() => { throw new Error("no"); }, "x://c:1")).toBe(false);
    expect(accepts((() => Promise.resolve(true)) as never, "x://c:1")).toBe(false);
  });

  it.each<[Accept, RegExp]>([
    [true as never, /^accept must be what may be dialled/],
    [null as never, /^accept must be what may be dialled/],
    [{ hosts: [] }, /^accept\.hosts must be an array that is not empty/],
    [{ hosts: "a" as never }, /^accept\.hosts must be an array/],
    [{ hosts: ["10.0.*"] }, /^accept\.hosts must be made of names or addresses without a port, '\*\.' and a name, or '\*', got "10\.0\.\*"/],
    [{ hosts: ["a:1"] }, /^accept\.hosts/],
    [{ hosts: ["**"] }, /^accept\.hosts/],
    [{ hosts: [""] }, /^accept\.hosts/],
    [{ max: 0 }, /^accept\.max must be a number of at least 1/],
  ])("refuses what cannot be meant: %j", (accept, words) => {
    expect(() => resolveAccept(accept, own)).toThrow(words);
  });

  it("knows a host by one name", () => {
    expect(["EXAMPLE.com.", "[", "0x7f.1", "m%C3%BCnchen.example", "::FFFF:1.2.3.4"].map(canonicalHost)).toEqual(["example.com", undefined, "127.0.0.1", "xn--mnchen-3ya.example", "::ffff:102:304"]);
    expect(isPrivate("example.com")).toBe(false);
  });
});
