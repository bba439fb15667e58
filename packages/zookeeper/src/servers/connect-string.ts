import { OptionError, parseEndpoint } from "@holdfast/core";
import { checkPath } from "../records/root.ts";

export interface Servers {
  /** `host:port`, IPv6 in brackets and in its usual spelling, in the order written. */
  readonly addresses: readonly string[];
  /** `/` where there is none. */
  readonly chroot: string;
}

const defaultPort = 2181;

/**
 * Reads `host1:port1,host2:port2,[v6]:port3/chroot` as ZooKeeper's own client does (`ConnectStringParser`): the port is 2181 where
 * none is written, the first `/` begins the chroot. Throws an `OptionError` for what cannot be dialled.
 */
export function parseConnectString(text: string): Servers {
  if (typeof text !== "string" || text.trim() === "") throw new OptionError("servers", "host1:port1,host2:port2/chroot", text);
  const slash = text.indexOf("/");
  const chroot = slash < 0 ? "/" : text.slice(slash).trim();
  checkPath(chroot, "the chroot of servers");
  const list = slash < 0 ? text : text.slice(0, slash);
  return { addresses: parseAddresses(list.split(",")), chroot };
}

/** Throws an `OptionError` for the first that is no address, and for none at all. Doubles count once. */
export function parseAddresses(list: readonly string[]): readonly string[] {
  const addresses = list.map((one) => one.trim()).filter((one) => one !== "").map(address);
  if (addresses.length === 0) throw new OptionError("servers", "at least one host:port", list.join(","));
  return [...new Set(addresses)];
}

/** As the link will call the server: what it says of a server is looked up in the list. */
function address(text: string): string {
  const match = /^(\[[\da-fA-F:.]+\]|[^\s[\]:;@/?#,]+)(?::(\d*))?$/.exec(text);
  const port = match?.[2] === undefined || match[2] === "" ? defaultPort : Number(match[2]);
  if (port < 1 || port > 65_535) throw new OptionError("servers", "a list of host:port with ports from 1 to 65535", text);
  try {
    if (match !== null) return parseEndpoint(`${scheme}${match[1]}:${port}`).label.slice(scheme.length);
  } catch { /* As any other that cannot be dialled. */ }
  throw new OptionError("servers", "written host:port, with an IPv6 address in brackets: [::1]:2181", text);
}

const scheme = "tcp://";
