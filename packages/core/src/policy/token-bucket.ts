import type { Millis } from "../ports/clock.ts";

/** `perSecond` tokens drip in every second, and at most `burst` of them are kept. */
export interface TokenBucket { readonly perSecond: number; readonly burst: number }

/**
 * A bucket's whole memory: the moment at which it will be full again (-Infinity: it always was). It is the theoretical arrival
 * time of the GCRA (ITU-T I.371), which counts no tokens and so cannot lose fractions of one.
 */
export type FullAt = Millis;

/** The moment at which the next token is there. */
export function tokenAt({ perSecond, burst }: TokenBucket, fullAt: FullAt): Millis {
  return fullAt - ((burst - 1) * 1_000) / perSecond;
}

/** Takes a token. Call it only at `tokenAt` or later. */
export function tokenTaken({ perSecond }: TokenBucket, fullAt: FullAt, now: Millis): FullAt {
  return Math.max(fullAt, now) + 1_000 / perSecond;
}
