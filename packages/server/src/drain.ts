import { OptionError, type LeaveNotice, type Millis } from "@holdfast/core";

export interface DrainOptions {
  /** Time for everybody to leave, in ms. Who is still here then is closed. @default 20000 */
  readonly within?: Millis;
  /** The peers leave at random moments of this span, so that they do not all arrive elsewhere at once. At most `within`. @default half of `within` */
  readonly spread?: Millis;
}

/** Throws an `OptionError` for a time that makes no sense. */
export function resolveDrain({ within = 20_000, spread = within / 2 }: DrainOptions): LeaveNotice {
  if (typeof within !== "number" || !(within >= 0 && within < Infinity)) throw new OptionError("within", "a number of milliseconds of at least 0", within);
  if (typeof spread !== "number" || !(spread >= 0)) throw new OptionError("spread", "a number of milliseconds of at least 0", spread);
  return { within, spread: Math.min(spread, within) };
}
