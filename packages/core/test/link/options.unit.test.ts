import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { resolveLinkOptions, type LinkOptions } from "../../src/link/options.ts";
import { framed } from "../../src/protocol/framed.ts";
import { json } from "../../src/protocol/json.ts";
import { text } from "../../src/protocol/plain.ts";
import type { Endpoint } from "../../src/ports/endpoint.ts";
import { FakeTransport } from "./fake-transport.ts";

const transport = new FakeTransport();
const base = { endpoints: "fake://a,fake://b", transports: [transport], protocol: framed() };
const resolve = (given: object): ReturnType<typeof resolveLinkOptions<unknown, unknown>> => resolveLinkOptions<unknown, unknown>({ ...base, ...given } as LinkOptions<unknown, unknown>); // Wrong on purpose, often.

/** What the error says: the option, what was expected, and the end of its message. */
function refusal(given: object): readonly [option: string, expected: string, message: string] {
  try {
    resolve(given);
  } catch (error) {
    if (error instanceof OptionError) return [error.option, error.expected, error.message];
    throw error;
  }
  throw new Error("nothing was refused");
}

const millis = "a number of milliseconds greater than 0";
const atLeast0 = "a number of at least 0";
const backoff = "a backoff, such as exponential() or constant(1000)";
const transports = "an array with at least one transport, such as [tcp()]";
const protocol = "a protocol, such as framed(), json() or text()";

