import type { SessionId } from "../../store/store.ts";

/** How stores know a session: its 16 bytes in lower-case hexadecimal. */
export function sessionId(bytes: Uint8Array): SessionId {
  let id = "";
  for (const byte of bytes) id += pairs[byte];
  return id;
}

const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
