import { describe, expect, it } from "vitest";
import { seededRandom, type SeededRandom } from "../src/index.ts";

const draw = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, random);

/** sfc32 with big integers: slow, and written from its definition rather than from the one under test. */
function* definition(seed: bigint): Generator<number> {
  const mask = 0xffff_ffffn;
  let [a, b, c, counter] = [0n, seed & mask, seed >> 32n, 1n];
  for (let round = 0; ; round += 1) {
    const sum = (a + b + counter++) & mask;
    [a, b, c] = [b ^ (b >> 9n), (c + (c << 3n)) & mask, ((((c << 21n) & mask) | (c >> 11n)) + sum) & mask];
    if (round >= 12) yield Number(sum) / 2 ** 32;
  }
}

describe("seededRandom", () => {
  it.each([[0], [1], [0xdead_beef], [2 ** 53 - 1]])("is sfc32 for seed %i", (seed) => {
    const expected = definition(BigInt(seed));
    expect(draw(seededRandom(seed), 1_000)).toEqual(Array.from({ length: 1_000 }, () => expected.next().value));
  });

  it("gives numbers in [0, 1) that fill the range evenly", () => {
    const numbers = draw(seededRandom(7), 100_000);
    const buckets = Array.from({ length: 10 }, (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length);
    expect(Math.min(...buckets)).toBeGreaterThan(9_600);
    expect(Math.max(...buckets)).toBeLessThan(10_400);
  });

  it("gives every fork a sequence of its own that the parent's later draws do not change", () => {
    const [one, other] = [seededRandom(3), seededRandom(3)];
    const [forked, again] = [one.fork(), other.fork()];
    draw(other, 50);
    expect(draw(forked, 20)).toEqual(draw(again, 20));
    expect(draw(forked, 20)).not.toEqual(draw(one, 20));
  });

  it.each([[-1], [1.5], [NaN], [2 ** 53]])("refuses %s as a seed", (seed) => {
    expect(() => seededRandom(seed)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });
});
