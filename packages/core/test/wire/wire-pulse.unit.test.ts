import { describe, expect, it } from "vitest";
import { json } from "../../src/protocol/json.ts";
import { resolveHeartbeat } from "../../src/policy/heartbeat.ts";
import { lan, scripted, wireRig, type WireRig } from "./wire-rig.ts";

/** Greets at once and pings with numbers. */
const numbered = () => scripted({}, (line) => { line.greeted(); });
const pings = ({ channel }: WireRig): readonly unknown[] => channel.sent.filter((frame) => String(frame).startsWith("ping"));

describe("the pulse of a wire", () => {
  it("asks, misses, and ends the channel within its bound", () => {
    const rig = wireRig({ protocol: numbered(), heartbeat: lan });
    rig.start();
    rig.clock.advance(3_499);
    expect(rig.told).toEqual(["greeted", "suspected", "missed 1/3", "missed 2/3"]);
    rig.clock.advance(1);
    expect(rig.told.slice(4)).toEqual(["missed 3/3", "ended heartbeat HF_HEARTBEAT"]);
    expect(rig.channel.aborted?.message).toBe("fake://a left 3 heartbeats in a row unanswered: it is presumed gone");
    expect([rig.clock.now() <= rig.wire.detectionBound(), rig.clock.pending]).toEqual([true, 0]);
  });

  it("is kept alive by answers, and measures them", () => {
    const protocol = numbered();
    const rig = wireRig({ protocol, heartbeat: lan });
    rig.start();
    rig.clock.advance(500);
    rig.clock.advance(80);
    protocol.line().pong(1);
    expect(rig.wire.rtt).toEqual({ last: 80, smoothed: 80, variation: 40 });
    rig.clock.advance(1_000);
    expect(pings(rig)).toEqual(["ping 1", "ping 2"]);
    protocol.line().pong(99);
    protocol.line().pong(1);
    rig.clock.advance(1_000);
    expect(rig.told).toEqual(["greeted", "suspected", "missed 1/3"]);
  });

  it("uses the transport's ping where the conversation has none", () => {
    const rig = wireRig({ protocol: scripted({ ping: undefined as never }, (line) => { line.greeted(); }), heartbeat: lan });
    rig.start();
    rig.clock.advance(500);
    rig.channel.pong();
    rig.clock.advance(1_000);
    expect([rig.channel.pings, rig.told]).toEqual([2, ["greeted"]]);
  });

  it("does not exist without a heartbeat, nor before the greeting", () => {
    const none = wireRig({ protocol: numbered() });
    none.start();
    none.wire.probe();
    const silent = wireRig({ protocol: scripted({}), heartbeat: lan });
    silent.start();
    for (const rig of [none, silent]) {
      rig.clock.advance(100_000);
      expect([pings(rig), rig.clock.pending]).toEqual([[], 0]);
    }
    expect([none.wire.detectionBound(), none.wire.rtt]).toEqual([Infinity, undefined]);
  });

  it("obeys the terms of the greeting", () => {
    const rig = wireRig({ protocol: scripted({}, (line) => { line.greeted({ hearWithin: 200, maxMisses: 1 }); }), heartbeat: lan });
    rig.start();
    expect([rig.wire.detectionBound(), rig.wire.detectionBound("talking")]).toEqual([1_200, 2_200]);
    rig.clock.advance(1_100);
    expect(rig.told.at(-1)).toBe("ended heartbeat HF_HEARTBEAT");
    expect(rig.channel.aborted?.message).toContain("left 1 heartbeat unanswered");
  });

  it("does not let bytes that arrive hide that nothing gets out", () => {
    const rig = wireRig({ protocol: numbered(), heartbeat: lan });
    rig.start();
    for (let beat = 0; beat < 80 && !rig.told.at(-1)?.startsWith("ended"); beat += 1) {
      rig.clock.advance(100);
      rig.channel.deliver("data");
    }
    expect(rig.told.at(-1)).toBe("ended heartbeat HF_HEARTBEAT");
    expect(rig.clock.now()).toBe(500 + 6_000);
  });

  it("reads the sockets before a verdict: an answer that waited behind a stalled loop counts", () => {
    const protocol = numbered();
    const rig = wireRig({ protocol, heartbeat: resolveHeartbeat({ preset: "lan", maxMisses: 1 }) });
    rig.start();
    rig.clock.advance(500);
    rig.clock.stall(10_000);
    rig.clock.arrival(rig.clock.now(), () => { protocol.line().pong(1); });
    rig.clock.advance(0);
    expect(rig.told).toEqual(["greeted"]);
    rig.clock.advance(1_000);
    expect(pings(rig)).toEqual(["ping 1", "ping 2"]);
  });

  it("says nothing more after the owner closed it in the middle of a step", () => {
    const rig = wireRig({ protocol: numbered(), heartbeat: lan, when: { suspected: (wire) => { wire.close(); } } });
    rig.start();
    rig.clock.advance(10_000);
    expect(rig.told).toEqual(["greeted", "suspected"]);
    expect(rig.channel.ignored).toEqual([]);
  });

  it("probes when it is told to, and judges nobody while it is paused", () => {
    const rig = wireRig({ protocol: numbered(), heartbeat: lan });
    rig.start();
    rig.wire.probe();
    expect(pings(rig)).toEqual(["ping 1"]);
    rig.wire.pause();
    rig.clock.advance(60_000);
    expect(rig.told).toEqual(["greeted"]);
    rig.wire.resume();
    rig.clock.advance(3_000);
    expect(rig.told.at(-1)).toBe("ended heartbeat HF_HEARTBEAT");
  });
});

