import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { parseList, resolveEntries } from "../../src/endpoint/list.ts";
import { redact } from "../../src/endpoint/parse.ts";
import { FakeTransport } from "../link/fake-transport.ts";

const one = [new FakeTransport()];
const several = [new FakeTransport(), Object.assign(new FakeTransport(), { schemes: ["tcp", "ws"] })];

/** Everything that is ever shown of what a user wrote: the error, or the endpoints in every form. */
function shown(text: string, transports = one): string {
  try {
    const endpoints = resolveEntries(parseList(text).members, transports);
    return endpoints.map((endpoint) => [endpoint.label, `${endpoint as unknown as string}`, JSON.stringify(endpoint), inspect(endpoint, { depth: 9, showHidden: true }), inspect({ ...endpoint })].join("\n")).join("\n");
  } catch (error) {
    return inspect(error, { depth: 9 });
  }
}

describe("a secret in a URI is never shown", () => {
  it.each([
    "fake://user:s3cret@host:1",
    "fake://s3cret@host:1",
    "fake://host:1/path?token=s3cret",
    "fake://host:1/path?token=a@s3cret",
    "fake://host:1#s3cret",
    "fake://user:s3@s3cret@host:1",
    "fake://user:s3@s3cret@host:99999",
    "fake://user:pa/s3cret@host:1",
    "fake://user:pa?s3cret@host:1",
    "fake://user:pa#s3cret@host:1",
    "fake://user:s3cret@host:99999",
    "fake://host:99999?token=s3cret",
    "fake://host:99999?token=a@s3cret",
    "user:s3cret@host:1",
    "user:123s3cret@host:1",
    "user:pa//s3cret@host:1",
    "s3cret@host",
    "other://user:s3cret@host:1",
    "other:s3cret@host:1",
    "failover:(fake://a:s3cret@h1:1,fake://b:s3cret@h2:2",
    "failover:(fake://a:pw@h1:1,fake://b:s3cret@h2:99999)",
    "failover:(fake://a:s3cret@h1:1)?unknown=1",
    "fake://user:s3cret,more@host:1",
  ])("%s", (text) => {
    for (const transports of [one, several]) expect(shown(text, transports)).not.toContain("s3cret");
  });

  it("whatever characters nobody encoded stand round it", () => {
    // Two of the marks that end userinfo, in a row, make a URI that means something else: `x@host/` names a host.
    const noise = fc.string({ unit: fc.constantFrom("a", "b", "1", ":", "/", "?", "#", "[", "]", "%", ".", " "), maxLength: 6 });
    const start = fc.constantFrom("", "fake://", "other://", "tcp://", "other:", "failover:(fake://");
    const end = fc.constantFrom("@host", "@host:1", "@host:99999", "@host:1/path", "@[::1]:1");
    fc.assert(fc.property(start, noise, noise, end, (scheme, before, after, host) => {
      const text = `${scheme}user:x${before}s3cret${after}${host}`; // A password that begins like a port cannot be told from one.
      return !shown(text).includes("s3cret") && !shown(text, several).includes("s3cret");
    }), { numRuns: 2_000 });
  });

  it("but the host is, where it is clear which part that is", () => {
    expect(redact("tcp://user:p@ss@10.0.0.1:99999/x?y=z")).toBe("tcp://10.0.0.1:99999/x?…");
    expect(redact("tcp://10.0.0.1:99999")).toBe("tcp://10.0.0.1:99999");
    expect(redact("tcp://[::1]:x")).toBe("tcp://[::1]:x");
    expect(redact("localhost:3000")).toBe("localhost:3000");
    expect(redact("failover:(tcp://a:1,tcp://b:2")).toBe("failover:(tcp://a:1,tcp://b:2");
  });
});
