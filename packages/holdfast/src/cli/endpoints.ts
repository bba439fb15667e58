import { isHoldfastError } from "@holdfast/core";
import { dialled, failoverDefaults, isBeyondUs, needsAccept, parseFailover, printMember, type FailoverUri, type Member } from "@holdfast/core/failover";
import { discreet, discreetPairs } from "./discretion.ts";
import type { EndpointsSettings } from "./endpoints-options.ts";
import { printable } from "./printable.ts";

/** What a list says, for both readers. */
interface Explanation {
  readonly dial: readonly string[];
  /** By ActiveMQ's names, complete. */
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  /** What is to be said of an option besides, by its name. */
  readonly remarks: ReadonlyMap<string, string>;
}

/** Explains a list to `write`. Resolves with the exit code; as text, what is wrong with the list is thrown as an `OptionError`. */
export function endpoints({ uri, json, showSecrets }: EndpointsSettings, write: (text: string) => void): number {
  try {
    const explanation = explain(parseFailover(uri), showSecrets);
    write(json ? `${JSON.stringify({ ok: true, dial: explanation.dial, options: explanation.options })}\n` : table(explanation));
    return 0;
  } catch (error) {
    if (!json || !isHoldfastError(error)) throw error;
    write(`${JSON.stringify({ ok: false, code: error.code, error: error.message })}\n`);
    return 2;
  }
}

function explain(uri: FailoverUri, showSecrets: boolean): Explanation {
  const show = (member: Member): string => printMember(showSecrets ? member : discreet(member)).replaceAll("%E2%80%A6", "…");
  const showList = (list: string | null | undefined): string | null => typeof list === "string" ? list.split(",").map(show).join(",") : null;
  const { updateURIsURL, priorityURIs } = uri.options;
  const nested = Array.from(showSecrets ? uri.nested : discreetPairs(uri.nested), ([name, value]) => [`nested.${name}`, value ?? null] as const);
  return {
    dial: dialled(uri).map(show),
    options: { ...failoverDefaults, ...uri.options, priorityURIs: showList(priorityURIs), updateURIsURL: updateURIsURL ? show(updateURIsURL) : null, ...Object.fromEntries(nested) },
    remarks: remarks(uri.options),
  };
}

function remarks(given: FailoverUri["options"]): ReadonlyMap<string, string> {
  const names = Object.keys(failoverDefaults) as (keyof FailoverUri["options"])[]; // Its own keys.
  return new Map(names.map((name) => [name, name in given ? remark(name, given[name]) : "ActiveMQ's default"]));
}

function remark(name: keyof FailoverUri["options"], value: unknown): string {
  if (isBeyondUs(name, value)) return "not supported by links yet";
  return needsAccept(name, value) ? "together with `accept` in code" : "";
}

function table({ dial, options, remarks: more }: Explanation): string {
  const names = Object.keys(options);
  const width = names.reduce((most, name) => Math.max(most, name.length), 0) + 2;
  return [
    "Dialled in this order, or shuffled where randomize is true",
    ...dial.map((member, index) => `  ${String(index + 1).padStart(String(dial.length).length)}  ${printable(member)}`),
    "",
    "Options",
    ...names.map((name) => `  ${printable(name).padEnd(width)}${printable(String(options[name] ?? "-"))}${more.get(name) ? `  (${more.get(name)})` : ""}`),
    "",
  ].join("\n");
}
