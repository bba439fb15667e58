import { FrameError } from "../errors/frame-error.ts";
import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import { envelope, room } from "./envelope.ts";
import { Pending } from "./pending.ts";
import { tooLong } from "./too-long.ts";
import type { CountingFramer } from "./unfinished.ts";

/** Four groups of seven bits. */
const longest = 2 ** 28 - 1;

/**
 * Each frame is preceded by its length as an unsigned LEB128 number of one to four bytes, so at most 2²⁸ − 1 (256 MiB). A frame
 * of zero bytes is a frame like any other. A number written with more bytes than it needs is understood.
 */
export function varint(): Framing {
  return { start: (maxFrameBytes) => new VarintFramer(maxFrameBytes) };
}

class VarintFramer implements CountingFramer {
  readonly #max: number;
  readonly #pending = new Pending();
  /** Bytes of the prefix read so far, and the number they make. */
  #prefix = 0;
  #length = 0;
  /** The prefix is complete. */
  #known = false;

  constructor(maxFrameBytes: number) {
    this.#max = Math.min(maxFrameBytes, longest);
  }

  get unfinished(): number {
    return this.#prefix + this.#pending.length;
  }

  wrap(frame: Frame): Uint8Array {
    const body = typeof frame === "string" ? envelope(frame, 0, this.#max) : frame;
    let rest = body.length;
    if (rest > this.#max) throw tooLong("local", rest, this.#max);
    const size = rest < 0x80 ? 1 : rest < 0x4000 ? 2 : rest < 0x20_0000 ? 3 : 4;
    const out = room(size + rest);
    out.set(body, size);
    for (let at = 0; at < size; at++, rest >>= 7) out[at] = at === size - 1 ? rest : rest | 0x80;
    return out;
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    for (let at = 0; at < chunk.length;) {
      if (!this.#known) {
        this.#read(chunk[at++] ?? 0);
        if (!this.#known) continue;
      }
      const length = this.#length;
      const end = at + length - this.#pending.length;
      if (end > chunk.length) return this.#pending.append(chunk, at, chunk.length, length);
      const frame = this.#pending.length === 0 ? chunk.subarray(at, end) : this.#last(chunk, at, end);
      at = end;
      this.#prefix = this.#length = 0;
      this.#known = false;
      whole(frame);
    }
  }

  #read(byte: number): void {
    this.#length |= (byte & 0x7f) << (7 * this.#prefix++);
    if (byte < 0x80) {
      if (this.#length > this.#max) throw tooLong("remote", this.#length, this.#max);
      this.#known = true;
    } else if (this.#prefix === 4) {
      throw new FrameError("HF_BAD_FRAME", "remote", "the peer sends a length prefix of more than four bytes: check that both sides use the same framing", { next: "elsewhere" });
    }
  }

  #last(chunk: Uint8Array, from: number, to: number): Uint8Array {
    this.#pending.append(chunk, from, to, this.#length);
    return this.#pending.take();
  }
}
