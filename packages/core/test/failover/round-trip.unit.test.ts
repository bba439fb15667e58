import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { printMember } from "../../src/failover/dial-list.ts";
import { dialled, parseFailover, printFailover, type FailoverUri } from "../../src/failover/failover-uri.ts";
import { failoverDefaults } from "../../src/failover/option-table.ts";

const of = fc.constantFrom;
const schemes = of("tcp", "ws", "wss", "x+y.z-1", "TLS");
const hosts = of("a", "B.example", "[::1]", "127.0.0.1", "münchen.example", "u:p@c", "u%40v@d");
const queries = of("", "?", "?x", "?x=1", "?x=(1,(2))&y", "?%26=%3d");
const uri = fc.tuple(schemes, hosts, fc.integer({ min: 1, max: 65_535 }), of("", "/", "/p;q", "/%20"), queries).map(([scheme, host, port, path, query]) => `${scheme}://${host}:${port}${path}${query}`);
const leaf = fc.oneof(uri, uri, of("h", "h:1", "unix:/run/x.sock", "stdio:worker", "[::1]:7", "ws://h", "x://h/?(a,b)"));

const text = fc.string({ unit: of(...Array.from("abAB01.-_~*%+&=?#/:;,()[]@!'\"\\é字😀 \t\0")), maxLength: 8 });
const pair = (name: string, value: string): string => `${encodeURIComponent(name)}=${encodeURIComponent(value).replaceAll("%20", "+")}`;
const numbers = of("initialReconnectDelay", "maxReconnectDelay", "MaxReconnectAttempts", "startupMaxReconnectAttempts", "warnAfterReconnectAttempts", "maxCacheSize");
const flags = of("randomize", "Backup", "useExponentialBackOff", "priorityBackup", "trackMessages", "updateURIsSupported");
const option = fc.oneof(
  fc.tuple(numbers, fc.nat()).map(([name, value]) => `${name}=${value}`),
  fc.tuple(flags, of("true", "false", "TRUE", "%66alse")).map(([name, value]) => `${name}=${value}`),
  of("reconnectDelayExponent=1.5", "timeout=-1", "timeout=+7", "backupPoolSize=3", "priorityURIs=tcp://a:1,b", "", "nested.flag", "bogus=1"),
  text.map((value) => pair("updateURIsURL", value)),
  fc.tuple(text, text).map(([name, value]) => pair(`nested.${name}`, value)),
);
const tail = fc.tuple(of("", "", "", "/", "/p", "//p(q)"), fc.array(option, { maxLength: 3 }), of("", "", "", "#", "#f(?)"));
const spaced = fc.tuple(leaf, of("", "", " ", "\n")).map(([member, space]) => `${space}${member}${space}`);
const inner = (deeper: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(of("failover", "static", "Fan-out"), of("", "//"), fc.array(deeper, { maxLength: 3 }), of("", "", "/p", "?", "?x=%20&y")).map(([scheme, slashes, members, rest]) => `${scheme}:${slashes}(${members.join(",")})${rest}`);
const member = fc.oneof({ weight: 6, arbitrary: spaced }, { weight: 1, arbitrary: inner(fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: inner(leaf) })) });

/** Twenty lists from a handful of members and endings: most of the time goes into making these. */
const lists = fc.tuple(fc.array(member, { minLength: 3, maxLength: 6 }), fc.array(tail, { minLength: 3, maxLength: 3 })).map(([members, tails]) => Array.from({ length: 20 }, (_, index) => {
  const some = Array.from({ length: 1 + index % 4 }, (__, place) => members[(index + place) % members.length]).join(",") + (index % 5 === 0 ? "," : "");
  const [path, options, fragment] = tails[index % 3] ?? ["", [], ""];
  const scheme = ["failover:", "failover://", "FailOver:"][index % 3];
  return index % 7 === 3 ? `${scheme}${some}${fragment}` : `${scheme}(${some})${path}?${options.join("&")}${fragment}`;
}));

function read(written: string): FailoverUri | undefined {
  try {
    return parseFailover(written);
  } catch (error) {
    if (error instanceof OptionError && error.code === "HF_BAD_OPTION") return undefined;
    throw error;
  }
}
/** Everything that a list says, as text. */
const said = (given: FailoverUri): string => JSON.stringify(given, (_, value: unknown) => (value instanceof Map ? [...value] : value));

describe("two hundred thousand lists", () => {
  it("read, printed and read again say the same, and are dialled alike", () => {
    const told = new Set<string>();
    let understood = 0;
    fc.assert(fc.property(lists, (twenty) => {
      for (const written of twenty) {
        const first = read(written);
        if (first === undefined) continue;
        understood += 1;
        const printed = printFailover(first);
        if (told.size < 100_000) told.add(printed);
        const second = parseFailover(printed);
        const alike = said(second) === said(first) && printFailover(second) === printed && dialled(second).map(printMember).join() === dialled(first).map(printMember).join();
        if (!alike) throw new Error(`${written}\nis printed\n${printed}`); // 200 000 times expect() would take longer than all the rest.
      }
    }), { numRuns: 10_000 });
    expect(understood).toBeGreaterThan(60_000);
    expect(told.size).toBeGreaterThan(30_000); // Different ones.
  });
});

describe("a list that is no list", () => {
  const soup = fc.array(of("failover:", "failover://", "(", ")", ",", "tcp://", "a", ":1", ":99999", "?", "&", "=", "#", "%", "%41", "%ff", "+", " ", "/", "@", "[", "]", "nested.", "randomize=", "true", "timeout=", "\ud800", "\u2028", "__proto__", "x:"), { maxLength: 14 }).map((parts) => parts.join(""));

  it("is an OptionError and nothing else, and what is none prints again", () => {
    fc.assert(fc.property(fc.oneof(soup, soup.map((rest) => `failover:(${rest}`), soup.map((rest) => `failover:(a:1)${rest}`), soup.map((rest) => `failover:(a:1)?${rest}`), fc.string({ unit: "binary", maxLength: 12 })), (written) => {
      const first = read(written);
      return first === undefined || said(parseFailover(printFailover(first))) === said(first);
    }), { numRuns: 30_000 });
  });

  it.each([null, 7, {}, [], Symbol("list"), () => "failover:(a)", new Proxy({}, {})])("nor is %s", (written) => {
    expect(() => parseFailover(written as never)).toThrow(OptionError);
  });

  it("does not touch the prototype of what is read", () => {
    const { options, nested } = parseFailover("failover:(a:1)?nested.__proto__=1&nested.constructor=2");
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype);
    expect([...nested.keys()]).toEqual(["__proto__", "constructor"]);
    expect(Object.keys(failoverDefaults)).not.toContain("__proto__");
  });
});
