import { OptionError } from "../errors/option-error.ts";
import { atLeast } from "../policy/bounds.ts";
import type { Endpoint } from "../ports/endpoint.ts";
import { canonicalHost, isPrivate } from "./addresses.ts";

/** Which endpoints that somebody else names may be dialled. What is left out is as narrow as the list in code. */
export interface AcceptOptions {
  /** @default those of the list in code */
  readonly schemes?: readonly string[];
  /**
   * Names and addresses, `*.example.com` for every name below that one, or `*` for all. A name is worth what its DNS is worth: it may
   * point anywhere, so allow only names that you or people you trust hand out. @default those of the list in code
   */
  readonly hosts?: readonly string[];
  /** @default those of the list in code */
  readonly ports?: readonly number[];
  /** Most endpoints of one such list; what comes after them is ignored. @default 16 */
  readonly max?: number;
  /**
   * Whether `*` includes loopback, link-local, private and reserved addresses. One that is named in `hosts` needs no leave.
   * @default true where the list in code has one itself
   */
  readonly privateRanges?: boolean;
}

/** Or a function, which alone decides. One that throws says no. */
export type Accept = AcceptOptions | ((endpoint: Endpoint) => boolean);

/** Complete. */
export interface Guard {
  readonly max: number;
  accepts(endpoint: Endpoint): boolean;
}

const most = 16;

/** Throws an `OptionError` for a guard that cannot work. `own`: the list in code. */
export function resolveAccept(accept: Accept, own: readonly Endpoint[]): Guard {
  if (typeof accept === "function") return { max: most, accepts: (endpoint) => asked(accept, endpoint) };
  if (typeof accept !== "object" || accept === null) throw new OptionError("accept", "what may be dialled of the endpoints that others name, such as { hosts: ['*.brokers.example'] }, or a function of an endpoint", accept);
  const schemes = listed("schemes", accept.schemes, own.map(({ scheme }) => scheme)).map((scheme) => scheme.toLowerCase());
  const ports = new Set(listed("ports", accept.ports, own.map(({ port }) => port)));
  const patterns = listed("hosts", accept.hosts, own.map(({ host }) => host)).map(readPattern);
  const anywhere = accept.privateRanges ?? own.some(({ host }) => isPrivate(canonicalHost(host) ?? ""));
  return {
    max: atLeast("accept.max", accept.max ?? most, 1),
    accepts({ scheme, host, port }) {
      const known = host === "" ? undefined : canonicalHost(host);
      if (known === undefined || !schemes.includes(scheme) || !ports.has(port)) return false;
      return patterns.some((pattern) => pattern === known || (pattern === "*" ? anywhere || !isPrivate(known) : pattern.startsWith("*.") && known.endsWith(pattern.slice(1))));
    },
  };
}

function asked(accept: (endpoint: Endpoint) => boolean, endpoint: Endpoint): boolean {
  try {
    return accept(endpoint) === true; // A promise is no yes.
  } catch {
    return false; // A guard that fails shuts the gate.
  }
}

function listed<T>(name: string, given: readonly T[] | undefined, own: readonly T[]): readonly T[] {
  if (given === undefined) return own;
  if (Array.isArray(given) && given.length > 0) return given;
  throw new OptionError(`accept.${name}`, "an array that is not empty", given);
}

/** A star in the middle of a name would let `10.0.*` mean `10.0.example.com`, so it stands for whole labels at the front. */
function readPattern(pattern: string): string {
  if (pattern === "*") return pattern;
  const below = typeof pattern === "string" && pattern.startsWith("*.");
  const canonical = typeof pattern !== "string" || pattern === "" ? undefined : canonicalHost((below ? pattern.slice(2) : pattern).replace(/^\[|\]$/g, ""));
  if (canonical === undefined || canonical.includes("*")) throw new OptionError("accept.hosts", "made of names or addresses without a port, '*.' and a name, or '*'", pattern);
  return below ? `*.${canonical}` : canonical;
}
