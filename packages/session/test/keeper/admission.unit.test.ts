import { parseEndpoint } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { addressOf, Admission } from "../../src/keeper/admission.ts";
import { defaultKeeperLimits } from "../../src/keeper/limits.ts";
import { TokenBuckets } from "../../src/keeper/token-buckets.ts";
import { House } from "./house.ts";

const here = parseEndpoint("tcp://192.0.2.1:1");
const there = parseEndpoint("tcp://192.0.2.2:1");
const idle = { attached: 0, outgoingBytes: 0 };
const admission = (limits = {}): Admission => new Admission({ ...defaultKeeperLimits, ...limits }, () => 0.5);

describe("a bucket of tokens", () => {
  it("gives as many at once as it holds, then one at a time", () => {
    const buckets = new TokenBuckets(2, 3, 10);
    expect([0, 0, 0, 0].map(() => buckets.take("a", 1_000))).toEqual([0, 0, 0, 500]);
    expect(buckets.take("a", 1_500)).toBe(0);
    expect(buckets.take("a", 1_500)).toBe(500);
    expect(buckets.take("b", 1_500)).toBe(0);
    expect(buckets.take("a", 60_000)).toBe(0);
  });

  it("is remembered for the keys that were seen last", () => {
    const buckets = new TokenBuckets(1, 1, 100);
    for (let at = 0; at < 1_000; at += 1) buckets.take(`k${at}`, 0);
    expect(buckets.size).toBe(100);
    expect(buckets.take("k999", 0)).toBe(1_000);
    expect(buckets.take("k0", 0)).toBe(0);
  });

  it("without a limit is never empty", () => {
    const buckets = new TokenBuckets(Infinity, Infinity, 10);
    for (let at = 0; at < 1_000; at += 1) expect(buckets.take("a", 0)).toBe(0);
  });
});

describe("admission", () => {
  it("keeps the last tenth of the seats for those that return", () => {
    const seats = admission({ maxSessions: 100 });
    expect(seats.admit({ what: "open" }, here, { ...idle, attached: 89 }, 0)).toBe(0);
    expect(seats.admit({ what: "open" }, here, { ...idle, attached: 90 }, 0)).toBe(3_000);
    expect(seats.admit({ what: "attach" }, here, { ...idle, attached: 99 }, 0)).toBe(0);
    expect(seats.admit({ what: "attach" }, here, { ...idle, attached: 100 }, 0)).toBe(3_000);
    expect(admission({ maxSessions: 1 }).admit({ what: "open" }, here, idle, 0)).toBe(0);
  });

  it("lets one address open so many a second, and the others too", () => {
    const rate = admission({ opensPerSecond: 5 });
    expect(Array.from({ length: 6 }, () => rate.admit({ what: "open" }, here, idle, 0))).toEqual([0, 0, 0, 0, 0, 200]);
    expect(rate.admit({ what: "open" }, there, idle, 0)).toBe(0);
    expect(rate.admit({ what: "attach" }, here, idle, 0)).toBe(0);
  });

  it("opens nothing while too many bytes wait for clients; who returns may take some off", () => {
    const full = { attached: 0, outgoingBytes: defaultKeeperLimits.maxOutgoingBytes };
    expect(admission().admit({ what: "open" }, here, full, 0)).toBe(3_000);
    expect(admission().admit({ what: "attach" }, here, full, 0)).toBe(0);
  });

  it("makes an address wait that has shown ten wrong proofs in a minute", () => {
    const proofs = admission();
    for (let at = 0; at < 10; at += 1) proofs.failed(here, 0);
    expect(proofs.admit({ what: "attach" }, here, idle, 0)).toBe(6_000);
    expect(proofs.admit({ what: "attach" }, there, idle, 0)).toBe(0);
    expect(proofs.admit({ what: "attach" }, here, idle, 6_000)).toBe(0);
  });

  it("lets one session attach once a second, five times at once", () => {
    const rate = admission();
    expect(Array.from({ length: 6 }, () => rate.admit({ what: "proven", id: "a" }, here, idle, 0))).toEqual([0, 0, 0, 0, 0, 1_000]);
    expect(rate.admit({ what: "proven", id: "b" }, here, idle, 0)).toBe(0);
  });

  it.each([["192.0.2.1", "192.0.2.1"], ["2001:db8::1", "2001:db8:0:0"], ["2001:db8:0:0:9::1", "2001:db8:0:0"], ["::1", "0:0:0:0"]])("takes %s for %s", (host, address) => {
    expect(addressOf(host)).toBe(address);
  });
});

describe("a keeper without room", () => {
  it("says when to come again, and lets those return that have a session", async () => {
    const house = new House({ limits: { maxSessions: 2 } });
    const first = await house.open();
    const second = await house.open();
    expect(first.last?.type).toBe("opened");
    expect(second.last).toMatchObject({ type: "refused", code: codes.busy, retryAfter: expect.any(Number) as unknown });
    expect((await house.attach(first.credential)).last?.type).toBe("attached");
    expect(house.last("refused")).toMatchObject({ why: "busy" });
  });
});
