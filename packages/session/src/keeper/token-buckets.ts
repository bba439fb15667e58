import type { Millis } from "@holdfast/core";

interface Bucket { tokens: number; at: Millis }

/** A bucket of tokens for each key, full at first. The keys that were seen last are remembered; who is forgotten has a full bucket again. */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #most: number;
  readonly #buckets: Map<string, Bucket> = new Map();

  constructor(perSecond: number, burst: number, most: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#most = most;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. 0: there was one. Otherwise: when there will be one, in ms, and none was taken. */
  take(key: string, now: Millis): Millis {
    const wait = this.wait(key, now);
    if (wait === 0 && this.#burst < Infinity) this.#spend(key, now);
    return wait;
  }

  /** As `take`, and takes none. */
  wait(key: string, now: Millis): Millis {
    const tokens = this.#tokens(key, now);
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / this.#perMs);
  }

  #tokens(key: string, now: Millis): number {
    const bucket = this.#buckets.get(key); // None where there is no limit.
    return bucket === undefined ? this.#burst : Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs);
  }

  #spend(key: string, now: Millis): void {
    const tokens = this.#tokens(key, now) - 1;
    this.#buckets.delete(key); // So that it becomes the last one.
    this.#buckets.set(key, { tokens, at: now });
    if (this.#buckets.size <= this.#most) return;
    for (const oldest of this.#buckets.keys()) { this.#buckets.delete(oldest); break; }
  }
}
