import type { Hmac } from "../../src/proof/proof.ts";

/** Stands for a real one where nobody tries to forge it: as long, as dependent on every byte, and twenty times as cheap. */
export const cheapHmac: Hmac = (key, label, ...parts) => {
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  const mix = (byte: number): void => {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13);
  };
  for (const byte of key) mix(byte);
  for (let at = 0; at < label.length; at += 1) mix(label.charCodeAt(at));
  for (const part of parts) for (const byte of part) mix(byte);
  const mac = new Uint8Array(32);
  new DataView(mac.buffer).setUint32(0, one);
  new DataView(mac.buffer).setUint32(4, other);
  return mac;
};
