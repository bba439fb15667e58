import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { dialLimiter, type DialLimiterOptions, type SharedLimiter } from "../../src/limiter/dial-limiter.ts";

interface Rig { readonly clock: SimClock; readonly limiter: SharedLimiter; readonly begun: (readonly [name: string, at: number])[]; readonly ask: (name: string) => AbortController }

function rig(options: Omit<DialLimiterOptions, "clock">): Rig {
  const clock = new SimClock({ start: 0 });
  const limiter = dialLimiter({ ...options, clock });
  const begun: [string, number][] = [];
  const begin = async (name: string, signal: AbortSignal): Promise<void> => {
    try {
      await limiter.turn(signal);
      begun.push([name, clock.now()]);
    } catch (reason) {
      begun.push([`${name}: ${String(reason)}`, clock.now()]);
    }
  };
  const ask = (name: string): AbortController => {
    const controller = new AbortController();
    void begin(name, controller.signal);
    return controller;
  };
  return { clock, limiter, begun, ask };
}

describe("a dial limiter", () => {
  it("lets a dial begin at once while there are tokens, without a promise", () => {
    const { limiter } = rig({ perSecond: 10, burst: 2 });
    const { signal } = new AbortController();
    expect([limiter.turn(signal), limiter.turn(signal)]).toEqual([undefined, undefined]);
    expect(limiter.turn(signal)).toBeInstanceOf(Promise);
  });

  it("lets the others begin in the order in which they came, as the tokens drip in", async () => {
    const { clock, begun, ask } = rig({ perSecond: 10, burst: 2 });
    for (const name of ["a", "b", "c", "d", "e"]) ask(name);
    await clock.advanceAsync(1_000);
    expect(begun).toEqual([["a", 0], ["b", 0], ["c", 100], ["d", 200], ["e", 300]]);
  });

  it("lets nobody overtake those who wait", async () => {
    const { clock, limiter, begun, ask } = rig({ perSecond: 10 });
    for (const name of ["a", "b"]) ask(name);
    clock.stall(150); // A token is there, and its alarm is late.
    ask("c");
    expect(limiter.waiting).toBe(2);
    await clock.advanceAsync(1_000);
    expect(begun).toEqual([["a", 150], ["b", 150], ["c", 250]]); // A stall delays the record of the first, which did not wait.
  });

  it("keeps no more tokens than its burst, however long nobody dialled", async () => {
    const { clock, begun, ask } = rig({ perSecond: 10, burst: 3 });
    await clock.advanceAsync(60_000);
    for (const name of ["a", "b", "c", "d"]) ask(name);
    await clock.advanceAsync(1_000);
    expect(begun.map(([, at]) => at - 60_000)).toEqual([0, 0, 0, 100]);
  });

  it.each([[10, 1], [20, 1], [21, 2], [1_000, 50]])("with %d per second lets what comes in within 50 ms begin at once unless told otherwise: %d", (perSecond, burst) => {
    const { limiter } = rig({ perSecond });
    const { signal } = new AbortController();
    const asked = Array.from({ length: 60 }, () => limiter.turn(signal));
    expect(asked.findIndex((turn) => turn !== undefined)).toBe(burst);
  });

  it("gives the turn of a dial that was given up to the next, and rejects with the reason", async () => {
    const { clock, limiter, begun, ask } = rig({ perSecond: 10 });
    ask("a");
    const b = ask("b");
    ask("c");
    b.abort("no longer wanted");
    expect(limiter.waiting).toBe(1);
    await clock.advanceAsync(1_000);
    expect(begun).toEqual([["a", 0], ["b: no longer wanted", 0], ["c", 100]]);
  });

  it("leaves no alarm and no listener behind once nobody waits", async () => {
    const { clock, limiter, ask } = rig({ perSecond: 10 });
    ask("a");
    const given = [ask("b"), ask("c")];
    for (const controller of given) controller.abort("enough");
    expect([clock.pending, limiter.waiting]).toEqual([0, 0]);
    const late = ask("d");
    await clock.advanceAsync(1_000);
    late.abort("too late");
    expect([clock.pending, limiter.waiting]).toEqual([0, 0]);
  });

  it("lets exactly as many begin as it says, for hours", async () => {
    const { clock, begun, ask } = rig({ perSecond: 7, burst: 3 });
    for (let count = 0; count < 70_000; count += 1) ask("x");
    await clock.advanceAsync(3_600_001); // A millisecond for what sums lose.
    expect(begun.length).toBe(3 + 7 * 3_600);
  });

  it.each<[string, DialLimiterOptions, string]>([
    ["no rate", { perSecond: 0 }, "limiter.perSecond"],
    ["an endless rate", { perSecond: Infinity }, "limiter.perSecond"],
    ["no burst", { perSecond: 1, burst: 0 }, "limiter.burst"],
    ["half a dial", { perSecond: 1, burst: 1.5 }, "limiter.burst"],
  ])("cannot be made with %s", (_, options, option) => {
    expect(() => dialLimiter(options)).toThrow(option);
  });
});
