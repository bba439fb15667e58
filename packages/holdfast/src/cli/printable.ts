import type { Millis } from "@holdfast/core";

/**
 * Text that cannot move the cursor, change colours or reverse the line: a peer may send anything, and so may a close reason.
 * Control characters, line ends and the marks that turn the direction of writing are shown as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (character) => short[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Cut to `width` columns of a terminal, the last one showing that there was more. */
export function fit(text: string, width: number): string {
  if (2 * text.length <= width) return text;
  let used = 0;
  let fitting = ""; // As much as leaves room for the mark.
  for (const { segment } of segmenter.segment(text.slice(0, longestCharacter * width))) {
    used += wide.test(segment) ? 2 : 1;
    if (used > width) return `${fitting}…`;
    if (used < width) fitting += segment;
  }
  return text;
}

/** What people take for one character, such as a flag or an emoji with a skin colour. Some are longer than this and are cut early. */
const segmenter = new Intl.Segmenter();
const longestCharacter = 16;
/** Characters of two columns: roughly those that Unicode calls East Asian wide, and emoji (UAX #11). */
const wide = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

/** A duration for people: `0.42 ms`, `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 2 min`. */
export function duration(ms: Millis): string {
  if (ms < 10) return `${trim(ms, 2)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trim(ms / 1_000, 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return both(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return both(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** `1 message`, `2 messages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function both(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
