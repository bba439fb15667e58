import type { Random } from "@holdfast/core";

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

/** Lengths, counts and numbers that have broken decoders. */
const wicked = [0, 1, -1, -2, 3, 4, 5, 16, 17, 127, 128, 255, 256, 1_023, 1_024, 1_025, 65_535, 65_536, 1_048_575, 1_048_576, 0x7fff_ffff, 0x7fff_fffc, -0x8000_0000, -0x7fff_ffff, 0x0fff_ffff, 0x4000_0000] as const;

/** What a broken, hostile or misled server may make of a packet. Never changes the original. */
export function mutated(random: Random, packet: Buffer, other: Buffer): Buffer {
  switch (below(random, 9)) {
    case 0: return packet; // As it was: the stream goes on.
    case 1: return packet.subarray(0, below(random, packet.length + 1));
    case 2: return Buffer.concat([packet, noise(random, below(random, 40))]);
    case 3: return flipped(random, packet);
    case 4: return rewritten(random, packet, () => oneOf(random, wicked));
    case 5: return rewritten(random, packet, () => below(random, 2 ** 32) | 0);
    case 6: return Buffer.concat([packet.subarray(0, below(random, packet.length + 1)), other.subarray(below(random, other.length + 1))]);
    case 7: return cut(random, packet);
    default: return noise(random, below(random, 100));
  }
}

export function noise(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = below(random, 256);
  return bytes;
}

function flipped(random: Random, packet: Buffer): Buffer {
  const bytes = Buffer.from(packet);
  for (let count = 1 + below(random, 4); count > 0 && bytes.length > 0; count -= 1) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  }
  return bytes;
}

/** Four bytes somewhere, more often than not where fields begin. */
function rewritten(random: Random, packet: Buffer, value: () => number): Buffer {
  const bytes = Buffer.from(packet);
  if (bytes.length < 4) return bytes;
  const at = random() < 0.6 ? below(random, Math.floor(bytes.length / 4)) * 4 : below(random, bytes.length - 3);
  bytes.writeInt32BE(value(), at);
  return bytes;
}

/** Some bytes of the middle are missing. */
function cut(random: Random, packet: Buffer): Buffer {
  const from = below(random, packet.length + 1);
  return Buffer.concat([packet.subarray(0, from), packet.subarray(from + below(random, packet.length - from + 1))]);
}
