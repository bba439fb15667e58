import { seededRandom, SimClock } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseList } from "../../src/endpoint/list.ts";
import { OptionError } from "../../src/errors/option-error.ts";
import { withFailover, type FailoverLinkOptions } from "../../src/failover/link-options.ts";
import type { Accept } from "../../src/failover/accept.ts";
import { failoverDefaults } from "../../src/failover/option-table.ts";
import { resolveLinkOptions, type LinkOptions } from "../../src/link/options.ts";
import { framed } from "../../src/protocol/framed.ts";
import { text } from "../../src/protocol/plain.ts";
import type { Frame } from "../../src/ports/channel.ts";
import type { EndpointSource } from "../../src/ports/endpoint.ts";
import { resend } from "../../src/resend/index.ts";
import { fake, FakeTransport, type FakeChannel } from "../link/fake-transport.ts";
import { connected, rig } from "../link/rig.ts";

type Options = LinkOptions<Frame, Frame>;
const base: Options = { endpoints: [], transports: [new FakeTransport()], protocol: framed() };
/** What a link makes of it. */
const settle = (endpoints: string, more: Partial<Options> = {}): ReturnType<typeof resolveLinkOptions<Frame, Frame>> => resolveLinkOptions(withFailover({ ...base, endpoints, ...more }));
const uris = (endpoints: string, more: Partial<Options> = {}): readonly string[] => settle(endpoints, { shuffle: false, ...more }).endpoints.map(({ uri }) => uri);
/** A link of the rig, with what a URI says instead of what the rig says. */
function link(endpoints: string, more: Parameters<typeof rig>[0] = {}): ReturnType<typeof rig> {
  const { shuffle, backoff, ...said } = withFailover({ ...base, endpoints } as unknown as LinkOptions<string, string>); // The rig brings protocol and transport.
  const { endpoints: list, outbox, maxRounds, maxInitialRounds, warnAfter, standby, priority } = said;
  return rig({ endpoints: list, stagger: Infinity, ...defined({ shuffle, backoff, outbox, maxRounds, maxInitialRounds, warnAfter, standby, priority }), ...more } as Parameters<typeof rig>[0]);
}
/** The same, where others may add to the list. */
function followed(endpoints: string, more: Partial<FailoverLinkOptions<Frame, Frame>>): ReturnType<typeof rig> {
  const { transports: _transports, protocol: _protocol, ...said } = withFailover({ ...base, endpoints, clock: new SimClock({ start: 0 }), ...more });
  return rig({ stagger: Infinity, ...said } as unknown as Parameters<typeof rig>[0]); // The rig brings protocol and transport.
}
const defined = (given: object): object => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
/** How many dials are made, none of which is answered, until the link gives up. */
async function dialsInVain(made: ReturnType<typeof rig>): Promise<number> {
  made.link.open().catch(() => { /* Given up. */ });
  for (let dial = 0; dial < 50 && made.link.phase !== "closed"; dial += 1) {
    if (made.link.phase === "connecting") made.transport.last.refuse();
    await made.clock.advanceAsync(1_000);
  }
  return made.told.filter((word) => word.startsWith("connecting")).length;
}

