import { SimWorld, type SimWorldOptions } from "./sim-world.ts";

/** Runs `run` with the seed. What it throws, or rejects with, is wrapped in an error that says how to see it again. */
export function replayable<Result>(seed: number, run: (seed: number) => Result): Result {
  let result: Result;
  try {
    result = run(seed);
  } catch (error) {
    throw failed(seed, error);
  }
  if (!(result instanceof Promise)) return result;
  // The promise of the same value, with another reason: still a Result.
  return result.catch((error: unknown) => { throw failed(seed, error); }) as Result;
}

export interface SimulateOptions extends Omit<SimWorldOptions, "seed"> {
  /** How many worlds. */
  readonly runs: number;
  /** The first seed; the others follow. @default 0 */
  readonly seed?: number;
}

/**
 * Runs many worlds, one after the other, with the seeds that follow each other from `seed`. Rejects at the first failure, with the
 * seed that repeats it. Where `run` returns no promise, none is awaited.
 */
export async function simulate(options: SimulateOptions, run: (world: SimWorld) => void | Promise<void>): Promise<void> {
  const { runs, seed: first = 0, ...rest } = options;
  for (let seed = first; seed < first + runs; seed += 1) {
    const done = replayable(seed, () => run(new SimWorld({ ...rest, seed })));
    if (done !== undefined) await done;
  }
}

function failed(seed: number, cause: unknown): Error {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new Error(`seed 0x${seed.toString(16)}: ${what}\nRun it again with seed: 0x${seed.toString(16)} alone; { trace: true } writes down what happened.`, { cause });
}
