import { OptionError } from "../errors/option-error.ts";

/** The options of a list, decoded, in the order written. Undefined: a name without `=`. */
export type Pairs = ReadonlyMap<string, string | undefined>;

/**
 * Reads `key=value&key=value`. A `+` is a space and `%XX` a byte of UTF-8, in names and in values; the last of two equal names wins;
 * empty pairs are passed over. Throws an `OptionError` for an escape that is none, without showing what it stands in.
 */
export function readPairs(text: string): Pairs {
  const pairs = new Map<string, string | undefined>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals < 0) pairs.set(decode(pair), undefined);
    else pairs.set(decode(pair.slice(0, equals)), decode(pair.slice(equals + 1)));
  }
  return pairs;
}

/** The same, written so that `readPairs` gives it back and nothing in it can be taken for a part of the list. Empty for no pairs. */
export function printPairs(pairs: Iterable<readonly [string, string | undefined]>): string {
  return Array.from(pairs, ([name, value]) => {
    const pair = new URLSearchParams([[name, value ?? ""]]).toString();
    return value === undefined ? pair.slice(0, -1) : pair;
  }).join("&");
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new OptionError("endpoints", "written with %XX for bytes of UTF-8 only: a percent sign itself is %25");
  }
}
