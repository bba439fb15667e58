/** What a peer sent is no Jute: too short, or a length that cannot be. */
export class JuteError extends Error {
  override get name(): string {
    return "JuteError";
  }
}

/**
 * Reads the fields of a record. Every length is checked against what is there before anything is set aside for it, so a peer that
 * announces much and sends little costs nothing. Throws a `JuteError`.
 */
export class Source {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#view.getInt32(this.#take(4));
  }

  long(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** A long that counts milliseconds, which a number holds without loss for 285 000 years. */
  time(): number {
    const at = this.#take(8);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  bool(): boolean {
    return this.#view.getUint8(this.#take(1)) !== 0;
  }

  /** A text that is null counts as empty. */
  text(): string {
    const length = this.#length(1);
    return length === 0 ? "" : utf8(this.#bytes, this.#take(length), length);
  }

  /** A view, not a copy: it stays valid, and keeps the packet it arrived in alive. Null counts as empty. */
  bytes(): Uint8Array {
    const length = this.#length(1);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A vector that is null counts as empty. `least`: the fewest bytes that one item can have. */
  list<T>(least: number, item: (source: Source) => T): T[] {
    const length = this.#length(least);
    const items: T[] = [];
    for (let index = 0; index < length; index += 1) items.push(item(this));
    return items;
  }

  /** The length of what follows, in items of at least so many bytes; -1 is Jute's null. */
  #length(least: number): number {
    const length = this.int();
    if (length === -1) return 0;
    if (length < 0 || length * least > this.left) throw new JuteError(`a length of ${length} with ${this.left} bytes left`);
    return length;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw new JuteError(`${count} bytes were expected where ${this.left} are left`);
    this.#at = at + count;
    return at;
  }
}

function utf8(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
}
