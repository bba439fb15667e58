import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Presumption } from "../../src/session/presumption.ts";

describe("a session that nobody has heard of for its timeout", () => {
  it("is presumed to be over by the clock, also where the alarm is late: a process that was frozen asks before its timers have run", () => {
    const clock = new SimClock({ lateness: () => 5_000 });
    const told: boolean[] = [];
    const presumption = new Presumption(clock, (presumed) => { told.push(presumed); });
    presumption.granted(1_000, clock.now());
    clock.advance(999);
    expect([presumption.presumed, told]).toEqual([false, []]);
    clock.advance(1);
    expect([presumption.presumed, told]).toEqual([true, [true]]);
    clock.advance(60_000);
    expect([presumption.presumed, told]).toEqual([true, [true]]); // Told once.
    presumption.proven(clock.now());
    expect([presumption.presumed, told]).toEqual([false, [true, false]]);
  });
});
