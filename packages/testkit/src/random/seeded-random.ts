import { OptionError, type Random } from "@holdfast/core";

/** A `Random` that gives the same numbers for the same seed, on every machine. */
export interface SeededRandom extends Random {
  /**
   * A generator of its own, determined by this one. Give each actor of a simulation a fork: then one more draw by one of them does
   * not change what all others draw.
   */
  fork(): SeededRandom;
}

/**
 * Numbers in [0, 1) from a seed, an integer from 0 to 2⁵³ - 1. For simulations and jitter; never for secrets.
 *
 * The generator is sfc32 ("small fast counting", 128 bits of state, in the public domain) by Chris Doty-Humphrey, from PractRand 0.95,
 * https://pracrand.sourceforge.net, which it passes to the end.
 */
export function seededRandom(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new OptionError("seed", "an integer from 0 to 2^53 - 1", seed);
  return sfc32(0, seed | 0, Math.floor(seed / 2 ** 32) | 0);
}

function sfc32(first: number, second: number, third: number): SeededRandom {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
  let counter = 1;

  // `| 0` after each step keeps the state in 32-bit integers, which engines hold in registers.
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };

  for (let warmUp = 0; warmUp < 12; warmUp += 1) next(); // As PractRand seeds it: twelve rounds mix the seed into all bits.
  const random = (): number => (next() >>> 0) / 2 ** 32;
  return Object.assign(random, { fork: (): SeededRandom => sfc32(next(), next(), next()) });
}
