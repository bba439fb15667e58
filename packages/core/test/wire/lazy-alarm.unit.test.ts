import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { LazyAlarm } from "../../src/clock/lazy-alarm.ts";
import type { Alarm, Clock } from "../../src/ports/clock.ts";
import type { Frame } from "../../src/ports/channel.ts";
import type { Role } from "../../src/ports/protocol.ts";
import { Wire } from "../../src/wire/wire.ts";
import { fake, FakeChannel } from "../link/fake-transport.ts";
import { lan, scripted } from "./wire-rig.ts";

/** A simulated clock that counts what is asked of it. */
class CountingClock implements Clock {
  readonly sim = new SimClock({ start: 0 });
  alarms = 0;
  rings = 0;
  now(): number { return this.sim.now(); }
  turn(wake: () => void): void { this.sim.turn(wake); }
  alarm(at: number, wake: () => void): Alarm {
    this.alarms += 1;
    return this.sim.alarm(at, () => {
      this.rings += 1;
      wake();
    });
  }
}

describe("a lazy alarm", () => {
  it("rings at the time it was set to, once", () => {
    const clock = new SimClock({ start: 0 });
    const rung: number[] = [];
    new LazyAlarm(clock, () => { rung.push(clock.now()); }).set(10);
    clock.advance(100);
    expect(rung).toEqual([10]);
  });

  it("keeps the alarm it has where a later time will do, and rings early", () => {
    const clock = new CountingClock();
    const rung: number[] = [];
    const alarm = new LazyAlarm(clock, () => { rung.push(clock.now()); });
    for (const at of [10, 20, 10]) alarm.set(at);
    clock.sim.advance(100);
    expect([rung, clock.alarms]).toEqual([[10], 1]);
  });

  it("takes an earlier time at once", () => {
    const clock = new CountingClock();
    const rung: number[] = [];
    const alarm = new LazyAlarm(clock, () => { rung.push(clock.now()); });
    alarm.set(20);
    alarm.set(10);
    expect(clock.sim.pending).toBe(1);
    clock.sim.advance(100);
    expect(rung).toEqual([10]);
  });

  it("lets go of its timer where it is never to ring", () => {
    const clock = new SimClock({ start: 0 });
    const alarm = new LazyAlarm(clock, () => { throw new Error("it rang"); });
    alarm.set(10);
    alarm.set(Infinity);
    expect(clock.pending).toBe(0);
    clock.advance(100);
  });

  it("rings a little early together with others, and later than it was set before", () => {
    const clock = new CountingClock();
    const rung: number[] = [];
    for (const at of [101, 109, 110, 119]) {
      const alarm = new LazyAlarm(clock, () => { rung.push(clock.now()); });
      alarm.set(50);
      alarm.about(at, 10);
    }
    expect(clock.sim.pending).toBe(4);
    clock.sim.advance(200);
    expect(rung).toEqual([100, 100, 110, 110]);
  });

  it("can be set again while it rings, and after it was cleared", () => {
    const clock = new SimClock({ start: 0 });
    const rung: number[] = [];
    const alarm: LazyAlarm = new LazyAlarm(clock, () => {
      rung.push(clock.now());
      if (rung.length < 3) alarm.set(clock.now() + 5);
    });
    alarm.set(5);
    clock.advance(100);
    alarm.set(200);
    alarm.clear();
    alarm.set(300);
    clock.advance(300);
    expect(rung).toEqual([5, 10, 15, 300]);
  });
});

function wireOn(clock: CountingClock): { readonly wire: Wire<Frame, Frame>; readonly channel: FakeChannel } {
  const channel = new FakeChannel(fake("a"), { listens: false, drains: true, pauses: true, pings: true, text: true, maxFrameBytes: 1_000 });
  const protocol = scripted({ frame: (frame) => { if (frame === "pong") protocol.line().pong(); } }, (line) => { line.greeted(); });
  const nobody = (): void => { /* Nothing is told here. */ };
  const role: Role = { side: "dialer", duty: "active", epoch: 1, remote: channel.remote, clock, random: () => 0.5 };
  const wire = new Wire<Frame, Frame>({
    channel, protocol, role, heartbeat: lan, clock, random: () => 0.5,
    owner: { greeted: nobody, message: nobody, wireDrained: nobody, missed: nobody, suspected: nobody, leave: nobody, ended: nobody },
  });
  wire.start(protocol, role);
  return { wire, channel };
}

describe("a busy wire", () => {
  it("needs one timer operation per interval, not one per frame", () => {
    const clock = new CountingClock();
    const { wire, channel } = wireOn(clock);
    for (let time = 0; time < 10_000; time += 10) {
      channel.deliver("data");
      wire.say("data");
      if (time % 100 === 0) channel.deliver("pong");
      clock.sim.advance(10);
    }
    // Ten intervals: each asks once and rests once.
    expect(clock.alarms).toBeLessThanOrEqual(2 * 10 + 2);
    expect(channel.sent.filter((frame) => String(frame).startsWith("ping")).length).toBeGreaterThanOrEqual(9);
  });
});

describe("idle wires", () => {
  /** Answers each ping at once, and tells when it came. */
  function answering(clock: CountingClock, channel: FakeChannel): () => number | undefined {
    let seen = 0;
    return () => {
      const pings = channel.sent.filter((frame) => String(frame).startsWith("ping")).length;
      if (pings === seen) return undefined;
      seen = pings;
      channel.deliver("pong");
      return clock.now();
    };
  }

  it("wake once per interval, to ask", () => {
    const clock = new CountingClock();
    const look = answering(clock, wireOn(clock).channel);
    let pings = 0;
    for (let time = 0; time < 10_000; time += 10) {
      clock.sim.advance(10);
      if (look() !== undefined) pings += 1;
    }
    expect(pings).toBeGreaterThanOrEqual(9);
    expect(clock.rings).toBe(pings);
  });

  it("ask together, a sixteenth of the interval early at most, so that the process wakes a few times and not once for each", () => {
    const clock = new CountingClock();
    const looks = Array.from({ length: 200 }, () => {
      clock.sim.advance(5); // They greet one after the other, all over an interval.
      return answering(clock, wireOn(clock).channel);
    });
    const asked = looks.map((): number[] => []);
    for (let time = 0; time < 5_000; time += 1) {
      clock.sim.advance(1);
      for (const [index, look] of looks.entries()) {
        const at = look();
        if (at !== undefined) asked[index]?.push(at);
      }
    }
    const gaps = asked.flatMap((times) => times.slice(1).map((at, index) => at - (times[index] ?? 0)));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000 * (15 / 16) - 1);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
    const latest = Math.max(...asked.flat());
    expect(new Set(asked.flat().filter((at) => at > latest - 1_000)).size).toBeLessThanOrEqual(17);
  });
});
