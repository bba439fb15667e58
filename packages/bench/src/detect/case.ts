import { framed, text, type Protocol, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";

/** `ws-plain`: bare text, and the pings are control frames of the transport. The others speak `framed()`. */
export const kinds = ["tcp", "ws", "ws-plain"] as const;
export type Kind = (typeof kinds)[number];
/** Who watches: a link watches its server, or a server its peer. */
export const sides = ["link", "peer"] as const;
export type Side = (typeof sides)[number];
/** As the watcher meets it. `mute`: what it says vanishes, while 10 messages a second arrive. `deaf`: what it should hear vanishes, while it says 10 a second. */
export const faults = ["both", "mute", "deaf"] as const;
export type Fault = (typeof faults)[number];

/** One connection that will be black-holed. */
export interface Case { readonly kind: Kind; readonly side: Side; readonly fault: Fault }

/** Between two messages of the direction that lives. */
export const pace = 100;

export type Talk = Protocol<string, string>;

export function protocolOf(kind: Kind): Talk {
  return (kind === "ws-plain" ? text() : framed()) as Talk; // Only strings are sent here.
}

export function transportOf(kind: Kind): Transport {
  return kind === "tcp" ? tcp() : websocket();
}

export function uriOf(kind: Kind, port: number): string {
  return `${kind === "tcp" ? "tcp" : "ws"}://127.0.0.1:${port}`;
}
