import { OptionError } from "../errors/option-error.ts";
import type { Millis } from "../ports/clock.ts";
import type { Terms } from "../ports/protocol.ts";

export type HeartbeatPreset = "wan" | "lan" | "mobile";

/** How a silent peer is found. All values in ms. */
export interface HeartbeatOptions {
  /** Where the other values start from. @default 'wan' */
  readonly preset?: HeartbeatPreset;
  /**
   * `round-trip`: we ask, the peer answers; only an answer proves that both directions work.
   * `one-way`: both sides beat by themselves and nobody answers (Jupiter, STOMP, ActiveMQ). It cannot notice that only our
   * outgoing direction is dead; the peer has to. @default 'round-trip'
   */
  readonly mode?: "round-trip" | "one-way";
  /** A ping is due this long after the last proof of the round trip. More than 0. @default 5000 (`wan`) */
  readonly interval?: Millis;
  /** How long one ping waits for its answer. A measured round trip may raise it, to twice the value at most. @default 5000 (`wan`) */
  readonly timeout?: Millis;
  /** Consecutive unanswered pings after which the peer is gone. 1: the first silence is fatal. Does not limit reconnecting. @default 3 */
  readonly maxMisses?: number;
  /** `suspected` is reported when an answer is overdue by SRTT + 4 × RTTVAR + this margin. Does not end the channel. @default 1000 (`wan`) */
  readonly suspectMargin?: Millis;
  /** The peer must hear something from us at least this often (its reader-idle timer). @default Infinity, in one-way mode `interval` */
  readonly sendWithin?: Millis;
  /** One-way mode only: we must hear something at least this often; `maxMisses` such silences in a row end the channel. `Infinity` never judges. @default 2 × `interval` */
  readonly hearWithin?: Millis;
  /** True: on a channel where nobody can ping there is no heartbeat, instead of an `OptionError` at construction. @default false */
  readonly optional?: boolean;
}

/** Complete values; what the pulse machine reads. */
export interface Heartbeat {
  readonly mode: "round-trip" | "one-way";
  readonly interval: Millis;
  readonly timeout: Millis;
  readonly maxMisses: number;
  readonly suspectMargin: Millis;
  readonly sendWithin: Millis;
  readonly hearWithin: Millis;
}

interface Preset { readonly interval: Millis; readonly timeout: Millis; readonly maxMisses: number; readonly suspectMargin: Millis }

/** The one table of presets. `wan` and `mobile` ride out stalls of 15 and 20 s; `lan` trades that for speed. */
export const heartbeatPresets: Readonly<Record<HeartbeatPreset, Preset>> = {
  wan: { interval: 5_000, timeout: 5_000, maxMisses: 3, suspectMargin: 1_000 },
  lan: { interval: 1_000, timeout: 1_000, maxMisses: 3, suspectMargin: 250 },
  mobile: { interval: 20_000, timeout: 10_000, maxMisses: 2, suspectMargin: 3_000 },
};

const plain = new Map<string, Heartbeat>();

/** Fills in the defaults. A preset as it is gives the same object each time: thousands of links share it. Throws an `OptionError` naming the first value that is out of range. */
export function resolveHeartbeat(given: HeartbeatOptions | HeartbeatPreset = "wan", option = "heartbeat"): Heartbeat {
  if (typeof given !== "string") return complete(given, option);
  const known = plain.get(given) ?? complete({ preset: given }, option);
  plain.set(given, known);
  return known;
}

function complete(options: HeartbeatOptions, option: string): Heartbeat {
  const preset = heartbeatPresets[options.preset ?? "wan"];
  if (preset === undefined) throw new OptionError(`${option}.preset`, "'wan', 'lan' or 'mobile'", options.preset);
  const mode = options.mode ?? "round-trip";
  if (mode !== "round-trip" && mode !== "one-way") throw new OptionError(`${option}.mode`, "'round-trip' or 'one-way'", mode);
  const interval = options.interval ?? preset.interval;
  const heartbeat: Heartbeat = {
    mode,
    interval,
    timeout: options.timeout ?? preset.timeout,
    maxMisses: options.maxMisses ?? preset.maxMisses,
    suspectMargin: options.suspectMargin ?? preset.suspectMargin,
    sendWithin: options.sendWithin ?? (mode === "one-way" ? interval : Infinity),
    hearWithin: options.hearWithin ?? (mode === "one-way" ? 2 * interval : Infinity),
  };
  for (const name of ["interval", "timeout", "suspectMargin"] as const) requirePositive(`${option}.${name}`, heartbeat[name], false);
  for (const name of ["sendWithin", "hearWithin"] as const) requirePositive(`${option}.${name}`, heartbeat[name], true);
  if (!Number.isInteger(heartbeat.maxMisses) || heartbeat.maxMisses < 1) throw new OptionError(`${option}.maxMisses`, "an integer of at least 1", heartbeat.maxMisses);
  return heartbeat;
}

function requirePositive(option: string, value: Millis, endless: boolean): void {
  if (typeof value === "number" && value > 0 && (value < Infinity || endless)) return;
  throw new OptionError(option, `a number of milliseconds greater than 0${endless ? " (Infinity: never)" : ""}`, value);
}

/** What the greeting agreed on wins over our own values on that channel. */
export function applyTerms(heartbeat: Heartbeat, terms: Terms): Heartbeat {
  const maxMisses = terms.maxMisses ?? heartbeat.maxMisses;
  if (terms.answered === false) {
    return { ...heartbeat, mode: "one-way", maxMisses, sendWithin: terms.sendWithin ?? Infinity, hearWithin: terms.hearWithin ?? Infinity };
  }
  const { hearWithin: interval = heartbeat.interval, answerWithin: timeout = heartbeat.timeout, sendWithin = heartbeat.sendWithin } = terms;
  return { ...heartbeat, maxMisses, interval, timeout, sendWithin };
}

/**
 * The longest time in ms from the last proof of the round trip until a dead peer is declared gone.
 *
 * `silent` (nothing arrives any more): interval + maxMisses × timeout. `talking` (data still arrives, but nothing gets out):
 * interval + 2 × maxMisses × timeout. One-way mode: maxMisses × hearWithin after the last frame, and never (`Infinity`) for a talking peer.
 */
export function detectionBound(heartbeat: Heartbeat, peer: "silent" | "talking" = "silent", timeout: Millis = heartbeat.timeout): Millis {
  if (heartbeat.mode === "one-way") return peer === "talking" ? Infinity : heartbeat.maxMisses * heartbeat.hearWithin;
  return heartbeat.interval + (peer === "talking" ? 2 : 1) * heartbeat.maxMisses * timeout;
}
