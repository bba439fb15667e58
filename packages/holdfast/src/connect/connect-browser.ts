import type { Frame, Link } from "@holdfast/core";
import { websocket, type WebSocketOptions } from "@holdfast/websocket";
import { openLink, type OpenOptions, type Spoken, type Where } from "./open-link.ts";

/** How `connect()` dials, watches and waits. Nothing is needed; what a `Link` can be told works here too. */
export interface ConnectOptions extends OpenOptions {
  /** For `ws:` and `wss:` endpoints. */
  readonly websocket?: WebSocketOptions;
}

/**
 * `connect()` for browsers and workers: as on Node, over WebSocket alone. A page cannot send WebSocket pings, so plain messages run
 * without a heartbeat here, and `connect()` warns once: `json({ ping, pong })` and `framed()` have pings of their own.
 *
 * Throws an `OptionError` for what cannot work. Nothing later throws or rejects unasked: `ready()`, `closed` and the events tell.
 */
export function connect<Out, In>(endpoints: Where, options: ConnectOptions & Spoken<Out, In>): Link<Out, In>;
export function connect(endpoints: Where, options?: ConnectOptions): Link<Frame, Frame>;
export function connect(endpoints: Where, options: ConnectOptions & Partial<Spoken<unknown, unknown>> = {}): unknown {
  return openLink(endpoints, options, [websocket(options.websocket)]);
}
