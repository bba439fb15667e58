import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Expiry } from "../../src/keeper/expiry.ts";

interface Watched { readonly clock: SimClock; readonly asked: number[]; readonly expiry: Expiry }

function watch(answers: () => readonly string[] | Promise<readonly string[]> = () => [], lateness?: () => number): Watched {
  const clock = new SimClock({ start: 0, ...(lateness && { lateness }) });
  const asked: number[] = [];
  const expiry = new Expiry({
    clock, every: 1_000, grace: 700, expire: () => { asked.push(clock.now()); return answers(); },
    expired: () => { /* Not looked at. */ }, failed: () => { /* Not looked at. */ }, tick: () => { /* Not looked at. */ },
  });
  return { clock, asked, expiry };
}

describe("expiry", () => {
  it("asks every so often", () => {
    const { clock, asked } = watch();
    clock.advance(3_500);
    expect(asked).toEqual([1_000, 2_000, 3_000]);
  });

  it("asks again at once while the store has more, and not while it has not answered", async () => {
    const gate = Promise.withResolvers<readonly string[]>();
    let calls = 0;
    const { clock, asked } = watch(() => { calls += 1; return calls <= 2 ? Array.from({ length: 250 }, () => "x") : gate.promise; });
    await clock.advanceAsync(1_000);
    expect(asked).toEqual([1_000, 1_000, 1_000]);
    await clock.advanceAsync(3_000);
    expect(asked).toHaveLength(3);
    gate.resolve([]);
    await clock.advanceAsync(1_000);
    expect(asked).toHaveLength(4);
  });

  it("gives the sockets a turn between two batches, and none of them to a keeper that is closed", async () => {
    const { clock, asked, expiry } = watch(() => {
      if (asked.length === 1) clock.turn(() => { expiry.stop(); });
      return Array.from({ length: 250 }, () => "x");
    });
    await clock.advanceAsync(5_000);
    expect(asked).toEqual([1_000]);
  });

  it("waits as long as the process stood still", () => {
    const { clock, asked } = watch();
    clock.advance(1_500);
    clock.stall(8_000);
    clock.advance(0);
    clock.advance(7_400);
    expect(asked).toEqual([1_000]);
    clock.advance(1_600);
    expect(asked[1]).toBeGreaterThanOrEqual(9_500 + 7_500); // Late by 7.5 s, and so much later.
  });

  it("waits as long, too, where it stands still before the sockets have had their turn", () => {
    const { clock, asked } = watch();
    const { turn } = clock;
    clock.turn = (run) => {
      turn.call(clock, () => {
        clock.turn = turn;
        clock.stall(8_000);
        run();
      });
    };
    clock.stall(1_500);
    clock.advance(0);
    clock.advance(7_900);
    expect([clock.now(), asked]).toEqual([1_500 + 8_000 + 7_900, []]);
    clock.advance(1_000);
    expect(asked).toHaveLength(1);
  });

  it("waits longer where it stands still again", () => {
    const { clock, asked } = watch();
    for (let at = 0; at < 5; at += 1) {
      clock.stall(8_000);
      clock.advance(1_000);
    }
    expect(asked).toEqual([]);
  });

  it("does not put it off for ever where the loop is always a little late", () => {
    const { clock, asked } = watch(() => [], () => 400);
    clock.advance(20_000);
    expect(asked.length).toBeGreaterThan(10);
  });

  it("stops", () => {
    const { clock, asked, expiry } = watch();
    expiry.stop();
    clock.advance(10_000);
    expect(asked).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
