import { longs } from "./longs.ts";

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
  #at: number;
  #end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** Whole packets one after the other, each with its length in front. Nothing can be read before the first `next()`. */
  static packets(run: Uint8Array): Source {
    return new Source(run, 0, 0);
  }

  /** Goes on to the next packet, and leaves what was not read of the one before. False where there is none. */
  next(): boolean {
    if (this.#end === this.#bytes.length) return false;
    this.#at = this.#end;
    this.#end = this.#bytes.length;
    const length = this.int();
    if (length < 0 || length > this.left) throw new JuteError(`a packet of ${length} bytes with ${this.left} bytes left`);
    this.#end = this.#at + length;
    return true;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  int(): number {
    return int32(this.#bytes, this.#take(4));
  }

  long(): bigint {
    const at = this.#take(8);
    return longs.of(int32(this.#bytes, at), int32(this.#bytes, at + 4));
  }

  /** A long that counts milliseconds, which a number holds without loss for 285 000 years. */
  time(): number {
    const at = this.#take(8);
    return int32(this.#bytes, at) * 2 ** 32 + (int32(this.#bytes, at + 4) >>> 0);
  }

  bool(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
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
    if (count > this.#end - at) throw new JuteError(`${count} bytes were expected where ${this.left} are left`);
    this.#at = at + count;
    return at;
  }
}

/** Four bytes that must be there. A `DataView` for each packet would cost more than all that is read with it. */
export function int32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}

function utf8(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
}
