import type { Framer } from "../ports/framing.ts";

/** A framer that knows where it stands. All framers of this package do. */
export interface CountingFramer extends Framer {
  /** Bytes received of a frame that has not ended: 0 at a frame boundary. */
  readonly unfinished: number;
}

/**
 * Bytes of half a frame, by which a transport tells a peer that hung up in the middle of one from an orderly end. 0 for a framer
 * that does not count: its channels always end orderly.
 */
export function unfinished(framer: Framer): number {
  return "unfinished" in framer && typeof framer.unfinished === "number" ? framer.unfinished : 0;
}
