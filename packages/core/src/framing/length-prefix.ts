import { FrameError } from "../errors/frame-error.ts";
import { OptionError } from "../errors/option-error.ts";
import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import { envelope, room } from "./envelope.ts";
import { Pending } from "./pending.ts";
import { tooLong } from "./too-long.ts";
import type { CountingFramer } from "./unfinished.ts";
import { varint } from "./varint.ts";

export interface LengthPrefixOptions {
  /**
   * Bytes of the length field. "varint" is `varint()`: one to four bytes, and then the other options do not apply.
   * @default 4
   */
  readonly bytes?: 1 | 2 | 3 | 4 | "varint";
  /**
   * Byte order of the length field, which is an unsigned number.
   * @default "big"
   */
  readonly endian?: "big" | "little";
  /**
   * Bytes of the packet before its length field, 0 to 65535. Netty's `lengthFieldOffset`.
   * @default 0
   */
  readonly offset?: number;
  /**
   * What must be added to the length field to get the number of bytes behind it. 0 where it counts just those; negative where
   * it counts more, such as itself; positive where more header follows that it does not count. Netty's `lengthAdjustment`.
   * @default 0
   */
  readonly adjustment?: number;
  /**
   * Bytes taken away from the beginning of each packet when reading, 0 to 65535. Netty's `initialBytesToStrip`.
   * @default the length field where the packet begins with it, otherwise nothing
   */
  readonly strip?: number;
}

/**
 * Packets that carry their length, with the meaning of Netty's `LengthFieldBasedFrameDecoder`. Two differences:
 * the length field is stripped by default where it comes first, and `maxFrameBytes` counts what is handed over, so the stripped
 * bytes come on top. A frame of zero bytes is a frame like any other.
 *
 * Writing mirrors reading. Where exactly the length field is stripped (the default), a frame is what follows the field, and the
 * field is put in front as by Netty's `LengthFieldPrepender`. In all other cases a frame must be a complete packet from its first
 * byte: a copy of it is sent with the length field filled in, whatever it held before.
 *
 * Throws an `OptionError` for an option that makes no sense.
 */
export function lengthPrefix(options: LengthPrefixOptions = {}): Framing {
  if (options.bytes === "varint") return onlyVarint(options);
  const { bytes = 4, endian = "big", offset = 0, adjustment = 0 } = options;
  const layout: Layout = { bytes, endian, offset, adjustment, strip: options.strip ?? (offset === 0 ? bytes : 0), header: offset + bytes };
  validate(layout);
  return { start: (maxFrameBytes) => new LengthPrefixFramer(layout, maxFrameBytes) };
}

interface Layout {
  readonly bytes: number;
  readonly endian: "big" | "little";
  readonly offset: number;
  readonly adjustment: number;
  readonly strip: number;
  /** Everything up to the end of the length field. */
  readonly header: number;
}

function onlyVarint(options: LengthPrefixOptions): Framing {
  for (const name of ["endian", "offset", "adjustment", "strip"] as const) {
    if (options[name] !== undefined) throw new OptionError(name, "left out with bytes: \"varint\"", options[name]);
  }
  return varint();
}

function validate({ bytes, endian, offset, adjustment, strip }: Layout): void {
  if (![1, 2, 3, 4].includes(bytes)) throw new OptionError("bytes", "1, 2, 3, 4 or \"varint\"", bytes);
  if (endian !== "big" && endian !== "little") throw new OptionError("endian", "\"big\" or \"little\"", endian);
  for (const [name, given] of Object.entries({ offset, strip })) {
    if (!Number.isInteger(given) || given < 0 || given > 0xffff) throw new OptionError(name, "an integer from 0 to 65535", given);
  }
  if (!Number.isInteger(adjustment) || Math.abs(adjustment) > 0x7fff_ffff) throw new OptionError("adjustment", "an integer of at most 31 bits", adjustment);
}

class LengthPrefixFramer implements CountingFramer {
  readonly #layout: Layout;
  readonly #max: number;
  readonly #pending = new Pending();
  /** Bytes of the packet that is pending, from its first one; 0 while its length is not known. */
  #total = 0;

