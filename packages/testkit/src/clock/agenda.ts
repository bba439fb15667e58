import type { Alarm, Millis } from "@holdfast/core";

/** Something that is due at a moment. Cancelling takes it off the agenda at once, so what is counted is what is waited for. */
export class Entry implements Alarm {
  readonly at: Millis;
  /** Entries for the same moment come in the order they were made. */
  readonly order: number;
  readonly run: () => void;
  /** Where it sits in the heap; -1 when it is off the agenda. Kept by `Agenda`. */
  place = -1;
  /** Also true for an entry that was taken off to be run, so that its neighbours can still stop it. */
  cancelled = false;
  readonly #agenda: Agenda;

  constructor(agenda: Agenda, at: Millis, order: number, run: () => void) {
    this.#agenda = agenda;
    this.at = at;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.cancelled = true;
    this.#agenda.remove(this);
  }
}

/** What is due when: a binary heap, earliest first. Adding, taking and removing one of n entries costs O(log n). */
export class Agenda {
  readonly #heap: Entry[] = [];
  #made = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first entry is due; `Infinity` when there is none. */
  get first(): Millis {
    return this.#heap[0]?.at ?? Infinity;
  }

  add(at: Millis, run: () => void): Entry {
    const entry = new Entry(this, at, this.#made++, run);
    if (at !== Infinity) this.put(entry);
    return entry;
  }

  /** Back on the agenda, in its old order. */
  put(entry: Entry): void {
    entry.place = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** Takes the first entry off. Call it only where `size` is not 0. */
  take(): Entry {
    const first = this.#heap[0] as Entry; // The caller looked at `size` or `first`.
    this.remove(first);
    return first;
  }

  remove(entry: Entry): void {
    const place = entry.place;
    if (place < 0) return;
    entry.place = -1;
    const last = this.#heap.pop() as Entry; // `entry` is in the heap, so it is not empty.
    if (last === entry) return;
    last.place = place;
    this.#heap[place] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Entry): void {
    const heap = this.#heap;
    let place = entry.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Entry; // 0 <= above < place.
      if (!before(entry, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = entry;
    entry.place = place;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    const size = heap.length;
    let place = entry.place;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      let child = heap[below] as Entry; // below < size.
      const right = heap[below + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        below += 1;
      }
      if (!before(child, entry)) break;
      heap[place] = child;
      child.place = place;
      place = below;
    }
    heap[place] = entry;
    entry.place = place;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
