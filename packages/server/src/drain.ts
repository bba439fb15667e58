import { OptionError, parseEndpoint, type LeaveNotice, type Millis } from "@holdfast/core";

export interface DrainOptions {
  /** Time for everybody to leave, in ms. Who is still here then is closed. @default 20000 */
  readonly within?: Millis;
  /** The peers leave at random moments of this span, so that they do not all arrive elsewhere at once. At most `within`. @default half of `within` */
  readonly spread?: Millis;
  /**
   * Where they shall go, the first of them first: URIs, 16 at most. A wish: a link heeds it where its own code says which endpoints it
   * accepts, and takes its list otherwise. Said by protocols that have words for it, such as `framed()`. @default nowhere in particular
   */
  readonly to?: readonly string[];
}

const mostNamed = 16;
/** As much as `framed()` carries. */
const longestNames = 8_192;

/** Throws an `OptionError` for a time that makes no sense, and for an endpoint that nobody could dial. */
export function resolveDrain({ within = 20_000, spread = within / 2, to = [] }: DrainOptions): LeaveNotice {
  if (typeof within !== "number" || !(within >= 0 && within < Infinity)) throw new OptionError("within", "a number of milliseconds of at least 0", within);
  if (typeof spread !== "number" || !(spread >= 0)) throw new OptionError("spread", "a number of milliseconds of at least 0", spread);
  if (!Array.isArray(to) || to.length > mostNamed) throw new OptionError("to", `an array of at most ${mostNamed} URIs`, to);
  for (const uri of to) if (/\s/.test(parseEndpoint(uri, "to").uri)) throw new OptionError("to", "made of URIs without spaces");
  if (new TextEncoder().encode(to.join("\n")).length > longestNames) throw new OptionError("to", `at most ${longestNames} bytes in all`);
  return { within, spread: Math.min(spread, within), ...(to.length > 0 && { to }) };
}