describe("what a wire cannot vouch for", () => {
  it("is what was sent since the last answered ping, with numbered pings", () => {
    const protocol = numbered();
    const { start, wire, clock } = wireRig({ protocol, heartbeat: lan });
    start();
    for (const message of ["1", "2"]) wire.say(message);
    clock.advance(500); // ping 1 vouches for 2
    wire.say("3");
    expect(wire.unconfirmed).toBe(3);
    clock.advance(1_000); // ping 2 vouches for 3
    wire.say("4");
    clock.advance(1_000); // ping 3 vouches for 4
    wire.say("5");
    protocol.line().pong(2);
    expect(wire.unconfirmed).toBeGreaterThanOrEqual(2); // Ping 2 left before 4 and 5.
  });

  it.each([[1, 3], [3, 1], [undefined, 3]])("after the answer to ping %s of three is %d of four", (nonce, unconfirmed) => {
    const protocol = numbered();
    const { start, wire, clock } = wireRig({ protocol, heartbeat: lan });
    start();
    wire.say("1");
    clock.advance(500);
    wire.say("2");
    clock.advance(1_000);
    wire.say("3");
    clock.advance(1_000);
    wire.say("4");
    protocol.line().pong(nonce);
    expect(wire.unconfirmed).toBe(unconfirmed);
  });

  it("is everything with a peer that never answered", () => {
    const { start, wire, clock } = wireRig({ protocol: numbered(), heartbeat: lan });
    start();
    for (let message = 0; message < 5; message += 1) wire.say("m");
    clock.advance(2_000);
    expect(wire.unconfirmed).toBe(5);
  });

  it("does not grow by what could not be encoded", () => {
    const { start, wire } = wireRig({ protocol: json() as never });
    start();
    expect(() => wire.say(undefined as never)).toThrow("no JSON form");
    expect(wire.unconfirmed).toBe(0);
  });

  it("believes no count that runs ahead, or backwards", () => {
    const protocol = numbered();
    const { start, wire } = wireRig({ protocol, heartbeat: lan });
    start();
    for (let message = 0; message < 5; message += 1) wire.say("m");
    protocol.line().confirmed(3);
    expect(wire.unconfirmed).toBe(2);
    for (const count of [6, 2, -1, 2 ** 32 - 1]) protocol.line().confirmed(count);
    expect(wire.unconfirmed).toBe(2);
    protocol.line().confirmed(5);
    expect(wire.unconfirmed).toBe(0);
  });

  it("is counted by the peer alone once the peer counts", () => {
    const protocol = numbered();
    const { start, wire, clock } = wireRig({ protocol, heartbeat: lan });
    start();
    wire.say("1");
    protocol.line().confirmed(0);
    clock.advance(500);
    protocol.line().pong(1);
    expect(wire.unconfirmed).toBe(1);
  });
});
