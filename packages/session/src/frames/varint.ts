/** The longest LEB128 number: 2⁵³ − 1 in eight groups of seven bits. */
export const longestVarint = 8;

/** Bytes that `value` takes, a whole number from 0 to 2⁵³ − 1. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  let size = 3;
  for (let rest = Math.floor(value / 0x20_0000); rest > 0; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Writes `value` as LEB128, in as few bytes as it needs. Returns where the next field begins. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  // Bits reach to 2³¹; what is above is divided.
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) bytes[next++] = (rest % 0x80) | 0x80;
  for (; rest > 0x7f; rest >>>= 7) bytes[next++] = (rest & 0x7f) | 0x80;
  bytes[next++] = rest;
  return next;
}
