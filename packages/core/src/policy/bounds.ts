import { OptionError } from "../errors/option-error.ts";
import type { Millis } from "../ports/clock.ts";

/** The value, or an `OptionError`. */
export function atLeast(option: string, value: number, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new OptionError(option, `a number of at least ${least}`, value);
}

/** The same for a time that has to pass. */
export function moreThanZero(option: string, value: Millis): Millis {
  if (typeof value === "number" && value > 0) return value;
  throw new OptionError(option, "a number of milliseconds greater than 0", value);
}
