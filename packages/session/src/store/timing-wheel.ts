import type { Millis } from "@holdfast/core";

/** What lies in a wheel. The wheel keeps its own notes on the entry, so that taking one out needs no search. */
export interface Scheduled {
  /** May be moved to later at any time, without telling the wheel. */
  deadline: Millis;
  /** The wheel's: -1 while it lies in none. */
  slot: number;
  place: number;
}

const width: Millis = 100;
const size = 1024; // A power of two: 102 s ahead. What is due later is looked at in between, once a round.

/**
 * Finds what is overdue without looking at everything, and without an alarm for each. Time is cut into buckets of 100 ms, which lie in
 * a ring of slots; an entry lies in the bucket of its deadline. A bucket is looked at once, when it is over: what is due then is taken,
 * what was renewed meanwhile goes to its later bucket. So renewing costs an assignment, and an entry is found up to 100 ms late, never early.
 */
export class TimingWheel<Entry extends Scheduled> {
  readonly #slots: Entry[][] = Array.from({ length: size }, () => []);
  /** The bucket to look at next, counted from the clock's zero. */
  #hand: number;
  #count = 0;

  constructor(now: Millis) {
    this.#hand = Math.floor(now / width);
  }

  get size(): number {
    return this.#count;
  }

  add(entry: Entry): void {
    const bucket = Math.min(Math.max(Math.floor(entry.deadline / width), this.#hand), this.#hand + size - 1);
    entry.slot = bucket & (size - 1);
    entry.place = this.#at(entry.slot).push(entry) - 1;
    this.#count += 1;
  }

  remove(entry: Entry): void {
    if (entry.slot === -1) return;
    const slot = this.#at(entry.slot);
    const last = slot.pop() as Entry; // The entry itself lies here, so there is one.
    if (last !== entry) {
      slot[entry.place] = last;
      last.place = entry.place;
    }
    entry.slot = -1;
    this.#count -= 1;
  }

  /** Takes one that is overdue, if there is one. */
  take(now: Millis): Entry | undefined {
    const end = Math.floor(now / width);
    // After a long pause one round shows every slot; and an empty wheel has nothing to show.
    this.#hand = this.#count === 0 ? Math.max(this.#hand, end) : Math.max(this.#hand, end - size);
    for (; this.#hand < end; this.#hand += 1) {
      const slot = this.#at(this.#hand & (size - 1));
      for (let entry = slot.at(-1); entry !== undefined; entry = slot.at(-1)) {
        this.remove(entry);
        if (entry.deadline <= now) return entry;
        this.add(entry);
      }
    }
    return undefined;
  }

  #at(slot: number): Entry[] {
    return this.#slots[slot] as Entry[]; // All of them are there from the beginning.
  }
}
