import type { Frame } from "@holdfast/core";

/** What a message counts in a store's limits: its bytes, in UTF-8 where it is a text. An empty one counts as one, or there could be endlessly many. */
export function weigh(message: Frame): number {
  return Math.max(1, typeof message === "string" ? utf8Length(message) : message.byteLength);
}

/** Without encoding it: a half of a surrogate pair takes three bytes, as any other character of its size, and so does its substitute. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text, at + 1)) at += 1; // Four bytes for the two of them.
  }
  return bytes;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at); // NaN past the end.
  return unit >= 0xdc00 && unit < 0xe000;
}
