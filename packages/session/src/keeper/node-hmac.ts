import { createHmac } from "node:crypto";
import type { Hmac } from "../proof/proof.ts";

/** Node's own. */
export const nodeHmac: Hmac = (key, label, ...parts) => {
  const mac = createHmac("sha256", key).update(label).update(zero);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

const zero = new Uint8Array(1);
