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

/** Where the whole grammar is: a page that dials plain lists does not download it. */
export const elsewhere = "withFailover() of @holdfast/core/failover reads all that ActiveMQ does";

/**
 * Reads the options that need no room of their own, by ActiveMQ's names, as `withFailover` does. An unknown name or an impossible
 * value is an `OptionError`.
 */
export function readQuery(query: Readonly<Record<string, string>>): FailoverQuery {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OptionError(`endpoints: ?${unknown}`, `one of ${known.join(", ")} here (${elsewhere})`);
  const backoff: { initial?: number; max?: number; factor?: number } = {};
  for (const [name, option] of Object.entries(waits)) if (name in query) backoff[option] = number(query, name);
  if (flag(query, "useExponentialBackOff") === false) backoff.factor = 1;
  const shuffle = flag(query, "randomize");
  return { ...(shuffle !== undefined && { shuffle }), ...(Object.keys(backoff).length > 0 && { backoff }) };
}

/** Throws an `OptionError` for an option that is given in the URI and in code: one of them would be ignored. */
export function checkOnce(name: string, inUri: unknown, sets: string, inCode: unknown): void {
  if (inUri !== undefined && inCode !== undefined) throw new OptionError(`endpoints: ?${name}`, `given once: here, or in code as \`${sets}\``);
}

function number(query: Readonly<Record<string, string>>, name: string): number {
  const text = query[name] ?? "";
  if (!/^\d{1,15}(\.\d+)?$/.test(text)) throw new OptionError(`endpoints: ?${name}`, "a number of at least 0", text);
  return Number(text);
}

function flag(query: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const text = query[name]?.toLowerCase();
  if (text !== undefined && text !== "true" && text !== "false") throw new OptionError(`endpoints: ?${name}`, "true or false", text);
  return text === undefined ? undefined : text === "true";
}
