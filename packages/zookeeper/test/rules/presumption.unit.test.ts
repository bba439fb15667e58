import { describe, expect, it } from "vitest";
import { SimClock } from "@holdfast/testkit";
import { Presumption } from "../../src/session/presumption.ts";

function rig(lateness?: () => number): { readonly clock: SimClock; readonly presumption: Presumption; readonly told: (readonly [at: number, presumed: boolean])[] } {
  const clock = new SimClock({ start: 0, ...(lateness && { lateness }) });
  const told: (readonly [number, boolean])[] = [];
  return { clock, told, presumption: new Presumption(clock, (presumed) => { told.push([clock.now(), presumed]); }) };
}

describe("the presumption", () => {
  it("falls one timeout after the sending of what was answered last, not after the answer", () => {
    const { clock, presumption, told } = rig();
    clock.advance(300); // The greeting takes 300 ms.
    presumption.granted(1_000, 0);
    expect([presumption.deadline, presumption.presumed]).toEqual([1_000, false]);
    clock.advance(300);
    presumption.proven(400); // Answered at 600.
    clock.advance(799);
    expect([told, presumption.deadline]).toEqual([[], 1_400]);
    clock.advance(1);
    expect([told, presumption.presumed]).toEqual([[[1_400, true]], true]);
  });

  it("is put off by every answer, and by none that is older than another", () => {
    const { clock, presumption, told } = rig();
    presumption.granted(1_000, 0);
    for (let sentAt = 0; sentAt <= 5_000; sentAt += 500) {
      clock.runUntil(sentAt + 10);
      presumption.proven(sentAt);
    }
    presumption.proven(100);
    expect([presumption.deadline, told]).toEqual([6_000, []]);
    clock.runUntil(6_000);
    expect(told).toEqual([[6_000, true]]);
  });

  it("is taken back by a server that grants the session again", () => {
    const { clock, presumption, told } = rig();
    presumption.granted(1_000, 0);
    clock.runUntil(3_000);
    presumption.granted(1_000, 2_900);
    expect([told, presumption.presumed, presumption.deadline]).toEqual([[[1_000, true], [3_000, false]], false, 3_900]);
    clock.runUntil(10_000);
    expect(told.slice(2)).toEqual([[3_900, true]]);
  });

  it("is taken back by the answer to something that was sent late enough, and not by an older one", () => {
    const { clock, presumption, told } = rig();
    presumption.granted(1_000, 0);
    clock.runUntil(1_500);
    presumption.proven(400);
    expect(presumption.presumed).toBe(true);
    presumption.proven(700);
    expect([presumption.presumed, told]).toEqual([false, [[1_000, true], [1_500, false]]]);
    clock.runUntil(1_700);
    expect(told.at(-1)).toEqual([1_700, true]);
  });

  it("falls at once where the greeting took longer than the timeout", () => {
    const { clock, presumption, told } = rig();
    clock.advance(2_000);
    presumption.granted(1_000, 500);
    clock.advance(0);
    expect(told).toEqual([[2_000, true]]);
  });

  it("follows the timeout that the latest server granted", () => {
    const { clock, presumption, told } = rig();
    presumption.granted(1_000, 0);
    presumption.granted(3_000, 500);
    clock.runUntil(3_499);
    expect([told, presumption.deadline]).toEqual([[], 3_500]);
    // A shorter one, too.
    presumption.granted(200, 3_400);
    clock.runUntil(3_600);
    expect(told).toEqual([[3_600, true]]);
  });

  it("is not there before a session is, nor after it", () => {
    const { clock, presumption, told } = rig();
    expect([presumption.presumed, presumption.deadline]).toEqual([false, Infinity]);
    presumption.granted(1_000, 0);
    presumption.forget();
    presumption.proven(5);
    clock.runUntilIdle();
    expect([told, presumption.presumed, presumption.deadline, clock.pending]).toEqual([[], false, Infinity, 0]);
  });

  it("is told once, also by an alarm that rings late", () => {
    const { clock, presumption, told } = rig(() => 250);
    presumption.granted(1_000, 0);
    clock.runUntil(5_000);
    expect(told).toEqual([[1_250, true]]);
  });

  it("costs one timer, however many answers come", () => {
    const { clock, presumption } = rig();
    presumption.granted(1_000, 0);
    for (let sentAt = 0; sentAt < 900; sentAt += 1) presumption.proven(sentAt);
    expect([clock.pending, clock.events]).toEqual([1, 0]);
  });
});
