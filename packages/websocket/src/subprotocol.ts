import { OptionError } from "@holdfast/core";
import type { PerDial } from "./per-dial.ts";

/** The characters of an HTTP token, of which the name of a subprotocol is made (RFC 6455, 4.1). */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/i;

/** As a list, whichever way it was written. */
export function protocolList(protocols: string | readonly string[] | undefined): string[] {
  return protocols === undefined ? [] : typeof protocols === "string" ? [protocols] : [...protocols];
}

/** Throws an `OptionError` for names that cannot be offered. They may carry a token, so they are not shown. */
export function checkProtocols(protocols: PerDial<string | readonly string[]> | undefined, where = ""): void {
  if (typeof protocols === "function") return;
  const list = protocolList(protocols);
  if (list.every((name) => typeof name === "string" && token.test(name)) && new Set(list).size === list.length) return;
  throw new OptionError(`${where}protocols`, "different names without spaces or separators, or a function that gives them");
}
