import { FrameError } from "../errors/frame-error.ts";
import { OptionError } from "../errors/option-error.ts";
import type { Frame } from "../ports/channel.ts";
import type { Framing } from "../ports/framing.ts";
import { DelimiterFramer } from "./delimiter.ts";
import { envelope } from "./envelope.ts";
import { tooLong } from "./too-long.ts";
import type { CountingFramer } from "./unfinished.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export interface LinesOptions {
  /**
   * What is written behind each line. Does not affect reading: a line may always end either way.
   * @default "\n"
   */
  readonly ending?: "\n" | "\r\n";
}

/**
 * One frame per line of UTF-8 text. Reading takes away the line feed and one carriage return before it; an empty line is a
 * frame of zero bytes; the last line needs its line feed, too, or it counts as unfinished. `maxFrameBytes` does not count the
 * ending. `wrap` throws a `FrameError` (`HF_BAD_FRAME`) for a frame that contains a line feed or ends with a carriage return,
 * since it would not arrive as it was sent.
 */
export function lines(options: LinesOptions = {}): Framing {
  const { ending = "\n" } = options;
  if (ending !== "\n" && ending !== "\r\n") throw new OptionError("ending", "\"\\n\" or \"\\r\\n\"", ending);
  return { start: (maxFrameBytes) => new LineFramer(ending.length, maxFrameBytes) };
}

class LineFramer implements CountingFramer {
  readonly #endingBytes: number;
  readonly #max: number;
  readonly #reader: DelimiterFramer;

  constructor(endingBytes: number, maxFrameBytes: number) {
    this.#endingBytes = endingBytes;
    this.#max = maxFrameBytes;
    this.#reader = new DelimiterFramer(Uint8Array.of(lineFeed), maxFrameBytes + 1); // One more for the carriage return.
  }

  get unfinished(): number {
    return this.#reader.unfinished;
  }

  wrap(frame: Frame): Uint8Array {
    const out = envelope(frame, this.#endingBytes, this.#max);
    const length = out.length - this.#endingBytes;
    if (this.#endingBytes === 2) out[length] = carriageReturn;
    out[out.length - 1] = lineFeed;
    if (out.indexOf(lineFeed) !== out.length - 1 || out[length - 1] === carriageReturn) {
      throw new FrameError("HF_BAD_FRAME", "local", "a line cannot contain a line feed or end with a carriage return: send it as several frames, as JSON, or use a framing with lengths such as lengthPrefix()");
    }
    return out;
  }

  push(chunk: Uint8Array, whole: (frame: Uint8Array) => void): void {
    this.#reader.push(chunk, (line) => {
      const length = line[line.length - 1] === carriageReturn ? line.length - 1 : line.length;
      if (length > this.#max) throw tooLong("remote", length, this.#max);
      whole(length === line.length ? line : line.subarray(0, length));
    });
  }
}
