import { numeric, readArguments, type Command } from "./arguments.ts";
import { commonOptions, commonSettings, type CommonSettings } from "./common-options.ts";
import { UsageError } from "./usage-error.ts";

export const watchCommand: Command = {
  name: "watch",
  operands: "<uri>…",
  summary: "Connects, stays connected, and shows what happens: messages, missed heartbeats, failovers.",
  options: [
    { name: "send", value: "<text>", help: "Send this after every connect. May be given several times." },
    { name: "interactive", short: "i", help: "Send the lines that are typed. Without it, lines are sent if input is not a terminal." },
    { name: "count", value: "<n>", help: "End after n messages." },
    { name: "max-attempts", value: "<n>", help: "Give up after n dials in a row without a lasting connection." },
    ...commonOptions,
  ],
  examples: [
    ["holdfast watch ws://127.0.0.1:8080,ws://127.0.0.1:8081", "Two servers: when one fails, the other takes over."],
    ["holdfast watch tcp://10.0.0.1:7000 --heartbeat lan --protocol framed", "A holdfast server, whose death is noticed within 4 s."],
    ["holdfast watch wss://example.com/feed --protocol json --ping '{\"op\":\"ping\"}' --pong '{\"op\":\"pong\"}'", "A service with pings of its own."],
    ["echo hello | holdfast watch ws://127.0.0.1:8080 --count 1 --json", "One question, one answer, for a script."],
  ],
  details: [
    "Several URIs, or one list with commas, are a failover list. The end of the input does not end the command.",
    "Ctrl-C ends it politely, a second Ctrl-C at once.",
    "Exit codes: 0 ended as asked (Ctrl-C, --count, --for, a closed pipe), 1 gave up or was refused, 2 wrong usage,",
    "130 and 143 ended at once by a second Ctrl-C or SIGTERM.",
  ],
};

export interface WatchSettings extends CommonSettings {
  readonly endpoints: string | readonly string[];
  /** Messages for every fresh connection. */
  readonly greetings: readonly unknown[];
  readonly interactive: boolean;
  /** After so many messages it ends. */
  readonly messages: number;
  readonly maxAttempts: number;
}

/** Throws a `UsageError` that says what to write instead. */
export function watchSettings(given: readonly string[]): WatchSettings {
  const read = readArguments(watchCommand, given);
  const [first] = read.operands;
  if (first === undefined) throw new UsageError("watch needs to know where to connect: holdfast watch ws://127.0.0.1:8080");
  const common = commonSettings(read);
  return {
    ...common,
    // One operand may be a list or a failover: URI; several are a list.
    endpoints: read.operands.length === 1 ? first : read.operands,
    greetings: read.values("send").map((text) => common.speech.encode(text)),
    interactive: read.has("interactive"),
    messages: numeric(read, "count", { least: 1, whole: true }) ?? Infinity,
    maxAttempts: numeric(read, "max-attempts", { least: 1, whole: true }) ?? Infinity,
  };
}
