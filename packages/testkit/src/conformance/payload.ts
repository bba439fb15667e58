/** Bytes that differ from place to place and from frame to frame, so that a swap or a shift is noticed. */
export function bytes(length: number, mark = 0): Uint8Array {
  const payload = new Uint8Array(length);
  for (let place = 0; place < length; place += 1) payload[place] = (place * 31 + (place >> 8) * 17 + mark * 101) & 0xff;
  return payload;
}

/** `count` small frames of different lengths, each carrying its number. */
export function numbered(count: number, longest = 64): Uint8Array[] {
  return Array.from({ length: count }, (_, number) => {
    const payload = bytes(4 + (number * 7) % Math.max(1, longest - 3), number);
    new DataView(payload.buffer).setUint32(0, number);
    return payload;
  });
}

/** Where length fields change their width (7, 16 bits and more) and around the limit. */
export function lengths(maxFrameBytes: number): readonly number[] {
  const interesting = [0, 1, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, maxFrameBytes - 1, maxFrameBytes];
  return [...new Set(interesting)].filter((length) => length <= maxFrameBytes && Number.isFinite(length)).sort((one, other) => one - other);
}
