import type { HeartbeatPreset, Millis } from "@holdfast/core";
import { choice, jsonValue, numeric, readArguments, type Arguments, type Command, type Option } from "./arguments.ts";
import { protocolNames, speechOf, type Speech } from "./speech.ts";
import { UsageError } from "./usage-error.ts";

/** Options that both ends of a connection understand. */
export const commonOptions: readonly Option[] = [
  { name: "protocol", value: "<name>", help: "What is spoken: text (default), bytes, json, or framed if the peer is holdfast too." },
  { name: "heartbeat", value: "<name>", help: "How soon a silent peer is noticed: wan (20 s), lan (4 s), mobile (40 s), or off." },
  { name: "ping", value: "<json>", help: "With --protocol json: the message that asks the peer for a sign of life." },
  { name: "pong", value: "<json>", help: "With --ping: what the answer contains." },
  { name: "json", help: "One JSON object per line instead of text." },
  { name: "for", value: "<seconds>", help: "End after this time." },
  { name: "help", short: "h", help: "Show this." },
];

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

export interface WatchSettings {
  readonly endpoints: string | readonly string[];
  readonly speech: Speech;
  /** Undefined: as `connect()` does it by itself. */
  readonly heartbeat: HeartbeatPreset | false | undefined;
  /** Messages for every fresh connection. */
  readonly greetings: readonly unknown[];
  readonly interactive: boolean;
  readonly json: boolean;
  readonly messages: number;
  readonly runFor: Millis;
  readonly maxAttempts: number;
}

export function watchSettings(given: readonly string[]): WatchSettings {
  const read = readArguments(watchCommand, given);
  const [first] = read.operands;
  if (first === undefined) throw new UsageError("watch needs to know where to connect: holdfast watch ws://127.0.0.1:8080");
  const speech = readSpeech(read);
  return {
    // One operand may be a list or a failover: URI; several are a list.
    endpoints: read.operands.length === 1 ? first : read.operands,
    speech,
    heartbeat: readHeartbeat(read),
    greetings: read.values("send").map((text) => speech.encode(text)),
    interactive: read.has("interactive"),
    json: read.has("json"),
    messages: numeric(read, "count", { least: 1, whole: true }) ?? Infinity,
    runFor: readRunFor(read),
    maxAttempts: numeric(read, "max-attempts", { least: 1, whole: true }) ?? Infinity,
  };
}

export function readHeartbeat(read: Arguments): HeartbeatPreset | false | undefined {
  const word = choice(read, "heartbeat", ["wan", "lan", "mobile", "off"]);
  return word === "off" ? false : word;
}

export function readRunFor(read: Arguments): Millis {
  return 1_000 * (numeric(read, "for", { least: 0.001, whole: false }) ?? Infinity);
}

export function readSpeech(read: Arguments): Speech {
  const name = choice(read, "protocol", protocolNames) ?? "text";
  if (read.has("ping") !== read.has("pong")) throw new UsageError("--ping and --pong go together: the question, and what its answer contains");
  if (read.has("ping") && name !== "json") throw new UsageError(`--ping and --pong need --protocol json: ${name} has no such messages`);
  return speechOf(name, { ping: jsonValue(read, "ping"), pong: jsonValue(read, "pong") });
}
