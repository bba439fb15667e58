import { OptionError } from "../errors/option-error.ts";
import type { Endpoint, EndpointEntry } from "../ports/endpoint.ts";

/** `scheme:` in front of a member. A colon followed by digits only is a port, so `localhost:3000` has none. */
const schemed = /^([a-z][a-z0-9+.-]*):(?!\d+(?:[/?#]|$))/i;

/** The scheme a member is written with, in lower case; undefined for a bare `host:port`. */
export function schemeOf(text: string): string | undefined {
  return schemed.exec(text)?.[1]?.toLowerCase();
}

/**
 * Reads one URI. Understands `scheme://host:port/path?query`, IPv6 in brackets, userinfo, and schemes without a host
 * (`unix:/run/app.sock`, `stdio:worker`).
 *
 * Throws an `OptionError` that shows the URI without its secrets.
 */
export function parseEndpoint(entry: EndpointEntry, option = "endpoints"): Endpoint {
  const { uri, ...given } = typeof entry === "string" ? { uri: entry } : entry;
  const options = typeof entry === "string" ? none : given;
  if (typeof uri !== "string" || uri.trim() === "") throw new OptionError(option, "a URI such as 'tcp://10.0.0.1:7000'", uri);
  const text = uri.trim();
  const scheme = schemeOf(text);
  if (scheme === undefined) throw new OptionError(option, "a URI with a scheme, such as 'tcp://10.0.0.1:7000'", redact(text));
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return new Address(text, scheme, "", 0, text.slice(scheme.length + 1), "", options);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OptionError(option, "a URI such as 'tcp://10.0.0.1:7000' with a port from 1 to 65535", redact(text));
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Address(text, scheme, host, portOf(url), decode(url.pathname), url.search, options);
}

const none: Readonly<Record<string, unknown>> = {};

/**
 * What may be shown of a URI as somebody wrote it, well or badly: no userinfo, no query. A password that nobody encoded may hold
 * an `@`, a `/` or a `?`, so an `@` behind a host is part of the path, and any other one is taken for the end of userinfo.
 */
export function redact(text: string): string {
  const [head = ""] = /^(?:failover:(?:\/\/)?\()?(?:[a-z][a-z\d+.-]*:\/\/)?/i.exec(text) ?? [];
  const rest = text.slice(head.length);
  const [body = ""] = /^[^?#]*/.exec(rest) ?? [];
  const query = body === rest ? "" : "?…";
  const more = rest.indexOf("@", body.length) >= 0;
  if (body.includes("@")) {
    if (more) return `${head}…`;
    const inPath = /^([^:/,@]*(:\d+)?|[a-z][a-z\d+.-]*:)\/[^,]*$/i.test(body);
    return head + (inPath ? body : body.replace(/^([a-z][a-z\d+.-]*:)?.*@/is, head === "" ? "$1" : "")) + query;
  }
  // What stands for a port and is none may be a password, cut off by a comma or a question mark.
  return head + (head === "" && !more ? body : body.replace(/^([^:/[\]]*):(?!\d+([/,)]|$)).*/s, "$1:…")) + query;
}

const wellKnown: Record<string, number> = { "ws:": 80, "wss:": 443, "http:": 80, "https:": 443 };

function portOf(url: URL): number {
  return url.port === "" ? (wellKnown[url.protocol] ?? 0) : Number(url.port);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Private fields and getters keep the URI out of `inspect`, `JSON.stringify` and spread copies. */
class Address implements Endpoint {
  readonly #uri: string;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;

  constructor(uri: string, scheme: string, host: string, port: number, path: string, search: string, options: Readonly<Record<string, unknown>>) {
    this.#uri = uri;
    this.#options = options;
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
    const where = host.includes(":") ? `[${host}]` : host;
    const authority = host === "" ? "" : `//${where}${port === 0 ? "" : `:${port}`}`;
    // Without an authority there may be userinfo all the same: `user:password@host` looks like one with the scheme `user`.
    const shown = path === "/" ? "" : (host === "" ? path.replace(/^[^/].*@/s, "") : path).replace(/[?#].*$/s, "?…");
    this.label = `${scheme}:${authority}${shown}${search === "" ? "" : "?…"}`;
  }

  get uri(): string {
    return this.#uri;
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.#options;
  }

  toString(): string {
    return this.label;
  }

  toJSON(): string {
    return this.label;
  }
}
