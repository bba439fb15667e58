import { OptionError } from "@holdfast/core";

/**
 * Where a record writes its fields, in Jute, ZooKeeper's serialization: everything big-endian and one after the other, without
 * tags (zookeeper-jute, `BinaryOutputArchive`). A record is written twice: once to be measured, once to be filled in, so that each
 * packet is one buffer of exactly its size.
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

/** Writes a packet of `size` bytes (`packetSize`) into `buffer`, from `at` on. */
export function writePacket(content: Writable, buffer: Buffer, at: number, size: number): void {
  fill.buffer = buffer;
  fill.at = at;
  fill.int(size - 4);
  content.write(fill);
  fill.buffer = nothing; // Not kept alive by us.
}

/** Bytes a packet has, the length field included. */
export function packetSize(content: Writable): number {
  measure.size = 4;
  content.write(measure);
  return measure.size;
}

class Measure implements Sink {
  size = 0;
  int(): void { this.size += 4; }
  long(): void { this.size += 8; }
  bool(): void { this.size += 1; }
  text(value: string | undefined): void { this.size += 4 + (value === undefined ? 0 : isShortAscii(value) ? value.length : Buffer.byteLength(value)); }
  bytes(value: Uint8Array): void { this.size += 4 + value.length; }
}

class Fill implements Sink {
  buffer: Buffer = nothing;
  at = 0;

  int(value: number): void {
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  long(value: bigint): void {
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }

  bool(value: boolean): void {
    this.at = this.buffer.writeUInt8(value ? 1 : 0, this.at);
  }

  text(value: string | undefined): void {
    if (value === undefined) return this.int(-1);
    if (isShortAscii(value)) return this.#ascii(value);
    const length = this.buffer.write(value, this.at + 4);
    this.buffer.writeInt32BE(length, this.at);
    this.at += 4 + length;
  }

  #ascii(value: string): void {
    this.int(value.length);
    for (let at = 0; at < value.length; at += 1) this.buffer[this.at + at] = value.charCodeAt(at);
    this.at += value.length;
  }

  bytes(value: Uint8Array): void {
    this.int(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }
}

/** As paths are. Two calls out of JavaScript cost more than to look at each of its letters. */
function isShortAscii(value: string): boolean {
  if (value.length > 64) return false;
  for (let at = 0; at < value.length; at += 1) if (value.charCodeAt(at) > 0x7f) return false;
  return true;
}

const nothing = Buffer.alloc(0);
/** Writing is synchronous and never nested, so one of each is enough. */
const measure = new Measure();
const fill = new Fill();
