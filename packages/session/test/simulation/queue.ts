import type { Process } from "./process.ts";

/** A loop runs its timers, then reads its sockets, then gives the turns that were asked for. */
export const ranks = { alarm: 0, arrival: 1, turn: 2 } as const;

export interface Happening {
  at: number;
  readonly rank: number;
  order: number;
  /** Whoever runs it: nothing of it happens while that stands still, or after it died. Absent: nature. */
  readonly owner: Process | undefined;
  readonly life: number;
  readonly run: () => void;
}

/** What happens next: a binary heap by time, then rank, then order of making. */
export class Queue {
  readonly #heap: Happening[] = [];
  #made = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When something happens next. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  add(event: Happening): void {
    event.order = this.#made++;
    this.putOff(event);
  }

  /** One that is put off keeps its place among those that are, too. */
  putOff(event: Happening): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Happening; // 0 <= above < place.
      if (!before(event, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = event;
  }

  take(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    const size = heap.length;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && before(heap[below + 1] as Happening, heap[below] as Happening)) below += 1; // Both are below size.
      const child = heap[below] as Happening;
      if (!before(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function before(one: Happening, other: Happening): boolean {
  return one.at !== other.at ? one.at < other.at : one.rank !== other.rank ? one.rank < other.rank : one.order < other.order;
}
