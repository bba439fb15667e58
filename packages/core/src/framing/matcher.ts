/**
 * Finds a delimiter in a stream, also where it is split between chunks. The search is that of Knuth, Morris and Pratt (1977): it
 * never steps back, so no input costs more than linear time.
 */
export class Matcher {
  readonly #delimiter: Uint8Array;
  /** For each prefix of the delimiter, the length of its longest proper prefix that is also its suffix. */
  readonly #borders: Uint8Array;
  #matched = 0;

  /** A delimiter of 1 to 255 bytes. */
  constructor(delimiter: Uint8Array) {
    this.#delimiter = delimiter;
    this.#borders = bordersOf(delimiter);
  }

  /** Bytes at the end of what was seen that may turn out to begin a delimiter. */
  get matched(): number {
    return this.#matched;
  }

  /** The index in `chunk` just behind the next delimiter that ends in `chunk[from …)`, or -1. */
  next(chunk: Uint8Array, from: number): number {
    const delimiter = this.#delimiter;
    let matched = this.#matched;
    for (let at = from; at < chunk.length; at++) {
      if (matched === 0) {
        at = chunk.indexOf(delimiter[0] ?? 0, at); // Skips what cannot begin one at the speed of memchr.
        if (at < 0) break;
        matched = 1;
      } else {
        while (matched > 0 && chunk[at] !== delimiter[matched]) matched = this.#borders[matched - 1] ?? 0;
        if (chunk[at] === delimiter[matched]) matched++;
      }
      if (matched === delimiter.length) {
        this.#matched = 0;
        return at + 1;
      }
    }
    this.#matched = matched;
    return -1;
  }
}

function bordersOf(delimiter: Uint8Array): Uint8Array {
  const borders = new Uint8Array(delimiter.length);
  let border = 0;
  for (let at = 1; at < delimiter.length; at++) {
    while (border > 0 && delimiter[at] !== delimiter[border]) border = borders[border - 1] ?? 0;
    if (delimiter[at] === delimiter[border]) border++;
    borders[at] = border;
  }
  return borders;
}
