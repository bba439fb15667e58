import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock/system-clock.ts";

const longest = 2 ** 31 - 1;

describe("the clock of the machine", () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }); });
  afterEach(() => { vi.useRealTimers(); });

  it("rings each alarm once, in the order of their moments", () => {
    const rung: string[] = [];
    const start = systemClock.now();
    for (const [name, after] of [["late", 20], ["soon", 5], ["soon, too", 5]] as const) systemClock.alarm(start + after, () => rung.push(name));
    vi.advanceTimersByTime(100);
    expect(rung).toEqual(["soon", "soon, too", "late"]);
  });

  it("never rings before the moment", () => {
    let at = 0;
    const moment = systemClock.now() + 5.4;
    systemClock.alarm(moment, () => { at = systemClock.now(); });
    vi.advanceTimersByTime(10);
    expect(at).toBeGreaterThanOrEqual(moment);
  });

  it("holds one timer for alarms of one millisecond, and none once they are cancelled", () => {
    const moment = Math.floor(systemClock.now()) + 50;
    const alarms = [0.2, 0.4, 0.9].map((part) => systemClock.alarm(moment + part, () => expect.unreachable()));
    expect(vi.getTimerCount()).toBe(1);
    for (const alarm of alarms) { alarm.cancel(); alarm.cancel(); }
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(100);
  });

  it("rings the others when one of them is cancelled, also by its neighbour", () => {
    const rung: string[] = [];
    const moment = systemClock.now() + 10;
    systemClock.alarm(moment, () => { rung.push("first"); second.cancel(); });
    const second = systemClock.alarm(moment, () => rung.push("second"));
    systemClock.alarm(moment, () => rung.push("third"));
    vi.advanceTimersByTime(20);
    expect(rung).toEqual(["first", "third"]);
  });

  it("takes an alarm for the same moment from one that rings", () => {
    const rung: string[] = [];
    const moment = systemClock.now() + 10;
    systemClock.alarm(moment, () => { systemClock.alarm(moment, () => rung.push("again")); });
    vi.advanceTimersByTime(20);
    expect(rung).toEqual(["again"]);
  });

  it("waits as long as it is told, also longer than a timer can", () => {
    let rung = false;
    systemClock.alarm(systemClock.now() + longest + 1_000, () => { rung = true; });
    systemClock.alarm(Infinity, () => expect.unreachable());
    vi.advanceTimersByTime(longest);
    expect(rung).toBe(false);
    vi.advanceTimersByTime(1_001);
    expect(rung).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