describe("a failover: URI does as it says", () => {
  const list = "failover:(fake://a,fake://b,fake://c)";

  it("initialReconnectDelay is the first wait", () => {
    expect(settle(`${list}?initialReconnectDelay=40`).policy.backoff.delay(1, 0.5)).toBe(20);
  });

  it("maxReconnectDelay is the longest", () => {
    expect(settle(`${list}?maxReconnectDelay=400`).policy.backoff.delay(99, 0.5)).toBe(200);
  });

  it("reconnectDelayExponent is what waits grow by", () => {
    expect([1, 2, 3].map((lap) => settle(`${list}?reconnectDelayExponent=3`).policy.backoff.delay(lap, 0.5))).toEqual([125, 375, 1_125]);
  });

  it("useExponentialBackOff=false keeps them as they are, whatever the exponent", () => {
    expect([1, 2, 3].map((lap) => settle(`${list}?useExponentialBackOff=false&reconnectDelayExponent=3&initialReconnectDelay=10`).policy.backoff.delay(lap, 0.5))).toEqual([5, 5, 5]);
    expect(settle(`${list}?useExponentialBackOff=true`).policy.backoff.delay(2, 0.5)).toBe(250);
  });

  it("randomize=false keeps the order, true shuffles it, and so does silence", () => {
    const order = (query: string): string => settle(`${list}${query}`, { random: () => 0 }).endpoints.map(({ host }) => host).join("");
    expect([order("?randomize=false"), order("?randomize=true"), order("")]).toEqual(["abc", "bca", "bca"]);
  });

  it("every order is as likely as any other (chi squared, 5 degrees of freedom, 0.1 % level)", () => {
    const random = seededRandom(7);
    const seen = new Map<string, number>();
    const draws = 6_000;
    for (let draw = 0; draw < draws; draw += 1) {
      const order = settle(list, { random }).endpoints.map(({ host }) => host).join("");
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    const expected = draws / 6;
    const squared = [...seen.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(seen.size).toBe(6);
    expect(squared).toBeLessThan(20.52);
  });

  it("maxReconnectAttempts counts rounds over the list, not dials", async () => {
    expect(await dialsInVain(link(`${list}?maxReconnectAttempts=2&randomize=false`))).toBe(6);
    expect(await dialsInVain(link("failover:(fake://a)?maxReconnectAttempts=2"))).toBe(2);
    expect(await dialsInVain(link(`${list}?maxReconnectAttempts=0`))).toBe(3);
    expect(await dialsInVain(link(`${list}?maxReconnectAttempts=-1`))).toBeGreaterThanOrEqual(50);
  });

  it("maxReconnectAttempts=0 ends a link whose stable connection is lost", async () => {
    const { maxRounds } = withFailover({ ...base, endpoints: "failover:(fake://a)?maxReconnectAttempts=0" });
    const made = await connected({ maxRounds: maxRounds ?? Infinity, stableAfter: 0 });
    made.channel.end();
    await expect(made.link.closed).resolves.toMatchObject({ cause: "exhausted" });
  });

  it("startupMaxReconnectAttempts holds until the first connection, and -1 leaves it to maxReconnectAttempts", async () => {
    expect(await dialsInVain(link(`${list}?startupMaxReconnectAttempts=3&maxReconnectAttempts=1`))).toBe(9);
    expect(await dialsInVain(link(`${list}?startupMaxReconnectAttempts=-1&maxReconnectAttempts=1`))).toBe(3);
  });

  it.each<[string, number]>([["?warnAfterReconnectAttempts=2", 3], ["?warnAfterReconnectAttempts=10", 1], ["?warnAfterReconnectAttempts=0", 0], ["?warnAfterReconnectAttempts=-1", 0]])("%s warns so many times in five laps", async (query, warnings) => {
    let count = 0;
    const made = link(`failover:(fake://a)${query}`, { maxRounds: 6, logger: ({ event }) => { if (event === "unreachable") count += 1; } });
    await dialsInVain(made);
    expect(count).toBe(warnings);
  });

  it("timeout gives up messages that could not be sent for so long, and the dialling goes on", async () => {
    const made = link("failover:(fake://a)?timeout=3000");
    void made.link.open();
    made.link.send("hello");
    await made.clock.advanceAsync(2_999);
    expect(made.told.filter((word) => word.startsWith("dropped"))).toEqual([]);
    await made.clock.advanceAsync(1);
    expect(made.told.filter((word) => word.startsWith("dropped"))).toEqual(["dropped message hello why expired"]);
    expect(made.link.phase).toBe("connecting");
    await made.link.close();
  });

  it("timeout goes together with the other limits of the outbox, and -1 is none", () => {
    expect(settle(`${list}?timeout=5`, { outbox: { maxMessages: 3 } }).outbox).toMatchObject({ ttl: 5, maxMessages: 3 });
    expect(settle(`${list}?timeout=-1`, { outbox: { maxMessages: 3 } }).outbox).toMatchObject({ ttl: Infinity, maxMessages: 3 });
  });

  it("backup=true keeps one channel in reserve, backup=false none", async () => {
    const made = link("failover:(fake://a,fake://b,fake://c)?backup=true&randomize=false");
    void made.link.open();
    await made.accept();
    await made.accept();
    expect(made.told).toEqual(["connecting a attempt 1", "connected a", "connecting b attempt 1", "prepared b"]);
    expect(settle(`${list}?backup=false`).policy.spares).toBe(0);
    made.link.abort();
  });

  it("backupPoolSize is how many", () => {
    expect(settle(`${list}?backup=true&backupPoolSize=2`).policy).toMatchObject({ spares: 2, maxChannels: 6 });
    expect(settle(`${list}?backup=true`).policy.spares).toBe(1);
  });

  it("backupPoolSize without backups is refused, unless it says what is the case anyway", () => {
    expect(() => settle(`${list}?backupPoolSize=2`)).toThrow(/\?backupPoolSize must be written together with backup=true/);
    expect(settle(`${list}?backupPoolSize=1`).policy.spares).toBe(0);
  });

  it("priorityBackup=true goes back to the first member, wherever the list was shuffled to", async () => {
    const made = link("failover:(fake://a,fake://b)?priorityBackup=true", { random: () => 0 });
    void made.link.open();
    made.transport.last.refuse();
    await made.settle();
    await made.accept();
    await made.clock.advanceAsync(1_000);
    await made.accept();
    await made.clock.advanceAsync(12_000);
    expect(made.told.filter((word) => word.startsWith("migrated"))).toEqual(["migrated priority from fake://b to fake://a"]);
    expect(settle(`${list}?priorityBackup=false`).policy.priority).toBeUndefined();
    made.link.abort();
  });

  it("priorityURIs says which members that is, with their options or without", () => {
    const primaries = (query: string): readonly string[] | undefined => settle(`failover:(fake://a:1?x=1,fake://b:2,ssl://c:3)?priorityBackup=true&${query}`, { transports: [Object.assign(new FakeTransport(), { schemes: ["fake", "tls"] })] }).policy.priority?.endpoints;
    expect(primaries("priorityURIs=fake://B:2")).toEqual(["fake://b:2"]);
    expect(primaries("priorityURIs=fake://a:1,ssl://c:3")).toEqual(["fake://a:1?…", "tls://c:3"]);
    expect(primaries("priorityURIs=fake://a:1&nested.y=2")).toEqual(["fake://a:1?…"]);
  });

  it("priorityURIs is refused without priorityBackup=true, and where it names somebody else", () => {
    expect(() => settle(`${list}?priorityURIs=fake://a`)).toThrow(/\?priorityURIs must be written together with priorityBackup=true/);
    expect(() => settle(`${list}?priorityBackup=true&priorityURIs=fake://user:secret@z`)).toThrow(/\?priorityURIs must be made of members of the list, got "fake:\/\/.*z/);
    expect(() => settle(`${list}?priorityBackup=true&priorityURIs=fake://user:secret@z`)).not.toThrow(/secret/);
  });

  it("updateURIsURL adds the members that stand there, with the nested options, and reads it again before each lap", async () => {
    let text = "fake://c,fake://evil";
    const made = followed("failover:(fake://a)?updateURIsURL=list.txt&randomize=false&nested.x=1", { logger: false, accept: { hosts: ["c", "d"] }, readText: (where) => Promise.resolve(where === "list.txt" ? text : "") });
    const failed = async (): Promise<string> => {
      for (let turn = 0; turn < 50 && made.link.phase !== "connecting"; turn += 1) await made.clock.advanceAsync(100);
      const { uri } = made.transport.last.endpoint;
      made.transport.last.refuse();
      await made.clock.advanceAsync(10);
      return uri;
    };
    void made.link.open();
    await made.settle();
    expect([await failed(), await failed()]).toEqual(["fake://c?x=1", "fake://a?x=1"]);
    text = "fake://d";
    await made.clock.advanceAsync(2_000);
    expect(new Set([await failed(), await failed()])).toEqual(new Set(["fake://d?x=1", "fake://a?x=1"]));
    await made.link.close();
  });

  it("updateURIsURL goes together with a primary, which is dialled first and may be left for", () => {
    const { endpoints, priority } = withFailover({ ...base, endpoints: "failover:(fake://a,fake://b)?updateURIsURL=x&priorityBackup=true", accept: {}, readText: () => Promise.resolve(""), random: () => 0 });
    expect(priority).toEqual({ endpoints: ["fake://a"] });
    expect(resolveLinkOptions({ ...base, endpoints, priority: priority ?? {} }).policy.priority?.endpoints).toEqual(["fake://a"]);
  });

  /** What is said again after a loss. */
  async function saidAgain(query: string): Promise<readonly [resent: string, told: string]> {
    const { transports: _transports, ...said } = withFailover({ ...base, endpoints: `failover:(fake://a,fake://b)?randomize=false${query}` });
    const made = rig<Frame, Frame>({ stagger: Infinity, heartbeat: "wan", ...said });
    void made.link.open();
    const next = async (): Promise<FakeChannel> => {
      await made.settle();
      const channel = await made.accept();
      channel.deliver(Uint8Array.of(9, 0x68, 0x66, 1, 2));
      return channel;
    };
    const first = await next();
    for (const message of ["aaaa", "bbbb", "cccc"]) made.link.send(message);
    first.end();
    const { sent } = await next();
    made.link.abort();
    const texts = sent.slice(1).map((frame) => new TextDecoder().decode((frame as Uint8Array).subarray(1)));
    return [texts.join(" "), made.told.filter((word) => /^(disconnected a|dropped)/.test(word)).join("; ")];
  }

  it("trackMessages=true sends again what was not confirmed, and false counts it", async () => {
    expect(await saidAgain("&trackMessages=true")).toEqual(["aaaa bbbb cccc", "disconnected a closed resent 3"]);
    for (const query of ["", "&trackMessages=false"]) expect(await saidAgain(query)).toEqual(["", "disconnected a closed unconfirmed 3"]);
  });

  it("maxCacheSize is how many bytes of it are remembered", async () => {
    expect(await saidAgain("&trackMessages=true&maxCacheSize=9")).toEqual(["bbbb cccc", "disconnected a closed unconfirmed 1 resent 2; dropped message undefined why forgotten count 1"]);
    expect(() => settle(`${list}?maxCacheSize=1024`)).toThrow(/\?maxCacheSize must be written together with trackMessages=true/);
    expect(() => settle(`${list}?trackMessages=true&maxCacheSize=0`)).toThrow(/\?maxCacheSize must be at least 1 with trackMessages=true/);
    expect(() => settle(`${list}?trackMessages=true`, { heartbeat: false })).toThrow(/^outbox\.resend must be left out here/);
  });

  it("trackMessages goes together with the limits of the outbox, and with timeout", () => {
    expect(settle(`${list}?trackMessages=true&timeout=5`, { outbox: { maxMessages: 3 } })).toMatchObject({ outbox: { ttl: 5, maxMessages: 3 }, inFlight: expect.anything() as unknown });
  });

  describe("where a peer asks to be left and says where to", () => {
    const notice = (...to: string[]): Uint8Array => Uint8Array.of(3, 0, 0, 0x75, 0x30, 0, 0, 0, 0, ...new TextEncoder().encode(to.join("\n")));
    /** A link to a that was told so. Who was dialled then, in order, while nobody takes it; and the list that there is at last. */
    async function told(query: string, to: readonly string[], accept: Accept | false = { hosts: ["a", "b", "c", "d"] }): Promise<readonly [dialled: string, list: string]> {
      const { transports: _transports, ...said } = withFailover({ ...base, endpoints: `failover:(fake://a,fake://b)?randomize=false${query}`, logger: false, ...(accept && { accept }) });
      const made = rig<Frame, Frame>({ stagger: Infinity, ...said });
      void made.link.open();
      await made.settle();
      const channel = made.transport.last.accept();
      await made.settle();
      channel.deliver(Uint8Array.of(9, 0x68, 0x66, 1, 2));
      channel.deliver(notice(...to));
      await made.clock.advanceAsync(10);
      const dials = made.transport.dials.slice(1);
      for (let left = 3; left > 0 && dials.length > 0; left -= 1) {
        made.transport.last.refuse();
        await made.settle();
      }
      const dialled = made.transport.dials.slice(1).map(({ endpoint }) => endpoint.host).join("");
      const { endpoints } = said;
      const list = "list" in (endpoints as object) ? await (endpoints as EndpointSource).list({ signal: new AbortController().signal }) : endpoints as readonly string[];
      made.link.abort();
      return [dialled, list.map((entry) => (entry as string).replace("fake://", "")).join("")];
    }

    it.each<[string, string, readonly string[], readonly [string, string]]>([
      ["reconnectSupported and updateURIsSupported are true by default, as with ActiveMQ", "", ["fake://d", "fake://c"], ["dcb", "dcab"]],
      ["reconnectSupported=true goes to the first one that is accepted", "&reconnectSupported=true&updateURIsSupported=false", ["fake://evil", "fake://d", "fake://c"], ["db", "dab"]],
      ["reconnectSupported=false goes along the list", "&reconnectSupported=false", ["fake://d", "fake://c"], ["bdc", "dcab"]],
      ["updateURIsSupported=true takes them all into the list", "&updateURIsSupported=true", ["fake://d", "fake://c"], ["dcb", "dcab"]],
      ["updateURIsSupported=false takes no more than the one to go to", "&updateURIsSupported=false", ["fake://d", "fake://c"], ["db", "dab"]],
      ["rebalanceUpdateURIs=true moves although we are in the list", "&rebalanceUpdateURIs=true", ["fake://a", "fake://c"], ["cb", "acb"]],
      ["rebalanceUpdateURIs=false does not", "&rebalanceUpdateURIs=false", ["fake://a", "fake://c"], ["", "acb"]],
      ["rebalanceUpdateURIs=false moves where we are not in it", "&rebalanceUpdateURIs=false", ["fake://c"], ["cb", "cab"]],
    ])("%s", async (_, query, to, expected) => {
      const [dialled, list] = await told(query, to);
      expect([expected[0] === "" ? dialled : dialled.slice(0, expected[0].length), list]).toEqual(expected);
    });

    it("nothing of it is heeded without accept, and what is not accepted never is", async () => {
      expect(await told("", ["fake://d"], false)).toEqual(["b", "ab"]);
      expect(await told("", ["fake://d"], {})).toEqual(["b", "ab"]);
    });

    it("only transports that may ever dial have to have a ping", () => {
      const [mute, other] = [new FakeTransport(), Object.assign(new FakeTransport({ pings: true }), { schemes: ["other"] })];
      const make = (accept: Accept) => (): unknown => resolveLinkOptions(withFailover<string, string>({ endpoints: "other://a", transports: [mute, other], protocol: text(), accept }));
      expect(make({})).not.toThrow();
      expect(make({ schemes: ["fake"] })).toThrow(/^heartbeat must be false here/);
      expect(make(() => true)).toThrow(/^heartbeat must be false here/);
    });

    it("a plain list may be told so as well, and a source decides by itself", async () => {
      for (const endpoints of ["fake://a,fake://b", ["fake://a", "fake://b"]]) {
        const source = withFailover({ ...base, endpoints, accept: { hosts: ["c"] }, shuffle: false }).endpoints as EndpointSource;
        expect(source.named?.({ to: ["fake://c"], from: fake("a") })).toEqual({ next: "fake://c" });
        expect(await source.list({ signal: new AbortController().signal })).toEqual(["fake://c", "fake://a", "fake://b"]);
      }
      expect(() => withFailover({ ...base, endpoints: { list: () => [] }, accept: {} })).toThrow(/^accept must be left out where the endpoints come from a source/);
    });
  });

  it("nested options are dialled behind every member", async () => {
    const made = link("failover:(fake://a?x=1,fake://b)?nested.token=a%26b&randomize=false");
    void made.link.open();
    expect(made.transport.last.endpoint.uri).toBe("fake://a?x=1&token=a%26b");
    made.transport.last.refuse();
    await made.settle();
    expect(made.transport.last.endpoint.uri).toBe("fake://b?token=a%26b");
    await made.link.close();
  });

  it("an inner failover: stands for its members, and one of them twice counts once", () => {
    expect(uris("failover:(fake://a,failover://(fake://b,failover:(fake://c,fake://a))?nested.y=2)?nested.x=1")).toEqual(["fake://a?x=1", "fake://b?x=1&y=2", "fake://c?x=1&y=2", "fake://a?x=1&y=2"]);
    expect(uris("failover:(fake://a,failover:(fake://b,fake://a))")).toEqual(["fake://a", "fake://b"]);
  });

  it("ssl: is our tls:, unless a transport serves ssl itself", () => {
    const named = (...schemes: string[]): Options["transports"] => [Object.assign(new FakeTransport(), { schemes })];
    expect(uris("failover:(ssl://a:1)", { transports: named("tls") })).toEqual(["tls://a:1"]);
    expect(uris("failover:(ssl://a:1)", { transports: named("tls", "ssl") })).toEqual(["ssl://a:1"]);
  });
});

describe("a link with a failover: URI refuses", () => {
  it.each<[string, object, RegExp]>([
    ["randomize=true", { shuffle: true }, /\?randomize must be given once: here, or in code as `shuffle`/],
    ["maxReconnectDelay=1", { backoff: { delay: () => 0 } }, /\?maxReconnectDelay must be given once: here, or in code as `backoff`/],
    ["useExponentialBackOff=false", { backoff: { delay: () => 0 } }, /`backoff`/],
    ["maxReconnectAttempts=1", { maxRounds: 1 }, /`maxRounds`/],
    ["startupMaxReconnectAttempts=-1", { maxInitialRounds: 1 }, /`maxInitialRounds`/],
    ["warnAfterReconnectAttempts=1", { warnAfter: 1 }, /`warnAfter`/],
    ["backup=true", { standby: 1 }, /`standby`/],
    ["backup=true&backupPoolSize=2", { standby: 1 }, /`standby`/],
    ["priorityBackup=true", { priority: {} }, /`priority`/],
    ["timeout=1", { outbox: { ttl: 1 } }, /`outbox\.ttl`/],
    ["trackMessages=true", { outbox: { resend: resend() } }, /`outbox\.resend`/],
  ])("an option that is given in code, too: %s", (query, inCode, words) => {
    expect(() => settle(`failover:(fake://a)?${query}`, inCode)).toThrow(words);
    expect(() => settle("failover:(fake://a)", inCode)).not.toThrow();
    expect(() => settle(`failover:(fake://a)?${query}`, Object.fromEntries(Object.keys(inCode).map((key) => [key, undefined])))).not.toThrow();
  });

  it.each(["trackTransactionProducers=true"])("what links cannot do yet: %s", (query) => {
    const [name] = query.split("=");
    expect(() => settle(`failover:(fake://a)?${query}`)).toThrow(new RegExp(`\\?${name} must be left out.*links cannot do this yet`));
  });

  it.each(["updateURIsURL=http://x/list", "updateURIsSupported=true", "rebalanceUpdateURIs=true", "reconnectSupported=true"])("what others may say of the list, unless code says what is accepted: %s", (query) => {
    const [name] = query.split("=");
    expect(() => settle(`failover:(fake://a)?${query}`)).toThrow(new RegExp(`\\?${name} must be given together with \`accept\` in code.*accept: \\{ hosts: `));
    expect(() => withFailover({ ...base, endpoints: `failover:(fake://a)?${query}`, accept: {} })).not.toThrow();
  });

  it.each<[string, RegExp]>([
    ["updateURIsSupported=false&reconnectSupported=false", /^accept must be left out where updateURIsSupported=false and reconnectSupported=false/],
    ["updateURIsSupported=false&updateURIsURL=http://x/", /\?updateURIsURL must be left out where updateURIsSupported=false/],
    ["updateURIsSupported=false&rebalanceUpdateURIs=true", /\?rebalanceUpdateURIs must be left out where updateURIsSupported=false/],
  ])("what would do nothing: %s", (query, words) => {
    expect(() => withFailover({ ...base, endpoints: `failover:(fake://a)?${query}`, accept: {} })).toThrow(words);
  });

  it("nothing where such an option is off, or says what is the case anyway", () => {
    const off = "backup=false&backupPoolSize=1&priorityBackup=false&trackMessages=false&maxCacheSize=131072&trackTransactionProducers=false&updateURIsSupported=false&rebalanceUpdateURIs=false&reconnectSupported=false";
    expect(() => settle(`failover:(fake://a)?${off}`)).not.toThrow();
    expect(off.split("&")).toHaveLength(Object.keys(failoverDefaults).length - 11);
  });

  it("options of an inner list, and inner lists of another kind", () => {
    expect(() => settle("failover:(fake://a,failover:(fake://b)?randomize=false)")).toThrow(/\?randomize must be written behind the outer list/);
    expect(() => settle("failover:(fake://a,static:(fake://b,fake://c))")).toThrow(/no transport for static/);
  });
});

describe("withFailover()", () => {
  it("gives back options whose endpoints are something else", () => {
    for (const endpoints of ["fake://a,fake://b", ["fake://a"], { list: () => [] }] as const) {
      const given = { ...base, endpoints };
      expect(withFailover(given)).toBe(given);
    }
  });

  it("reads what a link reads by itself as the link does, or refuses it", () => {
    const word = fc.constantFrom("a", "b", "a:1", "b:2", "fake://a", "fake://b:2", "ws://a", " fake://c ", "x?y=1", "");
    const value = fc.constantFrom("true", "FALSE", "0", "5", "1.5", "-1", "", "1e3", "x", "%31");
    const name = fc.constantFrom("randomize", "initialReconnectDelay", "maxReconnectDelay", "reconnectDelayExponent", "useExponentialBackOff", "timeout");
    const pairs = fc.array(fc.tuple(name, value).map(([key, said]) => `${key}=${said}`), { maxLength: 3 });
    let alike = 0;
    fc.assert(fc.property(fc.array(word, { maxLength: 3 }), pairs, (members, options) => {
      const endpoints = `failover:(${members.join(",")})${options.length > 0 ? "?" : ""}${options.join("&")}`;
      const random = (): number => 0.5;
      const [plain, whole] = [() => resolveLinkOptions({ ...base, endpoints, random }), () => settle(endpoints, { random })].map((make) => {
        try {
          const { endpoints: list, policy } = make();
          return JSON.stringify([[...new Set(list.map(({ uri }) => uri))].toSorted(), [1, 2, 9].map((lap) => policy.backoff.delay(lap, 0.5))]);
        } catch (error) {
          if (error instanceof OptionError) return undefined;
          throw error;
        }
      });
      if (plain !== undefined && whole !== undefined) alike += 1;
      return plain === undefined || whole === undefined || plain === whole;
    }), { numRuns: 2_000, seed: 5 });
    expect(alike).toBeGreaterThan(100);
    expect(parseList("failover:(a,b)?randomize=false").members).toEqual(["a", "b"]);
  });
});
