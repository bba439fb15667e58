import { describe, expect, it } from "vitest";
import { SimClock, seededRandom } from "../src/index.ts";

/** A clock that starts at 0 and a log of who was called when. */
function setUp(options = {}): { clock: SimClock; log: string[]; note: (name: string) => () => void } {
  const clock = new SimClock({ start: 0, ...options });
  const log: string[] = [];
  return { clock, log, note: (name) => () => { log.push(`${name}@${clock.now()}`); } };
}

describe("SimClock", () => {
  it("rings alarms in the order of their moments, and in the order asked for within one moment", () => {
    const { clock, log, note } = setUp();
    clock.alarm(30, note("c"));
    clock.alarm(10, note("a"));
    clock.alarm(30, note("d"));
    clock.alarm(20, note("b"));
    clock.advance(30);
    expect(log).toEqual(["a@10", "b@20", "c@30", "d@30"]);
  });

  it("stands exactly at the moment it was told to run to", () => {
    const { clock, log, note } = setUp();
    clock.alarm(10.5, note("late"));
    clock.advance(10);
    expect([clock.now(), clock.pending, clock.next]).toEqual([10, 1, 10.5]);
    clock.advance(0.5);
    expect(log).toEqual(["late@10.5"]);
  });

  it("rings ten thousand alarms in order, whatever was cancelled in between", () => {
    const { clock } = setUp();
    const random = seededRandom(1);
    const rung: number[] = [];
    const alarms = Array.from({ length: 10_000 }, () => {
      const at = random() * 1_000;
      return { at, alarm: clock.alarm(at, () => { rung.push(at); }) };
    });
    const kept = alarms.filter(({ alarm }, place) => {
      if (place % 3 === 0) alarm.cancel();
      return place % 3 !== 0;
    });
    expect(clock.pending).toBe(kept.length);
    clock.advance(1_000);
    expect(rung).toEqual(kept.map(({ at }) => at).sort((one, other) => one - other));
    expect(clock.pending).toBe(0);
  });

  it("never rings a cancelled alarm, also when one of the same moment cancels it", () => {
    const { clock, log, note } = setUp();
    const second: { alarm?: { cancel(): void } } = {};
    clock.alarm(10, () => { second.alarm?.cancel(); });
    second.alarm = clock.alarm(10, note("cancelled"));
    clock.advance(20);
    expect(log).toEqual([]);
    second.alarm.cancel();
    expect(clock.pending).toBe(0);
  });

  it("never rings an alarm at Infinity and does not count it", () => {
    const { clock, note, log } = setUp();
    clock.alarm(Infinity, note("never")).cancel();
    clock.alarm(Infinity, note("never"));
    expect([clock.pending, clock.next]).toEqual([0, Infinity]);
    clock.advance(1e9);
    expect(log).toEqual([]);
  });

  it("runs alarms, then arrivals, then turns of one moment", () => {
    const { clock, log, note } = setUp();
    clock.turn(note("turn"));
    clock.arrival(0, note("arrival"));
    clock.alarm(0, note("alarm"));
    clock.advance(0);
    expect(log).toEqual(["alarm@0", "arrival@0", "turn@0"]);
  });

  it("lets what is due at once wait for the next iteration", () => {
    const { clock, log, note } = setUp();
    clock.alarm(5, () => { clock.alarm(5, note("added")); });
    clock.arrival(5, note("arrival"));
    clock.advance(5);
    expect(log).toEqual(["arrival@5", "added@5"]);
  });

  it("rings late alarms after a stall before it delivers what came in the meantime", () => {
    const { clock, log, note } = setUp();
    clock.arrival(100, note("pong"));
    clock.alarm(200, () => {
      note("deadline")();
      clock.turn(note("verdict"));
    });
    clock.stall(500);
    expect(log).toEqual([]);
    clock.advance(0);
    expect(log).toEqual(["deadline@500", "pong@500", "verdict@500"]);
  });

  it("rings what falls due while an alarm stalls the loop before the sockets are read", () => {
    const { clock, log, note } = setUp();
    clock.alarm(10, () => { clock.stall(90); });
    clock.alarm(50, note("overdue"));
    clock.arrival(20, note("arrival"));
    clock.advance(10);
    expect(log).toEqual(["overdue@100", "arrival@100"]);
  });

  it("adds the lateness to each alarm and to no arrival", () => {
    const { clock, log, note } = setUp({ lateness: () => 7 });
    clock.alarm(10, note("alarm"));
    clock.arrival(10, note("arrival"));
    clock.advance(20);
    expect(log).toEqual(["arrival@10", "alarm@17"]);
  });

  it("runs until idle and says how many events that took", () => {
    const { clock, note } = setUp();
    clock.alarm(10, () => { clock.arrival(20, note("x")); });
    expect(clock.runUntilIdle()).toBe(2);
    expect(clock.now()).toBe(20);
  });

  it("stops with HF_NOT_IDLE at what beats for ever", () => {
    const { clock } = setUp();
    const beat = (): void => { clock.alarm(clock.now() + 1, beat); };
    beat();
    expect(() => clock.runUntilIdle({ limit: 50 })).toThrow(expect.objectContaining({ code: "HF_NOT_IDLE" }));
    expect(clock.now()).toBe(50);
  });

  it("stops with HF_NOT_IDLE where the time stands still", () => {
    const { clock } = setUp();
    const again = (): void => { clock.alarm(clock.now(), again); };
    again();
    expect(() => { clock.advance(1); }).toThrow(expect.objectContaining({ code: "HF_NOT_IDLE" }));
  });

  it("refuses to be advanced from inside a callback", () => {
    const { clock } = setUp();
    clock.alarm(1, () => { clock.advance(1); });
    expect(() => { clock.advance(5); }).toThrow(expect.objectContaining({ code: "HF_CLOCK_RUNNING" }));
  });

  it("goes on with the others after a callback that throws", () => {
    const { clock, log, note } = setUp();
    const boom = (): void => { throw new Error("boom"); };
    clock.alarm(1, boom);
    clock.alarm(1, note("alarm"));
    clock.turn(boom);
    clock.turn(note("turn"));
    expect(() => { clock.advance(0); }).toThrow("boom");
    clock.advance(0);
    expect(() => { clock.advance(1); }).toThrow("boom");
    clock.advance(0);
    expect(log).toEqual(["turn@0", "alarm@1"]);
  });

  it.each([["quiet" as const], [8]])("lets promises continue between two moments (settle: %s)", async (settle) => {
    const { clock, log, note } = setUp({ settle });
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => { clock.alarm(clock.now() + ms, resolve); });
    const task = (async () => {
      await sleep(10);
      note("first")();
      await sleep(10);
      note("second")();
    })();
    clock.alarm(15, note("alarm"));
    await clock.advanceAsync(25);
    expect(log).toEqual(["first@10", "alarm@15", "second@20"]);
    expect(clock.now()).toBe(25);
    await task;
  });

  it("runs until idle across promises", async () => {
    const { clock, log, note } = setUp();
    void Promise.resolve().then(() => clock.alarm(40, note("late")));
    expect(await clock.runUntilIdleAsync()).toBe(1);
    expect(log).toEqual(["late@40"]);
  });

  it.each([[NaN], [-1]])("refuses to advance by %s ms", (ms) => {
    expect(() => { new SimClock().advance(ms); }).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });
});
