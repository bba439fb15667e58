import type { Next } from "@holdfast/core";
import { checkNamedCodes, type NamedCodes } from "./named-codes.ts";

/** Bad credentials where every dial brings fresh ones: see `DialSettings.statuses`. */
export const freshStatuses: NamedCodes = { 401: "elsewhere", 403: "elsewhere" };

/** What an HTTP status other than 101 asks of us, and of the user, where he named it no other way. */
export function verdict(status: number): readonly [Next, string] {
  if (status === 401 || status === 403) return ["stop", "check the credentials it is dialled with, and the origins it lets in"];
  if (status >= 300 && status < 400) return ["elsewhere", "redirects are not followed, dial the new address"];
  if (status === 429 || status === 503) return ["elsewhere", "it has too much to do"];
  if (status >= 500) return ["retry", "the server, or a proxy before it, is in trouble"];
  return ["elsewhere", "check the path, and that a WebSocket server listens there"];
}

/** Throws an `OptionError` for a status that is no refusal, or an order that does not exist. */
export function checkStatuses(statuses: NamedCodes = {}, where = ""): void {
  checkNamedCodes(`${where}statuses`, statuses, /^[2-5]\d\d$/);
}
