/**
 * HMAC-SHA-256 over a label, one zero byte and the parts, all 32 bytes of it. Given from outside, so that a keeper takes the one of its platform, a browser
 * a portable one, and a simulation a cheap one.
 */
export type Hmac = (key: Uint8Array, label: string, ...parts: readonly Uint8Array[]) => Uint8Array;

/** Bytes of an HMAC that travel. */
export const macBytes = 16;
