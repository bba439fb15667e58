import { isHoldfastError, type HoldfastError, type Millis } from "@holdfast/core";

/** How good the news is; decides the colour. */
export type Tone = "good" | "warning" | "bad" | "quiet" | "plain";

/** One thing that happened, as both readers want it. */
export interface Entry {
  readonly event: string;
  readonly tone: Tone;
  /** For people. Absent: of interest to programs alone. */
  readonly text?: string;
  /** For programs: plain data without secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a program is told of an error. */
export function errorData({ code, message, next }: HoldfastError): Readonly<Record<string, unknown>> {
  return { code, message, next };
}

/** What a person is told of an error: what happened, and a code to look up. Slips of the keyboard need none. */
export function errorText({ code, message }: HoldfastError): string {
  return code === "HF_USAGE" ? message : `${message} [${code}]`;
}

/** The same for an error of any origin. */
export function reasonOf(error: unknown): string {
  if (isHoldfastError(error)) return errorText(error);
  return error instanceof Error ? error.message : String(error);
}

/** A time for programs: microseconds are enough. */
export function round(ms: Millis): Millis {
  return Math.round(ms * 1_000) / 1_000;
}
