import { varintSize, writeVarint } from "./varint.ts";

/** Where a frame puts its fields. It does so twice: once to be measured, once to be filled in, so that each frame is one buffer of exactly its size. */
export interface Sink {
  byte(value: number): void;
  varint(value: number): void;
  /** Just these bytes: a fixed field, or a payload. */
  fixed(value: Uint8Array): void;
  /** Their number, and the bytes. */
  bytes(value: Uint8Array): void;
}

/** One buffer, filled by `write`. It starts as zeros, so nothing old can leak to a peer. */
export function filled(write: (sink: Sink) => void): Uint8Array {
  const measure = new Measure();
  write(measure);
  const fill = new Fill(new Uint8Array(measure.size));
  write(fill);
  return fill.out;
}

class Measure implements Sink {
  size = 0;
  byte(): void { this.size += 1; }
  varint(value: number): void { this.size += varintSize(value); }
  fixed(value: Uint8Array): void { this.size += value.length; }
  bytes(value: Uint8Array): void { this.size += varintSize(value.length) + value.length; }
}

class Fill implements Sink {
  readonly out: Uint8Array;
  #at = 0;

  constructor(out: Uint8Array) {
    this.out = out;
  }

  byte(value: number): void { this.out[this.#at++] = value; }
  varint(value: number): void { this.#at = writeVarint(this.out, this.#at, value); }

  fixed(value: Uint8Array): void {
    this.out.set(value, this.#at);
    this.#at += value.length;
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.fixed(value);
  }
}
