import { OptionError } from "@holdfast/core";
import type { Origins } from "./websocket-options.ts";

/**
 * Whether a page may connect. Browsers let any page open a WebSocket to any server and send its cookies along, so it is the
 * server that must look (RFC 6455, 10.2). `origin` and `host` are the headers of the request.
 */
export function isWelcome(origins: Origins, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || origins === "*") return true;
  if (origins === "same-host") return host !== undefined && sameHost(origin, host);
  return origins.some((welcome) => welcome.toLowerCase() === origin.toLowerCase());
}

/** A default port is written by neither side or by one, so both are read with the scheme of the page. */
function sameHost(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  const asked = page && URL.parse(`${page.protocol}//${host}`);
  return asked !== null && asked.host !== "" && asked.host === page?.host;
}

/** Throws an `OptionError` for an origin that no browser sends: one with a path, a slash at its end, or without a scheme. */
export function checkOrigins(origins: Origins = "same-host"): void {
  if (origins === "same-host" || origins === "*") return;
  if (!Array.isArray(origins)) throw new OptionError("origins", "'same-host', '*' or a list of origins", origins);
  for (const origin of origins as readonly unknown[]) {
    if (typeof origin === "string" && /^(?:null|[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*)$/i.test(origin)) continue;
    throw new OptionError("origins", "a list of origins such as 'https://app.example', without a path", origin);
  }
}
