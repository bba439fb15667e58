import { readArguments, type Command } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

export const endpointsCommand: Command = {
  name: "endpoints",
  operands: "<uri>",
  summary: "Explains a failover: URI: what would be dialled, and what each option says. Dials nothing.",
  options: [
    { name: "json", help: "One JSON object instead of a table." },
    { name: "show-secrets", help: "Show user names, passwords and all options of the members." },
    { name: "help", short: "h", help: "Show this." },
  ],
  examples: [
    ["holdfast endpoints 'failover:(tcp://10.0.0.1:7000,tcp://10.0.0.2:7000)?randomize=false'", "Two members, dialled in this order."],
    ["holdfast endpoints 'failover:(ws://a/feed,ws://b/feed)?nested.token=x' --json --show-secrets", "For a program that dials them."],
  ],
  details: [
    "Options that the URI does not give are shown with ActiveMQ's defaults, which are not always ours:",
    "docs/reference/failover-uri.md has both.",
    "Userinfo, and options that may be secret, are shown as … unless --show-secrets is given.",
    "Exit codes: 0 understood, 2 refused or wrong usage.",
  ],
};

export interface EndpointsSettings {
  readonly uri: string;
  readonly json: boolean;
  readonly showSecrets: boolean;
}

/** Throws a `UsageError` that says what to write instead. */
export function endpointsSettings(given: readonly string[]): EndpointsSettings {
  const read = readArguments(endpointsCommand, given);
  const [uri, ...more] = read.operands;
  if (uri === undefined) throw new UsageError("endpoints needs a list to explain: holdfast endpoints 'failover:(tcp://10.0.0.1:7000,tcp://10.0.0.2:7000)'");
  if (more.length > 0) throw new UsageError("endpoints explains one list: put it in quotes, for a shell takes parentheses, & and ? for its own");
  return { uri, json: read.has("json"), showSecrets: read.has("show-secrets") };
}
