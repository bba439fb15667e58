import { OptionError } from "../errors/option-error.ts";
import type { Endpoint, EndpointEntry } from "../ports/endpoint.ts";
import type { Transport } from "../ports/channel.ts";
import { parseEndpoint, redact, schemeOf } from "./parse.ts";
import { elsewhere } from "./query.ts";

/** What a list string says: the members in the order written, and the options of a `failover:` URI. */
export interface EndpointText {
  readonly members: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Reads a list: one URI, `a,b,c`, or a plain `failover:(a,b)?key=value` (also `failover://(…)`). The whole grammar of `failover:` is in
 * `@holdfast/core/failover`; what both read, they read alike.
 */
export function parseList(text: string, option = "endpoints"): EndpointText {
  const trimmed = text.trim();
  if (!/^failover:/i.test(trimmed)) return { members: split(trimmed), query: {} };
  const match = /^failover:(?:\/\/)?\(([^()#]*)\)(?:\?([\w.=&-]*))?$/i.exec(trimmed);
  if (!match) throw new OptionError(option, `written failover:(uri1,uri2)?key=value, with the options after the closing parenthesis (${elsewhere})`, redact(trimmed));
  return { members: split(match[1] ?? ""), query: Object.fromEntries(new URLSearchParams(match[2] ?? "")) };
}

/** Turns entries into endpoints that the given transports can dial, or throws an `OptionError`. Never empty. */
export function resolveEntries(entries: readonly EndpointEntry[], transports: readonly Transport[], option = "endpoints"): readonly Endpoint[] {
  if (entries.length === 0) throw new OptionError(option, "at least one endpoint", "none");
  return entries.map((entry) => {
    const endpoint = parseEndpoint(withScheme(entry, transports, option), option);
    transportFor(endpoint, transports).check?.(endpoint);
    return endpoint;
  });
}

/** The transport that serves the endpoint's scheme; an `OptionError` names the package to add where none does. */
export function transportFor(endpoint: Endpoint, transports: readonly Transport[]): Transport {
  const found = transports.find((transport) => transport.schemes.includes(endpoint.scheme));
  if (found) return found;
  const hint = packages[endpoint.scheme];
  const advice = hint === undefined ? "add the transport that serves it" : `add \`${hint}\``;
  throw new OptionError("transports", `able to dial ${endpoint.label} (no transport for ${endpoint.scheme}: ${advice} to \`transports\`)`, transports.flatMap((transport) => transport.schemes).join(", ") || "none");
}

const packages: Readonly<Record<string, string>> = {
  tcp: "tcp() from @holdfast/tcp", tls: "tcp() from @holdfast/tcp", unix: "tcp() from @holdfast/tcp",
  ws: "websocket() from @holdfast/websocket", wss: "websocket() from @holdfast/websocket",
};

function split(text: string): readonly string[] {
  return text.split(",").map((member) => member.trim());
}

/** A bare `host:port` means the only transport there is. */
function withScheme(entry: EndpointEntry, transports: readonly Transport[], option: string): EndpointEntry {
  const given: Exclude<EndpointEntry, string> = typeof entry === "string" ? { uri: entry } : entry;
  // Not a string where a caller without types says so; parseEndpoint explains.
  const text = typeof given.uri === "string" ? given.uri.trim() : "";
  if (text === "" || schemeOf(text) !== undefined) return entry;
  const written = (scheme: string): EndpointEntry => ({ ...given, uri: `${scheme}://${text}` });
  const only = transports.length === 1 ? transports[0]?.schemes[0] : undefined;
  if (only !== undefined) return written(only);
  const candidates = transports.flatMap((transport) => transport.schemes.flatMap((scheme) => {
    try {
      const endpoint = parseEndpoint(written(scheme));
      transport.check?.(endpoint);
      return endpoint.label;
    } catch {
      return []; // Nothing to suggest: it would be refused.
    }
  }));
  throw new OptionError(option, `a URI with a scheme: one of ${candidates.join(", ") || "those of your transports"}`, redact(text));
}
