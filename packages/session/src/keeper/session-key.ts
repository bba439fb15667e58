import { createHash } from "node:crypto";
import type { SessionId } from "../store/store.ts";

/** A stable public name of a session, of 64 hexadecimal digits: the SHA-256 of its id, which cannot be told from it. */
export function sessionKey(id: SessionId): string {
  return createHash("sha256").update(id, "hex").digest("hex");
}
