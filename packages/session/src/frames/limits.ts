/** Bounds of docs/spec/hfs1.md, in bytes unless said otherwise. */
export const limits = {
  /** OPEN and ATTACH, the frames that anybody may send. */
  greeting: 4_096,
  /** What `frameMax` may say. */
  frameMin: 256,
  frameMax: 1_048_576,
  /** DATA frames of one message. */
  fragments: 64,
  /** What may come behind an ATTACH before it is answered; each frame counts as its bytes and so many more. */
  earlyBytes: 16_384,
  earlyOverhead: 64,
  /** `reason` of REFUSED and CLOSE. */
  reason: 120,
  id: 16,
  secret: 32,
  generation: 8,
  mac: 16,
  /** The type, and an acknowledgement of the greatest number: what a DATA frame has beside its payload. */
  dataHeader: 9,
} as const;

/** The longest message that a peer takes which reads frames of `frameMax` bytes and granted a window of `windowBytes`. */
export function longestMessage(frameMax: number, windowBytes: number): number {
  return Math.min(windowBytes, limits.fragments * (frameMax - limits.dataHeader));
}
