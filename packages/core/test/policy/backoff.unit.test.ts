import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { OptionError } from "../../src/errors/option-error.ts";
import { constant, custom, exponential, jupiter, steps, type Backoff } from "../../src/policy/backoff.ts";

const waits = (backoff: Backoff, count: number, dice = 0.5): number[] => Array.from({ length: count }, (_, index) => backoff.delay(index + 1, dice));
const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.integer({ min: 1, max: 1_000_000_000 });

/** The option that an `OptionError` names. */
function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionError) return error.option;
    throw error;
  }
  return "nothing";
}

describe("exponential", () => {
  it("starts at 250 ms, doubles, and stays at 8 s", () => {
    expect(waits(exponential({ jitter: "none" }), 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it("spreads every wait over its whole length unless told otherwise", () => {
    expect([0, 0.25, 0.5].map((at) => exponential({ initial: 100 }).delay(1, at))).toEqual([0, 25, 50]);
  });

  it("keeps at least half of the wait with equal jitter", () => {
    expect([0, 0.5].map((at) => exponential({ initial: 100, jitter: "equal" }).delay(2, at))).toEqual([100, 150]);
  });

  it("applies jitter after the cap, so that waits at the cap still spread over all of it", () => {
    fc.assert(fc.property(fc.integer({ min: 20, max: 1_000_000_000 }), dice, (attempt, at) => {
      expect(exponential({ max: 1000 }).delay(attempt, at)).toBeCloseTo(at * 1000, 9);
      expect(exponential({ max: 1000, jitter: "equal" }).delay(attempt, at)).toBeCloseTo(500 + at * 500, 9);
    }));
  });

  it("jitters the very first wait, too", () => {
    expect(exponential().delay(1, 0.1)).toBeCloseTo(25, 9);
  });

  it("is finite, at least 0 and at most max for every attempt", () => {
    const anyOptions = fc.record({ initial: fc.double({ min: 0, max: 1e300, noNaN: true }), max: fc.double({ min: 0, max: 1e300, noNaN: true }), factor: fc.double({ min: 1, max: 1e300, noNaN: true }), jitter: fc.constantFrom("full" as const, "equal" as const, "none" as const) });
    fc.assert(fc.property(anyOptions, attempts, dice, (options, attempt, at) => {
      const delay = exponential(options).delay(attempt, at);
      return delay >= 0 && delay <= options.max;
    }));
  });

  it("does not overflow at the billionth attempt, also when it starts at 0", () => {
    expect(exponential({ jitter: "none" }).delay(1_000_000_000, 0)).toBe(8_000);
    expect(exponential({ initial: 0 }).delay(1_000_000_000, 0.5)).toBe(0);
  });

  it("never shrinks without jitter", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), (attempt) => {
      const backoff = exponential({ factor: 1.6, jitter: "none" });
      return backoff.delay(attempt + 1, 0) >= backoff.delay(attempt, 0);
    }));
  });

  it("waits for max where max is less than initial", () => {
    expect(waits(exponential({ max: 100, jitter: "none" }), 3)).toEqual([100, 100, 100]);
  });

  it("is constant with a factor of 1", () => {
    expect(waits(exponential({ factor: 1, jitter: "none" }), 3)).toEqual([250, 250, 250]);
  });

  it("refuses what cannot be a wait, at construction", () => {
    expect(refused(() => exponential({ initial: -1 }))).toBe("backoff.initial");
    expect(refused(() => exponential({ initial: NaN }))).toBe("backoff.initial");
    expect(refused(() => exponential({ max: Infinity }))).toBe("backoff.max");
    expect(refused(() => exponential({ factor: 0.5 }))).toBe("backoff.factor");
    // @ts-expect-error A string is not a number, also where the types are not checked.
    expect(refused(() => exponential({ max: "30000" }))).toBe("backoff.max");
    // @ts-expect-error A kind of jitter that does not exist.
    expect(refused(() => exponential({ jitter: "decorrelated" }))).toBe("backoff.jitter");
    // @ts-expect-error The name of an inherited property is no kind of jitter.
    expect(refused(() => exponential({ jitter: "toString" }))).toBe("backoff.jitter");
  });

  it("says which option is wrong, what was given and what is expected", () => {
    expect(() => exponential({ factor: 0 })).toThrow("backoff.factor must be a finite number of at least 1, got 0");
  });
});

describe("constant", () => {
  it("waits the same time each time, exactly unless jitter is asked for", () => {
    expect(waits(constant(1000), 3)).toEqual([1000, 1000, 1000]);
    expect(waits(constant(1000, { jitter: "full" }), 2, 0.25)).toEqual([250, 250]);
  });

  it("may be 0", () => {
    expect(constant(0).delay(7, 0.9)).toBe(0);
  });

  it("refuses a negative and an endless wait", () => {
    expect(refused(() => constant(-1))).toBe("backoff.ms");
    expect(refused(() => constant(Infinity))).toBe("backoff.ms");
  });
});

describe("steps", () => {
  it("takes the waits in turn and repeats the last", () => {
    expect(waits(steps([10, 50, 200]), 5)).toEqual([10, 50, 200, 200, 200]);
    expect(steps([10, 50]).delay(1_000_000_000, 0)).toBe(50);
  });

  it("spreads them where jitter is asked for", () => {
    expect(waits(steps([10, 50], { jitter: "equal" }), 2)).toEqual([7.5, 37.5]);
  });

  it("does not change when the list it was made of does", () => {
    const list = [10, 50];
    const backoff = steps(list);
    list[0] = 99;
    expect(backoff.delay(1, 0)).toBe(10);
  });

  it("refuses an empty list and names the wait that is wrong", () => {
    expect(refused(() => steps([]))).toBe("backoff.steps");
    expect(refused(() => steps([10, -1]))).toBe("backoff.steps[1]");
  });
});

describe("custom", () => {
  it("passes on the attempt and the dice", () => {
    expect(custom((attempt, at) => attempt * 100 + at).delay(3, 0.5)).toBe(300.5);
  });

  it("counts a negative wait as 0", () => {
    expect(custom(() => -5).delay(1, 0)).toBe(0);
  });

  it("counts what is not a finite number as 30 s, so that a slip neither hammers nor ends the attempts", () => {
    expect([NaN, Infinity, undefined as unknown as number].map((ms) => custom(() => ms).delay(1, 0))).toEqual([30_000, 30_000, 30_000]);
  });

  it("refuses what is not a function", () => {
    // @ts-expect-error A number of ms is `constant(1000)`.
    expect(refused(() => custom(1000))).toBe("backoff.custom");
  });
});

describe("jupiter", () => {
  it("waits 4, 8, 16 … 8192 ms and stays there", () => {
    expect(waits(jupiter(), 14)).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 8192, 8192]);
    expect(jupiter().delay(1_000_000_000, 0.3)).toBe(8192);
  });

  it("spreads them where jitter is asked for", () => {
    expect(jupiter({ jitter: "full" }).delay(12, 0.5)).toBe(4096);
  });
});

it("a backoff cannot be changed", () => {
  for (const backoff of [exponential(), constant(1), steps([1]), custom(() => 1), jupiter()]) expect(Object.isFrozen(backoff)).toBe(true);
});
