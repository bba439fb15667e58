import { OptionError } from "../errors/option-error.ts";
import type { Millis } from "../ports/clock.ts";

/** The value, or an `OptionError`. */
export function atLeast(option: string, value: number, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new OptionError(option, `a number of at least ${least}`, value);
}

/** A number of ms that ends; 0 is one. */
export function finite(option: string, value: Millis): Millis {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new OptionError(option, "a finite number of milliseconds of at least 0", value);
}

/** The same for a time that has to pass, or never does. */
export function moreThanZero(option: string, value: Millis): Millis {
  if (typeof value === "number" && value > 0) return value;
  throw new OptionError(option, "a number of milliseconds greater than 0", value);
}