  constructor(layout: Layout, maxFrameBytes: number) {
    this.#layout = layout;
    this.#max = maxFrameBytes;
  }

  get unfinished(): number {
    return this.#pending.length;
  }

  wrap(frame: Frame): Uint8Array {
    const { offset, bytes, strip } = this.#layout;
    return offset === 0 && strip === bytes ? this.#prepend(frame) : this.#complete(frame);
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    const { header, offset, strip } = this.#layout;
    let at = this.#pending.length === 0 ? 0 : this.#resume(chunk, whole);
    while (at < chunk.length) {
      const total = chunk.length - at < header ? 0 : this.#measure(chunk, at + offset);
      if (total === 0 || at + total > chunk.length) {
        this.#total = total;
        return this.#pending.append(chunk, at, chunk.length, total || header);
      }
      const frame = chunk.subarray(at + strip, at + total);
      at += total;
      whole(frame);
    }
  }

  /** Completes the packet that is pending, as far as the chunk reaches. Returns where the next one begins. */
  #resume(chunk: Uint8Array, whole: (frame: Uint8Array) => void): number {
    const { header, offset, strip } = this.#layout;
    let at = 0;
    if (this.#total === 0) {
      at = this.#fill(chunk, 0, header);
      if (this.#pending.length < header) return at;
      this.#total = this.#measure(this.#pending.bytes, offset);
    }
    at = this.#fill(chunk, at, this.#total);
    if (this.#pending.length < this.#total) return at;
    this.#total = 0;
    whole(this.#pending.take().subarray(strip));
    return at;
  }

  #fill(chunk: Uint8Array, from: number, length: number): number {
    const to = Math.min(chunk.length, from + length - this.#pending.length);
    this.#pending.append(chunk, from, to, length);
    return to;
  }

  /** The bytes of the whole packet whose length field is at `chunk[at]`. */
  #measure(chunk: Uint8Array, at: number): number {
    const { adjustment, header, strip } = this.#layout;
    const value = this.#read(chunk, at);
    const total = value + adjustment + header;
    if (total < header || total < strip) {
      throw new FrameError("HF_BAD_FRAME", "remote", `the peer sends a length of ${value}, which makes a packet shorter than its header: check that both sides use the same framing`, { next: "elsewhere" });
    }
    if (total - strip > this.#max) throw tooLong("remote", total - strip, this.#max);
    return total;
  }

  #read(chunk: Uint8Array, at: number): number {
    const { bytes, endian } = this.#layout;
    let value = 0;
    for (let index = 0; index < bytes; index++) value = value * 256 + (chunk[endian === "big" ? at + index : at + bytes - 1 - index] ?? 0);
    return value;
  }

  #prepend(frame: Frame): Uint8Array {
    const { bytes, adjustment } = this.#layout;
    const body = typeof frame === "string" ? envelope(frame, 0, this.#max) : frame;
    if (body.length > this.#max) throw tooLong("local", body.length, this.#max);
    const out = room(bytes + body.length);
    out.set(body, bytes);
    this.#write(out, 0, body.length - adjustment);
    return out;
  }

  #complete(frame: Frame): Uint8Array {
    const { header, offset, adjustment, strip } = this.#layout;
    const out = envelope(frame, 0, this.#max + strip);
    if (out.length < header) {
      throw new FrameError("HF_BAD_FRAME", "local", `this frame has ${out.length} bytes, and the length field alone ends at byte ${header}: with these options a frame is a complete packet, header included`);
    }
    this.#write(out, offset, out.length - header - adjustment);
    return out;
  }

  #write(out: Uint8Array, at: number, value: number): void {
    const { bytes, endian } = this.#layout;
    if (value < 0 || value >= 256 ** bytes) {
      throw new FrameError("HF_FRAME_TOO_LONG", "local", `the length field would have to say ${value}, and its ${bytes} bytes cannot: send less at once, or use a wider field`);
    }
    for (let index = 0, rest = value; index < bytes; index++, rest = Math.floor(rest / 256)) out[endian === "big" ? at + bytes - 1 - index : at + index] = rest % 256;
  }
}
