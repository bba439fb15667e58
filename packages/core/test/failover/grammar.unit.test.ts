import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { parseComposite } from "../../src/failover/composite.ts";
import { printMember } from "../../src/failover/dial-list.ts";
import { dialled, parseFailover, printFailover } from "../../src/failover/failover-uri.ts";

const dial = (uri: string): readonly string[] => dialled(parseFailover(uri)).map(printMember);
function complaint(uri: unknown): string {
  try {
    parseFailover(uri as string); // Wrong on purpose, often.
  } catch (error) {
    if (error instanceof OptionError && error.code === "HF_BAD_OPTION") return error.message;
    throw error;
  }
  return "accepted";
}
/** Of this process: others that run on the same machine do not count. */
function processorMillis(uri: string): number {
  const start = process.cpuUsage();
  complaint(uri);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

describe("the grammar of failover:", () => {
  it.each<[string, string, readonly string[]]>([
    ["spaces around members are no part of them", " failover: ( tcp://a:1 ,\n\ttcp://b:2 ) ", ["tcp://a:1", "tcp://b:2"]],
    ["nothing behind the last comma is no member", "failover:(tcp://a:1, )", ["tcp://a:1"]],
    ["commas inside parentheses do not split", "failover:(ws://a/?x=(1,2),ws://b/)", ["ws://a/?x=(1,2)", "ws://b/"]],
    ["lists may stand inside lists", "failover://(tcp://a:1,fanout:(static://(tcp://b:2),tcp://c:3)?x=%20)", ["tcp://a:1", "fanout:(static://(tcp://b:2),tcp://c:3)?x=+"]],
    ["without parentheses the options are the last member's", "failover:tcp://a:1,tcp://b:2?soTimeout=1", ["tcp://a:1", "tcp://b:2?soTimeout=1"]],
    ["hosts without a scheme, and schemes without a host", "failover:(a:1,b,[::1]:3,unix:/run/x.sock,unix:///run/y)", ["a:1", "b", "[::1]:3", "unix:/run/x.sock", "unix:///run/y"]],
    ["nested options stand behind the member's own", "failover:(ws://a/?x=1&,ws://b/?,ws://c/)?nested.x=2&nested.y", ["ws://a/?x=1&x=2&y", "ws://b/?x=2&y", "ws://c/?x=2&y"]],
    ["nested options are escaped once", "failover:(ws://a/)?nested.q=a%20b%2Bc%25%2F%C3%A9", ["ws://a/?q=a+b%2Bc%25%2F%C3%A9"]],
    ["nested options reach the members of inner lists", "failover:(fanout:(ws://a/,ws://b/?y=2)?z=3)?nested.x=1", ["fanout:(ws://a/?x=1,ws://b/?y=2&x=1)?z=3"]],
    ["the same member twice counts once, whatever the case of its host", "failover:(tcp://a:1,TCP://A:1,tcp://b:2,tcp://a:1)", ["tcp://a:1", "tcp://b:2"]],
    ["another path, user or option is another member", "failover:(ws://a/x,ws://a/X,ws://u@a/x,ws://U@a/x,ws://a/x?y=1)", ["ws://a/x", "ws://a/X", "ws://u@a/x", "ws://U@a/x", "ws://a/x?y=1"]],
    ["a name and an address are two members: nothing is looked up", "failover:(tcp://localhost:1,tcp://127.0.0.1:1)", ["tcp://localhost:1", "tcp://127.0.0.1:1"]],
    ["two schemes may have a port each, though neither is written", "failover:(ws://a/,wss://a/)", ["ws://a/", "wss://a/"]],
  ])("%s", (_, uri, members) => {
    expect(dial(uri)).toEqual(members);
  });

  it("decodes names and values, and lets the last of two win", () => {
    const { options, nested } = parseFailover("failover:(a:1)?timeout=1&%74imeout=%32&nested.a=x+y&nested.a=%C3%A9%3D&&nested.b&");
    expect(options).toEqual({ timeout: 2 });
    expect([...nested]).toEqual([["a", "é="], ["b", undefined]]);
  });

  it("prints what reads as the same", () => {
    expect(printFailover(parseFailover("FAILOVER://tcp://a:1,b:2?x=1"))).toBe("failover:(tcp://a:1,b:2?x=1)");
    expect(printFailover(parseFailover("failover:(a:1,x:(b:2,)/q?r)/p?RANDOMIZE=false".replace("RANDOM", "Random").replace("IZE", "ize")))).toBe("failover:(a:1,x:(b:2)/q?r)/p?randomize=false");
    expect(printFailover(parseFailover("failover:(a:1)?updateURIsURL=http://u/(%3F)&nested.a=1&nested.b#f"))).toBe("failover:(a:1)?updateURIsURL=http%3A%2F%2Fu%2F%28%3F%29&nested.a=1&nested.b#f");
  });
});

describe("what is refused", () => {
  it.each<[unknown, RegExp]>([
    [undefined, /must be text such as 'failover:/],
    ["", /a list with a scheme/],
    ["tcp://a:1,tcp://b:2", /must be a list that begins with failover:/],
    ["failover:", /at least one endpoint/],
    ["failover:()", /at least one endpoint/],
    ["failover:(a:1,failover:())", /at least one endpoint/],
    ["failover:(,a:1)", /without empty members: ActiveMQ would dial/],
    ["failover:(a:1,,)", /without empty members/],
    ["failover:(a:1", /one closing parenthesis for each opening one/],
    ["failover:a:1)(b:2", /one closing parenthesis/],
    ["failover:(a:1)?updateURIsURL=x)", /In a value parentheses are %28 and %29/],
    ["failover:(a:1#x,b:1)", /a # ends the list and is %23/],
    ["failover:(a:1)/(?nested.)", /one closing parenthesis for each opening one/],
    ["failover:(a:1),b:1", /all members inside one pair of parentheses/],
    ["failover:(a:1)randomize=false", /all members inside one pair/],
    ["failover:(a:1,x:(b:1)(c:1))", /all members inside one pair/],
    ["failover:((a:1))", /URIs such as tcp:/],
    ["failover:(a:1,%20tcp://b:1)", /URIs such as tcp:/],
    ["failover:(a:1,tcp://b :1)", /without spaces/],
    ["failover:(a:1)?updateURIsURL=a b", /a space is \+ or %20/],
    ["failover:(a:1)#a b", /without spaces/],
    ["failover:(a:1)?timeout=%zz", /%XX for bytes of UTF-8/],
    ["failover:(a:1)?nested.x=%ff", /%XX for bytes of UTF-8/],
    ["failover:(a:1)?nested.x=\ud800", /lone surrogates/],
    ["failover:(tcp://)", /with a host/],
    ["failover:(tcp://:1)", /with a host/],
    ["failover:(tcp://[::1)", /with a host/],
    ["failover:(tcp://a:0)", /ports from 1 to 65535/],
    ["failover:(tcp://a:)", /ports from 1 to 65535/],
    ["failover:(tcp://a:-1)", /ports from 1 to 65535/],
    ["failover:(tcp://a:http)", /ports from 1 to 65535/],
    ["failover:(a:99999)", /ports from 1 to 65535/],
    ["failover:(fanout:(tcp://a:99999))", /ports from 1 to 65535/],
    ["failover:(wss://a:1,ws://a:1)", /drops the second of \\?"?wss:\/\/a:1 and ws:\/\/a:1/],
    ["failover:(ws://a,wss://a:80)", /one port speaks one of them/],
    ["failover:(failover:tcp://a:1,tcp://b:1)", /parentheses round the members of an inner list, too/],
    ["failover:tcp://a:1?nested.soTimeout=1", /\?nested\. must be behind parentheses/],
    ["failover:tcp://a:1,tcp://b:1?soTimeout=1&Timeout=5", /\?timeout must be behind parentheses/],
    ["failover:(a:1,failover:(b:1)?bogus=1)", /\?bogus must be one of initialReconnectDelay,/],
    [`failover:${"(".repeat(17)}${")".repeat(17)}`, /at most 16 parentheses/],
    [`failover:x?${"(".repeat(16)}${")".repeat(16)}`, /at most 16 parentheses/],
    [`failover:(${"a,".repeat(10_001)})`, /at most 10000 members/],
    [`failover:(${"a".repeat(2 ** 20)})`, /at most 1048576 characters, got 1048587/],
    [`failover:(${Array.from({ length: 5_000 }, (_, index) => `a${index}`).join(",")})?nested.x=${"y".repeat(1_000)}`, /more than 4194304 characters/],
  ])("%s", (uri, words) => {
    expect(complaint(uri)).toMatch(words);
  });

  it("shows no secret", () => {
    for (const uri of ["failover:(tcp://u:s3cret@a:1", "failover:(tcp://u:s3cret@a:99999)", "failover:(tcp://u:s3cret@a:1,ssl://u:s3cret@a:1)", "failover:(a:1),tcp://u:s3cret@b:1", "failover:(a:1)?s3cret", "failover:(a:1)?timeout=5;token=s3cret", "failover:(a:1)?updateURIsURL=http://u:s3cret@b/?x=1", "failover:(a:1)?priorityURIs=tcp://u:s3cret@b:0", "failover:(x://(tcp://u:s3cret@a:1)?y", "failover:(u:s3cret@a:99999/,tcp://)", "failover:(failover:tcp://u:s3cret@b:1)", "failover:tcp://a:1?token=s3cret&timeout=1"]) {
      expect(complaint(uri)).not.toContain("s3cret");
      expect(complaint(uri)).not.toBe("accepted");
    }
  });
});

describe("a hostile list of a megabyte", () => {
  const size = 2 ** 20 - 20;
  it.each<[string, string]>([
    ["opening parentheses", `failover:${"(".repeat(size)}`],
    ["closing parentheses", `failover:${")".repeat(size)}`],
    ["pairs of parentheses", `failover:(${"()".repeat(size / 2 - 10)})`],
    ["lists inside lists", `failover:(${"x:(".repeat(15)}${"a,".repeat(4_000)}${"b".repeat(size - 8_100)}${")".repeat(15)})`],
    ["ten thousand members", `failover:(${"x:(".repeat(15)}${Array.from({ length: 9_900 }, (_, index) => `tcp://host-${index}.example:1`).join(",")}${")".repeat(15)})?nested.a=1`],
    ["commas", `failover:(${",".repeat(size)})`],
    ["schemes", `failover:(${"failover:".repeat(size / 9 - 10)})`],
    ["at signs", `failover:(tcp://${"@".repeat(size - 100)}:x)`],
    ["colons", `failover:(${":".repeat(size - 100)})`],
    ["escapes", `failover:(a:1)?timeout=${"%31".repeat(size / 3 - 20)}`],
    ["question marks", `failover:(a:1)${"?".repeat(size - 100)}`],
  ])("is answered within 100 ms: %s", (_, uri) => {
    expect(Math.min(...[1, 2, 3, 4].map(() => processorMillis(uri)))).toBeLessThan(100);
  });
});

describe("parseComposite()", () => {
  it("reads lists of any scheme, and says whether they had parentheses", () => {
    expect(parseComposite("Fanout:(a:1)")).toMatchObject({ enclosed: true, composite: { scheme: "fanout", members: ["a:1"] } });
    expect(parseComposite("fanout:a:1").enclosed).toBe(false);
  });
});
