import { sha256 } from "@noble/hashes/sha2.js";

/** The only name under which a session is shown: eight hexadecimal digits of a hash of its id, from which nobody finds the id. */
export function sessionLabel(id: Uint8Array): string {
  return Array.from(sha256(id).subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
