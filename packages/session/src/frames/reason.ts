import { limits } from "./limits.ts";

const encoder = new TextEncoder();

/** The reason as it may travel: one line without control characters, cut before the character that would make it longer than 120 bytes. */
export function reasonBytes(reason: string): Uint8Array {
  const bytes = new Uint8Array(limits.reason);
  // A character has at least one byte, so no more of them are looked at than may fit.
  const { written } = encoder.encodeInto(reason.slice(0, limits.reason).replaceAll(control, " "), bytes);
  return bytes.subarray(0, written);
}

/** A peer that puts them there wants to write into somebody's log or terminal. */
export function hasControls(reason: string): boolean {
  control.lastIndex = 0;
  return control.test(reason);
}

const control = /\p{Cc}/gu;
