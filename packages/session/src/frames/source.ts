import { utf8 } from "./utf8.ts";
import { longestVarint } from "./varint.ts";

/**
 * Reads the fields of one frame, which may be anything. Nothing throws: the first thing that is wrong is kept in `fault`, and from there on every
 * field is empty or 0. Every length is checked against what is there before anything is set aside for it.
 */
export class Source {
  readonly #bytes: Uint8Array;
  #at: number;
  /** What is wrong. */
  fault: string | undefined;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  byte(): number {
    if (this.#at >= this.#bytes.length) return this.wrong("is cut short");
    return this.#bytes[this.#at++] ?? 0;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let size = 1; size <= longestVarint; size += 1) {
      if (this.#at >= this.#bytes.length) return this.wrong("is cut short");
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && size > 1) return this.wrong("has a number with more bytes than it needs");
        return value <= Number.MAX_SAFE_INTEGER ? value : this.wrong("has a number above 2^53 - 1");
      }
      scale *= 0x80;
    }
    return this.wrong("has a number of more than 8 bytes");
  }

  /** A copy: it is short, and outlives the frame. */
  fixed(length: number): Uint8Array {
    return this.#skip(length) ? this.#bytes.slice(this.#at - length, this.#at) : nothing;
  }

  /** A copy, as above. */
  bytes(): Uint8Array {
    return this.fixed(this.varint());
  }

  text(longest: number): string {
    const length = this.varint();
    if (length > longest) this.wrong(`has a text of more than ${longest} bytes`);
    if (!this.#skip(length)) return "";
    const text = utf8(this.#bytes.subarray(this.#at - length, this.#at));
    if (text === undefined) this.wrong("has a text that is not UTF-8");
    return text ?? "";
  }

  /** All that is left. A view. */
  rest(): Uint8Array {
    const at = this.#at;
    this.#at = this.#bytes.length;
    return this.#bytes.subarray(at);
  }

  /** A frame ends with its last field. */
  end(): void {
    if (this.#at < this.#bytes.length) this.wrong("goes on after its last field");
  }

  /** The first one counts. Returns 0, for whoever must return a number. */
  wrong(fault: string): number {
    this.fault ??= fault;
    this.#at = this.#bytes.length;
    return 0;
  }

  #skip(length: number): boolean {
    if (this.fault !== undefined) return false;
    if (length > this.#bytes.length - this.#at) this.wrong("is cut short");
    else this.#at += length;
    return this.fault === undefined;
  }
}

const nothing = new Uint8Array(0);
