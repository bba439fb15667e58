import { FrameError, type Frame, type Framing } from "@holdfast/core";
import type { CountingFramer } from "@holdfast/core/framing";
import { bad } from "./frame.ts";

/**
 * Cuts a stream of bytes into frames, their NULs included. A frame ends at the first NUL behind its headers or, with a content-length,
 * behind so many bytes. Line feeds between frames are heart-beats: a run of them makes one frame of zero bytes.
 *
 * No byte is looked at twice, however small the pieces are that it comes in, and nothing is set aside for a length that was only claimed.
 */
export const stompFraming: Framing = { start: (maxFrameBytes) => new StompFramer(maxFrameBytes) };

/** What a broker may say. Anything else is noticed at the first line, not waited for. */
const commands: ReadonlySet<string> = new Set(["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"]);
const longestCommand = "CONNECTED\r".length;
const nothing = new Uint8Array(0);
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

class StompFramer implements CountingFramer {
  readonly #max: number;
  /** A frame that has begun: the first `#length` bytes of `#held`. */
  #held = nothing;
  #length = 0;
  // Within that frame: what was searched, where the current line begins, where the body does (-1: in the headers still), what it claims.
  #scanned = 0;
  #line = 0;
  #body = -1;
  #claimed = -1;

  constructor(max: number) {
    this.#max = max;
  }

  get unfinished(): number {
    return this.#length;
  }

  /** A frame comes encoded, and a heart-beat as a line feed: both leave as they are. */
  wrap(frame: Frame): Uint8Array {
    const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : frame;
    if (bytes.length > this.#max) throw tooLong("local", bytes.length, this.#max);
    return bytes;
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    const bytes = this.#length === 0 ? chunk : this.#join(chunk);
    let start = 0;
    while (start < bytes.length) {
      const beats = this.#scanned === 0 ? feedsAt(bytes, start) : 0;
      const end = beats > 0 ? start + beats : this.#end(bytes, start);
      if (end < 0) break;
      this.#scanned = this.#line = 0;
      this.#body = this.#claimed = -1;
      whole(beats > 0 ? nothing : bytes.subarray(start, end));
      start = end;
    }
    this.#keep(bytes, start);
  }

  /** Where the frame that begins at `start` ends; -1 while that has not arrived. */
  #end(bytes: Uint8Array, start: number): number {
    const arrived = bytes.length - start;
    if (this.#body >= 0 || this.#readHead(bytes, start)) {
      const size = this.#claimed < 0 ? bytes.indexOf(0, start + this.#scanned) + 1 - start : this.#body + this.#claimed + 1;
      if (size > this.#max) throw tooLong("remote", size, this.#max);
      if (size > 0 && size <= arrived) {
        if (bytes[start + size - 1] !== 0) throw bad("a frame goes on behind its content-length");
        return start + size;
      }
      this.#scanned = arrived;
    }
    if (arrived > this.#max) throw tooLong("remote", arrived, this.#max);
    return -1;
  }

  /** Goes through the lines that have arrived. True when the blank one is among them: then the body begins. */
  #readHead(bytes: Uint8Array, start: number): boolean {
    for (;;) {
      const feed = bytes.indexOf(lineFeed, start + this.#scanned);
      const from = start + this.#line;
      if (this.#line === 0 && (feed < 0 ? bytes.length : feed) - from > longestCommand) throw bad("its first line is no command");
      if (feed < 0) {
        this.#scanned = bytes.length - start;
        return false;
      }
      const line = bytes.subarray(from, feed > from && bytes[feed - 1] === carriageReturn ? feed - 1 : feed);
      const first = this.#line === 0;
      this.#scanned = this.#line = feed + 1 - start;
      if (first && !commands.has(String.fromCharCode(...line))) throw bad("its first line is no command");
      if (line.length === 0) {
        this.#body = this.#scanned;
        return true;
      }
      if (this.#claimed < 0) this.#claimed = claimOf(line);
    }
  }

  /** The buffer doubles, so what comes byte by byte is copied twice on average. */
  #join(chunk: Uint8Array): Uint8Array {
    const length = this.#length + chunk.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#held.length));
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(chunk, this.#length);
    return this.#held.subarray(0, length);
  }

  #keep(bytes: Uint8Array, start: number): void {
    this.#length = bytes.length - start;
    if (this.#length === 0) this.#held = nothing;
    else if (start > 0 || bytes.buffer !== this.#held.buffer) this.#held = bytes.slice(start); // What was handed out is not ours any more.
  }
}

/** Bytes of line feeds, with or without carriage returns, from here on. */
function feedsAt(bytes: Uint8Array, start: number): number {
  let end = start;
  while (bytes[end] === lineFeed || bytes[end] === carriageReturn) end += 1;
  return end - start;
}

/** What a header says about the length of the body; -1 when it is about something else. */
function claimOf(line: Uint8Array): number {
  if (line[0] !== 0x63 || line.length > 64) return -1; // "c", and only a decode can tell more.
  const [name, value = ""] = String.fromCharCode(...line).split(":");
  if (name !== "content-length") return -1;
  if (!/^\d{1,15}$/.test(value)) throw bad("its content-length is no length");
  return Number(value);
}

function tooLong(whose: "local" | "remote", bytes: number, max: number): FrameError {
  const what = whose === "local" ? `this frame has ${bytes} bytes` : `the broker sends a frame of ${bytes} bytes or more`;
  return new FrameError("HF_FRAME_TOO_LONG", whose, `${what}, and the limit is ${max}: send less at once, or raise maxFrameBytes`, { next: "elsewhere" });
}
