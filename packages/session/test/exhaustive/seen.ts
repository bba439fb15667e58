/** A set of keys of 64 bits, of which there may be a hundred million: 8 bytes each, and half as many again for room. */
export class Seen {
  #slots: Uint32Array;
  #mask: number;
  size = 0;

  constructor(capacity = 1 << 16) {
    this.#slots = new Uint32Array(2 * capacity);
    this.#mask = capacity - 1;
  }

  /** False: it was there. */
  add(one: number, two: number): boolean {
    if (this.size * 4 > this.#mask * 3) this.#grow();
    const added = this.#put(one >>> 0, (two >>> 0) || 1); // A slot that is 0 is free.
    if (added) this.size += 1;
    return added;
  }

  #put(one: number, two: number): boolean {
    const slots = this.#slots;
    for (let at = one & this.#mask; ; at = (at + 1) & this.#mask) {
      const there = slots[2 * at + 1];
      if (there === 0) {
        slots[2 * at] = one;
        slots[2 * at + 1] = two;
        return true;
      }
      if (there === two && slots[2 * at] === one) return false;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) if (before[at + 1] !== 0) this.#put(before[at] ?? 0, before[at + 1] ?? 0);
  }
}
