import type { Millis } from "@holdfast/core";

/** What a proxy does to the bytes of one direction, on all its connections. */
export interface Conditions {
  latency: Millis;
  jitter: Millis;
  bytesPerSecond: number;
  /** Longest piece that is written at once. */
  slice: number;
  /** Time between two pieces; 0: one turn of the event loop. */
  every: Millis;
  /** Bytes and the end of the stream wait here. */
  held: boolean;
  /** Bytes and the end of the stream vanish here. */
  hole: boolean;
  /** The connection is cut when so many of its bytes have passed. */
  cutAfter: number;
  cutBy: "reset" | "end";
}

/** Everything passes as it comes. */
export const clear: Readonly<Conditions> = {
  latency: 0, jitter: 0, bytesPerSecond: Infinity, slice: Infinity, every: 0, held: false, hole: false, cutAfter: Infinity, cutBy: "reset",
};
