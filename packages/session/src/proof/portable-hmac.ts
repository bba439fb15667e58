import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Hmac } from "./proof.ts";

/** Runs everywhere, and answers at once, which the one of a browser does not. */
export const portableHmac: Hmac = (key, label, ...parts) => {
  const mac = hmac.create(sha256, key).update(encoder.encode(label)).update(zero);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

const encoder = new TextEncoder();
const zero = new Uint8Array(1);
