import { OptionError, type Endpoint, type Millis } from "@holdfast/core";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { checkCloseCodes, type CloseCodes } from "./close-codes.ts";
import { checkOrigins } from "./origin.ts";
import { checkStatuses } from "./statuses.ts";
import { checkProtocols } from "./subprotocol.ts";
import { checkTls } from "./tls-options.ts";
import type { DialSettings, ListenSettings, Origins, WebSocketOptions } from "./websocket-options.ts";

/** The options of a transport, checked and complete. */
export interface Settings {
  readonly maxFrameBytes: number;
  readonly maxFragments: number;
  readonly closeTimeout: Millis;
  readonly closeCodes: CloseCodes;
  readonly dial: DialSettings;
  readonly server: ListenSettings["server"];
  readonly origins: Origins;
  readonly handshakeTimeout: Millis;
}

const longest = 2 ** 31 - 1; // Of a timer, and of what ws can count: it truncates its limits to 32 bits.

/** Throws an `OptionError` for the first option that is wrong. */
export function settingsOf(options: WebSocketOptions): Settings {
  const maxFrameBytes = whole("maxFrameBytes", options.maxFrameBytes ?? 2 ** 20, 1);
  checkCloseCodes(options.closeCodes);
  checkOrigins(options.origins);
  checkDial(options);
  return {
    maxFrameBytes,
    maxFragments: whole("maxFragments", options.maxFragments ?? Math.max(1024, Math.ceil(maxFrameBytes / 256)), 1),
    closeTimeout: whole("closeTimeout", options.closeTimeout ?? 5_000, 0),
    closeCodes: options.closeCodes ?? {},
    dial: options,
    server: options.server,
    origins: options.origins ?? "same-host",
    handshakeTimeout: whole("handshakeTimeout", options.handshakeTimeout ?? 10_000, 1),
  };
}

/** Throws an `OptionError` where an endpoint wants something of its dial that cannot be had. */
export function checkEndpoint(endpoint: Endpoint): void {
  checkDial(dialSettingsOf(endpoint), `${endpoint.label}: `);
}

/** What an endpoint wants of its dial. */
export function dialSettingsOf(endpoint: Endpoint): DialSettings {
  return endpoint.options as DialSettings; // `checkEndpoint` looked at those keys, and no others are read.
}

/** `where` names the endpoint, if it is one that asks. */
function checkDial(options: DialSettings, where = ""): void {
  const { headers, agent } = options;
  if (headers !== undefined && typeof headers !== "function") checkHeaders(headers, where);
  checkProtocols(options.protocols, where);
  checkStatuses(options.statuses, where);
  if (agent !== undefined && typeof (agent as { addRequest?: unknown }).addRequest !== "function") throw new OptionError(`${where}agent`, "an http.Agent", agent);
  checkTls(options, where);
}

/** Names the header that is wrong and never shows its value. */
function checkHeaders(headers: unknown, where: string): void {
  if (typeof headers !== "object" || headers === null) throw new OptionError(`${where}headers`, "an object, or a function that gives one");
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    try {
      validateHeaderName(name);
      for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, String(one));
    } catch {
      throw new OptionError(`${where}headers`, "made of names and values that HTTP allows", name);
    }
  }
}

function whole(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= longest) return value;
  throw new OptionError(option, `a whole number from ${least} to ${longest}`, value);
}
