import type { HeartbeatPreset, Millis } from "@holdfast/core";
import { choice, jsonValue, numeric, type Arguments, type Option } from "./arguments.ts";
import { protocolNames, speechOf, type Speech } from "./speech.ts";
import { UsageError } from "./usage-error.ts";

/** Options that both ends of a connection understand. */
export const commonOptions: readonly Option[] = [
  { name: "protocol", value: "<name>", help: "What is spoken: text (default), bytes, json, or framed if the peer is holdfast too." },
  { name: "heartbeat", value: "<name>", help: "How soon a silent peer is noticed: wan (20 s), lan (4 s), mobile (40 s), or off." },
  { name: "ping", value: "<json>", help: "With --protocol json: the message that asks the peer for a sign of life." },
  { name: "pong", value: "<json>", help: "With --ping: what the answer contains." },
  { name: "json", help: "One JSON object per line instead of text; bytes in base64." },
  { name: "for", value: "<seconds>", help: "End after this time." },
  { name: "help", short: "h", help: "Show this." },
];

export interface CommonSettings {
  readonly speech: Speech;
  /** Undefined: where it is possible, and with a warning where it is not. */
  readonly heartbeat: HeartbeatPreset | false | undefined;
  readonly json: boolean;
  readonly runFor: Millis;
}

/** Throws a `UsageError` for the first value that makes no sense. */
export function commonSettings(read: Arguments): CommonSettings {
  const heartbeat = choice(read, "heartbeat", ["wan", "lan", "mobile", "off"]);
  return {
    speech: readSpeech(read),
    heartbeat: heartbeat === "off" ? false : heartbeat,
    json: read.has("json"),
    runFor: 1_000 * (numeric(read, "for", { least: 0.001, whole: false }) ?? Infinity),
  };
}

function readSpeech(read: Arguments): Speech {
  const name = choice(read, "protocol", protocolNames) ?? "text";
  if (read.has("ping") !== read.has("pong")) throw new UsageError("--ping and --pong go together: the question, and what its answer contains");
  if (read.has("ping") && name !== "json") throw new UsageError(`--ping and --pong need --protocol json: ${name} has no such messages`);
  return speechOf(name, { ping: jsonValue(read, "ping"), pong: jsonValue(read, "pong") });
}
