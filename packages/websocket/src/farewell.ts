import type { Farewell } from "@holdfast/core";

/**
 * A farewell that can be sent: no code means 1000, a code that `sendable` refuses becomes 1000 too, and a reason is cut at
 * 123 bytes of UTF-8, between characters (RFC 6455, 5.5: a control frame holds 125 bytes, two of them are the code).
 */
export function closeFrame({ code = 1000, reason = "" }: Farewell, sendable: (code: number) => boolean): Required<Farewell> {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(123));
  return { code: sendable(code) ? code : 1000, reason: reason.slice(0, read) };
}
