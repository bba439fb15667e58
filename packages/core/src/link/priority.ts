import { resolveEntries } from "../endpoint/list.ts";
import { OptionError } from "../errors/option-error.ts";
import { atLeast, moreThanZero } from "../policy/bounds.ts";
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Transport } from "../ports/channel.ts";
import type { Millis } from "../ports/clock.ts";
import type { Endpoint, EndpointSource } from "../ports/endpoint.ts";

/** Where a link would rather be, and what it takes to go back there. */
export interface PriorityOptions {
  /** The primaries: members of the list, by URI. They are dialled first, whatever `shuffle` says. @default the first of the list as it was written */
  readonly endpoints?: readonly string[];
  /** So many signs of life in a row. At least 1. @default 3 */
  readonly probes?: number;
  /** The time over which they are spread, in ms. A primary that flaps faster than this is never returned to. @default 10000 */
  readonly within?: Millis;
}

/** Throws an `OptionError` for a primary that is not in the list, for a source without named ones, and where a link cannot move. */
export function resolvePriority(given: PriorityOptions | undefined, { endpoints, source }: { readonly endpoints: readonly Endpoint[]; readonly source: EndpointSource | undefined }, transports: readonly Transport[], movable: boolean): LinkPolicy["priority"] {
  if (given === undefined) return undefined;
  if (!movable) throw new OptionError("priority", "left out here, because the protocol allows no second channel, and a link that cannot move cannot return");
  const known = endpoints.map(({ label }) => label);
  if (given.endpoints === undefined && source) throw new OptionError("priority.endpoints", "given where the endpoints come from a source");
  const primaries = given.endpoints === undefined ? known.slice(0, 1) : resolveEntries(given.endpoints, transports, "priority.endpoints").map(({ label }) => label);
  const stranger = source ? undefined : primaries.find((label) => !known.includes(label));
  if (stranger !== undefined) throw new OptionError("priority.endpoints", "members of the list of endpoints", stranger);
  return { endpoints: primaries, probes: atLeast("priority.probes", given.probes ?? 3, 1), within: moreThanZero("priority.within", given.within ?? 10_000) };
}

/** Primaries first. */
export function inOrder(endpoints: readonly Endpoint[], priority: LinkPolicy["priority"]): readonly Endpoint[] {
  if (priority === undefined) return endpoints;
  const isPrimary = ({ label }: Endpoint): boolean => priority.endpoints.includes(label);
  return [...endpoints.filter(isPrimary), ...endpoints.filter((endpoint) => !isPrimary(endpoint))];
}
