import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { dialLimiter } from "../../src/limiter/dial-limiter.ts";
import { constant } from "../../src/policy/backoff.ts";
import { connected, rig } from "./rig.ts";

describe("links that share a limiter", () => {
  it("dial one after the other, at its pace", async () => {
    const clock = new SimClock({ start: 0 });
    const limiter = dialLimiter({ perSecond: 2, clock });
    const rigs = ["a", "b", "c"].map(() => rig({ clock, limiter }));
    for (const { link } of rigs) void link.open();
    const dials = (): number[] => rigs.map(({ transport }) => transport.dials.length);
    await clock.advanceAsync(499);
    expect(dials()).toEqual([1, 0, 0]);
    await clock.advanceAsync(1);
    expect(dials()).toEqual([1, 1, 0]);
    await clock.advanceAsync(500);
    expect(dials()).toEqual([1, 1, 1]);
    for (const { link } of rigs) link.abort();
    expect([clock.pending, limiter.waiting]).toEqual([0, 0]);
  });

  it("take the wait for a turn for no failure, however much longer than a dial may take it is", async () => {
    const clock = new SimClock({ start: 0 });
    const limiter = dialLimiter({ perSecond: 0.01, clock });
    void limiter.turn(new AbortController().signal);
    const { link, transport, told } = rig({ clock, limiter, dialTimeout: 1_000, stagger: 1_000 });
    void link.open();
    await clock.advanceAsync(100_000);
    expect(told).toEqual(["connecting a attempt 1"]);
    await clock.advanceAsync(999);
    expect(transport.dials.length).toBe(1);
    transport.last.accept();
    await clock.advanceAsync(0);
    expect(told).toEqual(["connecting a attempt 1", "connected a"]);
    link.abort();
  });

  it("give their turn back when they are closed before it comes", async () => {
    const clock = new SimClock({ start: 0 });
    const limiter = dialLimiter({ perSecond: 1, clock });
    const [first, second, third] = [rig({ clock, limiter }), rig({ clock, limiter }), rig({ clock, limiter })];
    for (const { link } of [first, second, third]) void link.open();
    await second.link.close();
    await clock.advanceAsync(1_000);
    expect([first, second, third].map(({ transport }) => transport.dials.length)).toEqual([1, 0, 1]);
    for (const { link } of [first, third]) link.abort();
  });
});

describe("a link without a limiter", () => {
  it("dials in the same turn in which it is opened", () => {
    const { link, transport } = rig();
    void link.open();
    expect(transport.dials.length).toBe(1);
    link.abort();
  });
});

describe("a link whose failover is spread", () => {
  it("tells how long it waits before the first dial elsewhere, and warns of nothing: no lap has failed", async () => {
    const records: string[] = [];
    const { clock, channel, told, link } = await connected({ failoverSpread: 800, stableAfter: 0, logger: ({ event }) => { records.push(event); } });
    channel.end();
    await clock.advanceAsync(400);
    expect(told.slice(-3)).toEqual(["disconnected a closed", "waiting attempt 0 delay 400", "connecting b attempt 1"]);
    expect(records).not.toContain("unreachable");
    link.abort();
  });
});

describe("a server that accepts and drops", () => {
  it("is dialled as the backoff says, wherever in the list it is", async () => {
    const { link, clock, transport, told } = rig({ backoff: { delay: (lap) => 1_000 * 2 ** lap }, endpoints: "fake://a,fake://b" });
    void link.open();
    for (let dial = 0; dial < 8; dial += 1) {
      await clock.advanceAsync(0);
      transport.last.accept();
      await clock.advanceAsync(0);
      transport.last.channel?.end();
      if (dial % 2 === 1) await clock.advanceAsync(1_000 * 2 ** ((dial + 1) / 2));
    }
    expect(told.filter((words) => words.startsWith("waiting"))).toEqual([2_000, 4_000, 8_000, 16_000].map((delay, lap) => `waiting attempt ${2 * lap + 2} delay ${delay}`));
    link.abort();
  });

  it("is not dialled again at once, even where a connection lasted and there is no other", async () => {
    const { clock, channel, transport, link } = await connected({ endpoints: "fake://a", backoff: constant(5_000) });
    await clock.advanceAsync(60_000);
    channel.end();
    await clock.advanceAsync(4_999);
    expect(transport.dials.length).toBe(1);
    await clock.advanceAsync(1);
    expect(transport.dials.length).toBe(2);
    link.abort();
  });
});
