import { systemClock, type Millis } from "@holdfast/core";
import { lines } from "@holdfast/core/framing";
import type { Readable } from "node:stream";
import { UsageError } from "./usage-error.ts";

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
export type Interrupt = keyof typeof signals;

/** Whoever presses Ctrl-C under `npm run` sends two signals: the terminal's own, and the one npm passes on. */
const echo: Millis = 500;

/**
 * Ctrl-C and SIGTERM: the first one asks, a later one ends the process at once, with the exit code a shell expects. Returns a
 * function that gives the signals back.
 */
export function onInterrupt(ask: (signal: Interrupt) => void): () => void {
  let askedAt: Millis | undefined;
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const listener = (): void => {
      const now = systemClock.now();
      if (askedAt !== undefined && now > askedAt + echo) process.exit(signals[signal]);
      if (askedAt !== undefined) return;
      askedAt = now;
      ask(signal);
    };
    process.on(signal, listener);
    return () => { process.off(signal, listener); };
  });
  return () => { for (const stop of listeners) stop(); };
}

/**
 * An output that nobody reads any more (`holdfast watch … | head -1`) is not an error but the end, and `onReaderGone` hears of it.
 * One that cannot be written for another reason, such as a full disk, ends the process with exit code 1.
 */
export function guardOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || process.stdout.destroyed) return;
    process.stderr.write(`holdfast: the output cannot be written: ${error.message}\n`);
    process.exit(1);
  });
  // Who closed our standard error does not want to hear of it.
  process.stderr.on("error", () => {});
}

/** Calls `gone` when nobody reads our output any more. */
export function onReaderGone(gone: () => void): void {
  process.stdout.once("error", gone);
}

const longestLine = 2 ** 20;

/** The lines of standard input, one by one: the next one is read when the last one was dealt with. Ends when `signal` aborts. */
export async function* inputLines(input: Readable, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const framer = lines().start(longestLine);
  const decoder = new TextDecoder();
  let ended = true;
  const stop = (): void => { input.destroy(); };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      ended = chunk.at(-1) === 0x0a;
      yield* cut(chunk);
    }
    if (!ended) yield* cut(Uint8Array.of(0x0a));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }

  function cut(chunk: Uint8Array): readonly string[] {
    const found: string[] = [];
    try {
      framer.push(chunk, (line) => { found.push(decoder.decode(line)); });
    } catch {
      throw new UsageError(`a line of the input is longer than ${longestLine} bytes: send it in pieces`);
    }
    return found;
  }
}
