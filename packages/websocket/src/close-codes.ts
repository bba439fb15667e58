import { LinkError, type Next } from "@holdfast/core";
import { checkNamedCodes } from "./named-codes.ts";

/** What to do when the peer closes with a code: `{ 1008: 'stop', 4000: 'elsewhere' }`. */
export type CloseCodes = Readonly<Record<number, Next>>;

/**
 * What a close code means where the user says nothing; any other means `retry`.
 *
 * - 1008 (policy violation) is what servers say "when there is no other more suitable status code" (RFC 6455, 7.4.1): to
 *   bad credentials, but also to a client that is too fast or too slow. Giving up for good on it would turn a throttled client into
 *   a dead one, so this endpoint is only left alone for a while. A server that means "bad credentials" is named: `{ 1008: 'stop' }`.
 * - 1012 (service restart), 1013 (try again later) and 1014 (bad gateway) speak of this endpoint, not of us.
 * - 4401 and 4403 are HTTP's 401 and 403 in the private range: the same credentials would be refused again. Where every dial brings
 *   fresh ones, `freshCodes` says otherwise.
 */
const meanings: CloseCodes = { 1008: "elsewhere", 1012: "elsewhere", 1013: "elsewhere", 1014: "elsewhere", 4401: "stop", 4403: "stop" };

/** The peer's close frame, or what the runtime made of its absence. */
export interface CloseFrame {
  /** 1005: the frame had no code. 1006: there was no frame. */
  readonly code: number;
  readonly reason: string;
}

/**
 * What `closed` says about the peer's close: nothing for 1000, 1001 and 1005 unless the user named them, an `HF_RESET` for an end
 * without a close frame, and otherwise an `HF_CLOSED_BY_PEER`. The reason is the peer's text: without control characters, at
 * most 120 characters.
 */
export function closeError(label: string, frame: CloseFrame, named: CloseCodes = {}, cause?: unknown): LinkError | undefined {
  const { code } = frame;
  const next = named[code];
  if (next === undefined && (code === 1000 || code === 1001 || code === 1005)) return undefined;
  const details = { closeCode: code, next: next ?? meanings[code] ?? "retry", cause };
  if (code === 1006) return new LinkError("HF_RESET", `${label} was lost without a close frame`, details);
  const reason = Array.from(frame.reason.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")).slice(0, 120).join("");
  return new LinkError("HF_CLOSED_BY_PEER", `${label} closed with code ${code}${reason && `: ${reason}`}`, details);
}

/** What the user named, for a channel whose next dial brings other credentials: a refusal of these is none of those. */
export function freshCodes(named: CloseCodes): CloseCodes {
  return { 4401: "elsewhere", 4403: "elsewhere", ...named };
}

/** Throws an `OptionError` for a code no peer can send, or an order that does not exist. */
export function checkCloseCodes(codes: CloseCodes = {}): void {
  checkNamedCodes("closeCodes", codes, /^[1-4]\d{3}$/);
}
