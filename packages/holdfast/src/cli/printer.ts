import { styleText } from "node:util";
import type { Clock, Millis } from "@holdfast/core";
import type { Entry, Tone } from "./entry.ts";
import { fit, printable } from "./printable.ts";
import { StatusLine } from "./status-line.ts";

/** Tells what happened, line by line. */
export interface Printer {
  print(entry: Entry): void;
  /** What is the case right now, where there is a place for it. */
  status(text: string): void;
  /** Leaves the terminal as it should be. */
  end(): void;
}

/** Where lines go: standard output, or a test. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Characters taken and not yet delivered. */
  readonly writableLength: number;
  write(text: string): unknown;
}

export interface PrinterOptions {
  readonly json: boolean;
  /** Keep the last line of a terminal for what is the case right now. */
  readonly statusLine: boolean;
  readonly colours: boolean;
  readonly clock: Clock;
}

export function makePrinter(sink: Sink, options: PrinterOptions): Printer {
  return options.json ? new JsonPrinter(sink, options.clock) : new TextPrinter(sink, options);
}

/** Most characters that wait for a slow reader. What would exceed it is counted and left out: our memory is not their buffer. */
const mostWaiting = 2 ** 20;

/** One JSON object per line. `at` counts ms from the start and never jumps; `time` is for people who compare logs. */
class JsonPrinter implements Printer {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #start: Millis;
  #skipped = 0;

  constructor(sink: Sink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
    this.#start = clock.now();
  }

  print({ event, data }: Entry): void {
    if (this.#sink.writableLength > mostWaiting) {
      this.#skipped += 1;
      return;
    }
    if (this.#skipped > 0) this.#write("skipped", { lines: this.#skipped });
    this.#skipped = 0;
    this.#write(event, data);
  }

  status(): void { /* A program asks no such thing. */ }
  end(): void { /* Nothing to tidy. */ }

  #write(event: string, data: Readonly<Record<string, unknown>>): void {
    const at = Math.round((this.#clock.now() - this.#start) * 10) / 10;
    this.#sink.write(`${JSON.stringify({ at, time: new Date().toISOString(), event, ...data })}\n`);
  }
}

type Colour = Parameters<typeof styleText>[0];
const colours: Readonly<Record<Tone, Colour>> = { good: "green", warning: "yellow", bad: "red", quiet: "dim", plain: "cyan" };
const timeWidth = 9;
const eventWidth = 12;
const gap = "  ";

/** One line per event: seconds since the start, what happened, and the rest. */
class TextPrinter implements Printer {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #start: Millis;
  readonly #colours: boolean;
  readonly #statusLine: StatusLine | undefined;
  #skipped = 0;

  constructor(sink: Sink, { clock, colours, statusLine }: PrinterOptions) {
    this.#sink = sink;
    this.#clock = clock;
    this.#start = clock.now();
    this.#colours = colours;
    this.#statusLine = statusLine && sink.isTTY === true ? new StatusLine(sink) : undefined;
  }

  print({ event, tone, text }: Entry): void {
    if (text === undefined) return;
    if (this.#sink.writableLength > mostWaiting) {
      this.#skipped += 1;
      return;
    }
    if (this.#skipped > 0) this.#write("skipped", "warning", `${this.#skipped} lines: whoever reads this is too slow`);
    this.#skipped = 0;
    this.#write(event, tone, text);
  }

  status(text: string): void {
    this.#statusLine?.show(text);
  }

  end(): void {
    this.#statusLine?.hide();
  }

  #write(event: string, tone: Tone, text: string): void {
    const seconds = ((this.#clock.now() - this.#start) / 1_000).toFixed(3).padStart(timeWidth);
    const label = event.padEnd(eventWidth);
    const line = `${this.#paint("dim", seconds)}${gap}${this.#paint(colours[tone], label)}${gap}${this.#fit(printable(text))}\n`;
    if (this.#statusLine) this.#statusLine.above(line);
    else this.#sink.write(line);
  }

  #paint(colour: Colour, text: string): string {
    return this.#colours ? styleText(colour, text, { validateStream: false }) : text;
  }

  /** Errors are worth several lines of a terminal; a message of a megabyte is not. Files and pipes get everything. */
  #fit(text: string): string {
    return this.#sink.isTTY === true ? fit(text, Math.max(400, 2 * (this.#sink.columns || 80))) : text;
  }
}
