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
  now(): number { return this.sim.now(); }
  turn(wake: () => void): void { this.sim.turn(wake); }
  alarm(at: number, wake: () => void): Alarm {
    this.alarms += 1;
    return this.sim.alarm(at, wake);
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

describe("a busy wire", () => {
  it("needs one timer operation per interval, not one per frame", () => {
    const clock = new CountingClock();
    const channel = new FakeChannel(fake("a"), { listens: false, drains: true, pauses: true, pings: true, text: true, maxFrameBytes: 1_000 });
    const protocol = scripted({ frame: (frame) => { if (frame === "pong") protocol.line().pong(); } }, (line) => { line.greeted(); });
    const nobody = (): void => { /* Nothing is told here. */ };
    const role: Role = { side: "dialer", duty: "active", epoch: 1, remote: channel.remote, clock, random: () => 0.5 };
    const wire = new Wire<Frame, Frame>({
      channel, protocol, role, heartbeat: lan, clock, random: () => 0.5,
      owner: { greeted: nobody, message: nobody, wireDrained: nobody, missed: nobody, suspected: nobody, leave: nobody, ended: nobody },
    });
    wire.start(protocol, role);
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
