const least = 64;
const nothing = new Uint8Array(0);

/**
 * The bytes of a frame that has begun to arrive and has not ended. The buffer doubles, so a frame that arrives byte by byte is
 * copied twice at most on average, and a peer that announces much and sends little makes us hold little.
 */
export class Pending {
  #bytes = nothing;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first `length` bytes are those that have arrived. To be read, not kept. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Adds `chunk[from … to)`. The buffer never grows beyond `limit`, which the caller has checked to be enough. */
  append(chunk: Uint8Array, from: number, to: number, limit: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(limit, Math.max(length, 2 * this.#bytes.length, least)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk.subarray(from, to), this.#length);
    this.#length = length;
  }

  /** Hands the bytes over and starts afresh. */
  take(): Uint8Array {
    const whole = this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    return whole;
  }
}