describe("link options", () => {
  it.each<[string, object, string, string, string]>([
    ["no transports", { transports: undefined }, "transports", transports, "must be"],
    ["an empty list of transports", { transports: [] }, "transports", transports, "got an array"],
    ["a lone transport", { transports: transport }, "transports", transports, "got an object"],
    ["no protocol", { protocol: undefined }, "protocol", protocol, "must be"],
    ["a protocol that is none", { protocol: {} }, "protocol", protocol, "got an object"],
    ["no endpoints", { endpoints: undefined }, "endpoints", "a URI, a list of URIs or a source with list()", "must be"],
    ["a number for endpoints", { endpoints: 7000 }, "endpoints", "a URI, a list of URIs or a source with list()", "got 7000"],
    ["an empty list", { endpoints: [] }, "endpoints", "at least one endpoint", 'got "none"'],
    ["an empty string", { endpoints: "" }, "endpoints", "a URI such as 'tcp://10.0.0.1:7000'", 'got ""'],
    ["a list with a hole", { endpoints: "fake://a,,fake://b" }, "endpoints", "a URI such as 'tcp://10.0.0.1:7000'", 'got ""'],
    ["an endpoint that is no text", { endpoints: [7] }, "endpoints", "a URI such as 'tcp://10.0.0.1:7000'", "must be"],
    ["a heartbeat that is none", { heartbeat: "slow" }, "heartbeat.preset", "'wan', 'lan' or 'mobile'", 'got "slow"'],
    ["a limiter that is none", { limiter: 5 }, "limiter", "a limiter, such as dialLimiter()", "got 5"],
    ["a heartbeat that never beats", { heartbeat: { interval: 0 } }, "heartbeat.interval", millis, "got 0"],
    ["a backoff that is none", { backoff: 1_000 }, "backoff", backoff, "got 1000"],
    ["a dial without time", { dialTimeout: 0 }, "dialTimeout", millis, "got 0"],
    ["a dial timeout that is no number", { dialTimeout: "5s" }, "dialTimeout", millis, 'got "5s"'],
    ["a negative stableAfter", { stableAfter: -1 }, "stableAfter", atLeast0, "got -1"],
    ["negative attempts", { maxAttempts: -1 }, "maxAttempts", atLeast0, "got -1"],
    ["attempts that are no number", { maxAttempts: Number.NaN }, "maxAttempts", atLeast0, "got NaN"],
    ["negative first attempts", { maxInitialAttempts: -1 }, "maxInitialAttempts", atLeast0, "got -1"],
    ["an outage without time", { giveUpAfter: 0 }, "giveUpAfter", millis, "got 0"],
    ["a goodbye without time", { drainTimeout: 0 }, "drainTimeout", millis, "got 0"],
    ["a negative reserve", { standby: -1 }, "standby", atLeast0, "got -1"],
    ["a reserve where there can be no second channel", { standby: 1, protocol: { ...framed(), standby: "none" } }, "standby", "0 here, because the protocol allows no second channel", "got 1"],
    ["a reserve without room for it", { standby: 2, maxChannels: 3 }, "maxChannels", "a number of at least 4", "got 3"],
    ["one channel at a time", { maxChannels: 1 }, "maxChannels", "a number of at least 2", "got 1"],
    ["a reader that may leave nothing unread", { maxUnread: 0 }, "maxUnread", "a number of at least 1", "got 0"],
    ["an outbox of negative size", { outbox: { maxMessages: -1 } }, "outbox.maxMessages", atLeast0, "got -1"],
    ["an outbox of negative bytes", { outbox: { maxBytes: -1 } }, "outbox.maxBytes", atLeast0, "got -1"],
    ["an outbox whose size is text", { outbox: { maxMessages: "10" } }, "outbox.maxMessages", atLeast0, 'got "10"'],
    ["an unknown overflow", { outbox: { overflow: "dropAll" } }, "outbox.overflow", "'reject', 'dropOldest' or 'dropNewest'", 'got "dropAll"'],
    ["messages that expire at once", { outbox: { ttl: 0 } }, "outbox.ttl", millis, "got 0"],
    ["an unknown option in the list", { endpoints: "failover:(fake://a)?timeout=3" }, "endpoints: ?timeout", "one of randomize, initialReconnectDelay, maxReconnectDelay, reconnectDelayExponent, useExponentialBackOff here (withFailover() of @holdfast/core/failover reads all that ActiveMQ does)", "?timeout must be"],
    ["an order in the list and in code", { endpoints: "failover:(fake://a)?randomize=false", shuffle: false }, "endpoints: ?randomize", "given once: here, or in code as `shuffle`", "must be"],
    ["waits in the list and in code", { endpoints: "failover:(fake://a)?maxReconnectDelay=9", backoff: { delay: () => 7 } }, "endpoints: ?…Delay", "given once: here, or in code as `backoff`", "must be"],
    ["negative rounds", { maxRounds: -1 }, "maxRounds", atLeast0, "got -1"],
    ["negative first rounds", { maxInitialRounds: -1 }, "maxInitialRounds", atLeast0, "got -1"],
    ["warnings at negative laps", { warnAfter: -1 }, "warnAfter", atLeast0, "got -1"],
  ])("refuse %s", (_, given, option, expected, words) => {
    expect(refusal(given)).toEqual([option, expected, expect.stringContaining(words)]);
  });

  it("refuse a silence nobody could notice, and say what to do", () => {
    const [option, , message] = refusal({ protocol: text() });
    expect(option).toBe("heartbeat");
    expect(message).toMatch(/neither the protocol nor the fake transport has a ping.*json\(\{ ping, pong \}\).*framed\(\).*heartbeat: false/);
  });

  it.each([
    ["without a heartbeat", { protocol: text(), heartbeat: false }],
    ["where the heartbeat is optional", { protocol: text(), heartbeat: { optional: true } }],
    ["where the transport pings", { protocol: text(), transports: [new FakeTransport({ pings: true })] }],
    ["where the protocol pings", { protocol: json({ ping: "p", pong: (message) => message === "p" }) }],
  ])("accept a protocol without a ping %s", (_, given) => {
    expect(resolve(given).endpoints).toHaveLength(2);
  });

  it("refuse a mute transport of a source, for its endpoints are not known yet", () => {
    expect(refusal({ protocol: text(), endpoints: { list: () => [] } })[0]).toBe("heartbeat");
  });

  it("have the documented defaults", () => {
    const { policy, heartbeat, outbox, maxUnread, source } = resolve({});
    expect(policy).toMatchObject({ dialTimeout: 5_000, stableAfter: 10_000, maxAttempts: Infinity, maxInitialAttempts: Infinity, maxRounds: Infinity, maxInitialRounds: Infinity, giveUpAfter: Infinity, drainTimeout: 5_000 });
    expect([policy.backoff.delay(1, 0.5), policy.backoff.delay(99, 0.999)]).toEqual([125, 7_992]);
    expect(heartbeat).toMatchObject({ mode: "round-trip", interval: 5_000, timeout: 5_000, maxMisses: 3 });
    expect(outbox).toEqual({ maxMessages: 1_024, maxBytes: 1_048_576, overflow: "reject", ttl: Infinity });
    expect([maxUnread, source]).toEqual([64, undefined]);
  });

  it("take undefined for not given", () => {
    const none = { heartbeat: undefined, backoff: undefined, shuffle: undefined, maxRounds: undefined, maxInitialRounds: undefined, warnAfter: undefined, dialTimeout: undefined, stableAfter: undefined, maxAttempts: undefined, maxInitialAttempts: undefined, giveUpAfter: undefined, drainTimeout: undefined, maxUnread: undefined, clock: undefined, random: undefined };
    const outbox = { maxMessages: undefined, maxBytes: undefined, overflow: undefined, ttl: undefined };
    const { policy, ...settings } = resolve({ ...none, outbox, shuffle: false });
    const { policy: usual, ...others } = resolve({ shuffle: false });
    expect({ ...settings, endpoints: null }).toEqual({ ...others, endpoints: null });
    expect({ ...policy, backoff: null }).toEqual({ ...usual, backoff: null });
  });

  it("bound the first attempts as all others unless told otherwise", () => {
    expect(resolve({ maxAttempts: 3 }).policy).toMatchObject({ maxAttempts: 3, maxInitialAttempts: 3 });
    expect(resolve({ maxRounds: 3 }).policy).toMatchObject({ maxRounds: 3, maxInitialRounds: 3 });
    expect(resolve({ maxRounds: 3, maxInitialRounds: 1 }).policy).toMatchObject({ maxRounds: 3, maxInitialRounds: 1 });
    expect(resolve({ maxAttempts: 3, maxInitialAttempts: 1 }).policy).toMatchObject({ maxAttempts: 3, maxInitialAttempts: 1 });
  });

  it("shuffle a fixed list, once, unless told not to", () => {
    const endpoints = "fake://a,fake://b,fake://c";
    const order = (given: object): string => resolve({ endpoints, random: () => 0, ...given }).endpoints.map(({ host }) => host).join("");
    expect(order({})).toBe("bca");
    expect(order({ shuffle: false })).toBe("abc");
    expect(order({ endpoints: `failover:(${endpoints})?randomize=false` })).toBe("abc");
    expect(order({ endpoints: `failover:(${endpoints})`, shuffle: false })).toBe("abc");
  });

  it("take the backoff of a failover URI", () => {
    const endpoints = "failover:(fake://a)?initialReconnectDelay=10&maxReconnectDelay=40&reconnectDelayExponent=3";
    const waits = (given: object): number[] => [1, 2, 3].map((attempt) => resolve({ endpoints, ...given }).policy.backoff.delay(attempt, 0.5));
    expect(waits({})).toEqual([5, 15, 20]);
  });

  it("ask the transport whether an endpoint can be dialled at all", () => {
    const picky = Object.assign(new FakeTransport(), { check: ({ label }: Endpoint) => { throw new OptionError("endpoints", "with a port", label); } });
    expect(refusal({ transports: [picky] })).toEqual(["endpoints", "with a port", 'endpoints must be with a port, got "fake://a"']);
  });

  it.each([
    ["greeted", undefined, "settled"], ["greeted", true, "replayed"], ["dialled", true, "replayed"],
    ["dialled", undefined, "none"], ["none", undefined, "none"], ["none", true, "none"],
  ] as const)("let a protocol with standby %s and replays %s move its channel: %s", (standby, replays, handover) => {
    expect(resolve({ heartbeat: false, protocol: { ...text(), standby, replays } }).policy.handover).toBe(handover);
  });

  it("allow four channels at a time", () => {
    expect([resolve({}).policy.maxChannels, resolve({ maxChannels: 2 }).policy.maxChannels]).toEqual([4, 2]);
  });
});
