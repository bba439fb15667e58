import type { Millis } from "@holdfast/core";

/** A server that asks for more is not believed: it is asked again after an hour. */
const longest: Millis = 3_600_000;

/**
 * How long an HTTP response asks us to stay away, in ms, at most an hour: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
 * A date is read against the `Date` of the same response, so nobody's wall clock has to be right. 0 when it says nothing
 * that can be understood.
 */
export function retryAfterOf(headers: { readonly "retry-after"?: string | undefined; readonly date?: string | undefined }): Millis {
  const text = headers["retry-after"]?.trim() ?? "";
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(headers.date ?? "");
  return wait > 0 ? Math.min(wait, longest) : 0;
}
