import { OptionError } from "../errors/option-error.ts";
import type { ExponentialOptions } from "../policy/backoff.ts";

/** What the options of a `failover:` URI mean here. */
export interface FailoverQuery {
  readonly shuffle?: boolean;
  readonly backoff?: ExponentialOptions;
}

/** What ActiveMQ calls the options of `exponential()`. */
const waits = { initialReconnectDelay: "initial", maxReconnectDelay: "max", reconnectDelayExponent: "factor" } as const;
const known = ["randomize", ...Object.keys(waits), "useExponentialBackOff"];

/** Reads the options by ActiveMQ's names. An unknown name or an impossible value is an `OptionError`. */
export function readQuery(query: Readonly<Record<string, string>>): FailoverQuery {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OptionError(`endpoints: ?${unknown}`, `one of ${known.join(", ")}`, unknown);
  const backoff: { initial?: number; max?: number; factor?: number } = {};
  for (const [name, option] of Object.entries(waits)) if (name in query) backoff[option] = number(query, name);
  if (flag(query, "useExponentialBackOff") === false) backoff.factor = 1;
  const shuffle = flag(query, "randomize");
  return { ...(shuffle !== undefined && { shuffle }), ...(Object.keys(backoff).length > 0 && { backoff }) };
}

function number(query: Readonly<Record<string, string>>, name: string): number {
  const text = query[name] ?? "";
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < 0) throw new OptionError(`endpoints: ?${name}`, "a number of at least 0", text);
  return value;
}

function flag(query: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  if (text !== "true" && text !== "false") throw new OptionError(`endpoints: ?${name}`, "true or false", text);
  return text === "true";
}
