import type { Millis } from "@holdfast/core";
import { numeric, readArguments, type Command } from "./arguments.ts";
import { commonOptions, commonSettings, type CommonSettings } from "./common-options.ts";
import { UsageError } from "./usage-error.ts";

export const serveCommand: Command = {
  name: "serve",
  operands: "<uri>…",
  summary: "Listens, sends every message back, and shows how peers come, fall silent, go and return.",
  options: [
    { name: "broadcast", help: "Send a message to all other peers instead of back to its sender." },
    { name: "identify", help: "The first message of a peer is its name, by which it is recognised when it returns." },
    { name: "drain", value: "<seconds>", help: "On SIGTERM, how long peers may take to move elsewhere. Default 5." },
    ...commonOptions,
  ],
  examples: [
    ["holdfast serve ws://127.0.0.1:8080", "An echo server for WebSocket clients of any make."],
    ["holdfast serve tcp://127.0.0.1:7000 ws://127.0.0.1:7001 --broadcast", "A chat room with two doors: lines over TCP, messages over WebSocket."],
    ["holdfast serve tcp://127.0.0.1:7000 --protocol framed --heartbeat lan", "For holdfast clients: dead ones are noticed within 4 s."],
    ["holdfast serve ws://127.0.0.1:8080 --identify", "Names: `holdfast watch ws://127.0.0.1:8080 --send anna` is anna, each time."],
  ],
  details: [
    "Port 0 takes a free port and shows which. 0.0.0.0 instead of 127.0.0.1 lets other machines in.",
    "SIGTERM asks the peers to move elsewhere, waits, and ends. Ctrl-C says goodbye and ends. A second one ends at once.",
    "Exit codes: 0 ended as asked, 1 the address cannot be had, 2 wrong usage, 130 and 143 ended at once.",
  ],
};

export interface ServeSettings extends CommonSettings {
  readonly uris: readonly string[];
  readonly broadcast: boolean;
  readonly identify: boolean;
  readonly drainWithin: Millis;
}

/** Throws a `UsageError` that says what to write instead. */
export function serveSettings(given: readonly string[]): ServeSettings {
  const read = readArguments(serveCommand, given);
  if (read.operands.length === 0) throw new UsageError("serve needs to know where to listen: holdfast serve ws://127.0.0.1:8080");
  return {
    ...commonSettings(read),
    uris: read.operands,
    broadcast: read.has("broadcast"),
    identify: read.has("identify"),
    drainWithin: 1_000 * (numeric(read, "drain", { least: 0, whole: false }) ?? 5),
  };
}
