/** Makes bigints of their halves. The last few are kept: an answer names a transaction two or three times, and so does the next one. */
class Longs {
  readonly #whole = new BigInt64Array(1);
  readonly #halves = new Int32Array(this.#whole.buffer);
  readonly #high: 0 | 1;
  readonly #highs = [0, 0, 0, 0];
  readonly #lows = [0, 0, 0, 0];
  readonly #values = [0n, 0n, 0n, 0n];
  #next = 0;

  constructor() {
    this.#whole[0] = 1n;
    this.#high = this.#halves[0] === 1 ? 1 : 0; // In the order of this machine.
  }

  of(high: number, low: number): bigint {
    if (high === 0 && low === 0) return 0n;
    for (let at = 0; at < 4; at += 1) {
      if (this.#lows[at] === low && this.#highs[at] === high) return this.#values[at] as bigint; // As many as there are lows.
    }
    this.#halves[this.#high] = high;
    this.#halves[1 - this.#high] = low;
    const value = this.#whole[0] as bigint; // It has one.
    const at = (this.#next = (this.#next + 1) & 3);
    this.#highs[at] = high;
    this.#lows[at] = low;
    this.#values[at] = value;
    return value;
  }
}

/** Reading is synchronous, so one is enough. */
export const longs: Longs = new Longs();
