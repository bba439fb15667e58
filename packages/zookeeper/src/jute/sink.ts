import { OptionError } from "@holdfast/core";

/**
 * Where a record writes its fields, in Jute, ZooKeeper's serialization: everything big-endian and one after the other, without
 * tags (zookeeper-jute, `BinaryOutputArchive`).
 */
export interface Sink {
  /** 4 bytes, signed. */
  int(value: number): void;
  /** 8 bytes, signed. */
  long(value: bigint): void;
  /** 1 byte. */
  bool(value: boolean): void;
  /** The length of the UTF-8 bytes as an int, and the bytes. Undefined is Jute's null. */
  text(value: string | undefined): void;
  /** The length as an int, and the bytes. */
  bytes(value: Uint8Array): void;
}

/** What a node holds. A string is its UTF-8 bytes. */
export type Data = Uint8Array | string;

/** Throws an `OptionError` for anything else: it would have no length, and be counted as nothing. */
export function checkData(data: Data): void {
  if (typeof data !== "string" && !(data instanceof Uint8Array)) throw new OptionError("data", "a text or a Uint8Array", data);
}

export function writeData(sink: Sink, data: Data): void {
  if (typeof data === "string") sink.text(data);
  else sink.bytes(data);
}

/** Something that can be written. */
export interface Writable { write(sink: Sink): void }

/** One packet, its length in front: an int that counts what follows it. */
export function packet(content: Writable, size: number = packetSize(content)): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  writePacket(content, buffer, 0, size);
  return buffer;
}

/** Bytes a packet has, the length field included. */
export function packetSize(content: Writable): number {
  return writePacket(content, nothing, 0, 0);
}

/** Writes a packet into `buffer`, from `at` on and not beyond `end`. Gives its size: where that is more than there is room for, what was written is worth nothing. */
export function writePacket(content: Writable, buffer: Buffer, at: number, end: number): number {
  return fill.packet(content, buffer, at, end);
}

/** Writes what there is room for, and counts all of it. */
class Fill implements Sink {
  #buffer: Buffer = nothing;
  #at = 0;
  #end = 0;

  packet(content: Writable, buffer: Buffer, at: number, end: number): number {
    this.#buffer = buffer;
    this.#at = at + 4;
    this.#end = end;
    content.write(this);
    const size = this.#at - at;
    if (this.#at <= end) buffer.writeInt32BE(size - 4, at);
    this.#buffer = nothing; // Not kept alive by us.
    return size;
  }

  int(value: number): void {
    const at = this.#take(4);
    if (this.#at <= this.#end) this.#buffer.writeInt32BE(value, at);
  }

  long(value: bigint): void {
    const at = this.#take(8);
    if (this.#at <= this.#end) this.#buffer.writeBigInt64BE(value, at);
  }

  bool(value: boolean): void {
    const at = this.#take(1);
    if (this.#at <= this.#end) this.#buffer[at] = value ? 1 : 0;
  }

  text(value: string | undefined): void {
    if (value === undefined) return this.int(-1);
    const at = this.#at;
    // Where there is room for whatever it may be, it is counted by being written: a call out of JavaScript costs as much as all the rest.
    const fits = at + 4 + 3 * value.length <= this.#end;
    const length = fits ? this.#buffer.write(value, at + 4) : Buffer.byteLength(value);
    this.int(length);
    this.#take(length);
    if (!fits && this.#at <= this.#end) this.#buffer.write(value, at + 4);
  }

  bytes(value: Uint8Array): void {
    this.int(value.length);
    const at = this.#take(value.length);
    if (this.#at <= this.#end) this.#buffer.set(value, at);
  }

  #take(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    return at;
  }
}

const nothing = Buffer.alloc(0);
/** Writing is synchronous and never nested, so one is enough. */
const fill = new Fill();
