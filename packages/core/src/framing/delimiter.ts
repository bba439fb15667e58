import { FrameError } from "../errors/frame-error.ts";
import { OptionError } from "../errors/option-error.ts";
import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import { envelope } from "./envelope.ts";
import { Matcher } from "./matcher.ts";
import { Pending } from "./pending.ts";
import { tooLong } from "./too-long.ts";
import type { CountingFramer } from "./unfinished.ts";

/** Enough for any delimiter seen in the field, and little enough to be kept per channel. */
const longest = 64;

/**
 * Each frame ends with these bytes (text as UTF-8), which are not part of it: `delimiter("\0")` is STOMP's. Two delimiters in a row
 * make a frame of zero bytes. `maxFrameBytes` does not count the delimiter. `wrap` throws a `FrameError` (`HF_BAD_FRAME`) for a
 * frame that would be cut in two.
 *
 * Throws an `OptionError` unless the delimiter has 1 to 64 bytes.
 */
export function delimiter(bytes: Uint8Array | string): Framing {
  const end = typeof bytes === "string" ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes);
  if (end.length < 1 || end.length > longest) throw new OptionError("delimiter", `1 to ${longest} bytes`, `${end.length} bytes`);
  return { start: (maxFrameBytes) => new DelimiterFramer(end, maxFrameBytes) };
}

/** Also the inner half of `lines()`. */
export class DelimiterFramer implements CountingFramer {
  readonly #delimiter: Uint8Array;
  readonly #max: number;
  readonly #matcher: Matcher;
  readonly #outgoing: Matcher;
  readonly #pending = new Pending();

  constructor(delimiter: Uint8Array, maxFrameBytes: number) {
    this.#delimiter = delimiter;
    this.#max = maxFrameBytes;
    this.#matcher = new Matcher(delimiter);
    this.#outgoing = new Matcher(delimiter);
  }

  get unfinished(): number {
    return this.#pending.length;
  }

  wrap(frame: Frame): Uint8Array {
    const out = envelope(frame, this.#delimiter.length, this.#max);
    out.set(this.#delimiter, out.length - this.#delimiter.length);
    // Looked for with its delimiter: the end of a frame and the beginning of the delimiter can make one, too.
    if (this.#outgoing.next(out, 0) !== out.length) {
      throw new FrameError("HF_BAD_FRAME", "local", "this frame contains the delimiter and would arrive in pieces: escape it, or use a framing with lengths such as lengthPrefix()");
    }
    return out;
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    let start = 0;
    for (let end = this.#matcher.next(chunk, 0); end >= 0; end = this.#matcher.next(chunk, end)) {
      const frame = this.#frame(chunk, start, end);
      start = end;
      whole(frame);
    }
    if (start === chunk.length) return;
    const least = this.#pending.length + chunk.length - start - this.#matcher.matched;
    if (least > this.#max) throw tooLong("remote", least, this.#max);
    this.#pending.append(chunk, start, chunk.length, this.#max + this.#delimiter.length);
  }

  /** What lies between two delimiters. `chunk[start … end)` ends with the second one, of which a part may be pending. */
  #frame(chunk: Uint8Array, start: number, end: number): Uint8Array {
    const length = this.#pending.length + end - start - this.#delimiter.length;
    if (length > this.#max) throw tooLong("remote", length, this.#max);
    if (this.#pending.length === 0) return chunk.subarray(start, start + length);
    this.#pending.append(chunk, start, end, this.#max + this.#delimiter.length);
    return this.#pending.take().subarray(0, length);
  }
}
