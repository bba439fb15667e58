import type { Frame, Link } from "@holdfast/core";
import { withFailover, type Accept } from "@holdfast/core/failover";
import { tcp, type TcpOptions } from "@holdfast/tcp";
import { websocket, type WebSocketOptions } from "@holdfast/websocket";
import { readFile } from "./read-file.ts";
import { openLink, type OpenOptions, type Spoken, type Where } from "./open-link.ts";

/** How `connect()` dials, watches and waits. Nothing is needed; what a `Link` can be told works here too. */
export interface ConnectOptions extends OpenOptions {
  /** For `tcp:`, `tls:` and `unix:` endpoints. */
  readonly tcp?: TcpOptions;
  /** For `ws:` and `wss:` endpoints. */
  readonly websocket?: WebSocketOptions;
  /**
   * Which endpoints may be dialled that others name: those at the `updateURIsURL` of a `failover:` URI, and those where a peer wants us to
   * go. `{}`: hosts, schemes and ports of the list. @default none is
   */
  readonly accept?: Accept;
}

/**
 * A connection that stays: a `Link` over TCP or WebSocket that dials at once, redials in the background for as long as it takes, and
 * goes down the list when an endpoint fails. Endpoints need a scheme (`tcp`, `tls`, `unix`, `ws`, `wss`).
 *
 * Messages are plain unless `protocol` says otherwise, so the peer need not know holdfast. Where nobody can ping (plain lines over
 * TCP) it runs without a heartbeat and warns once; a `heartbeat` that is asked for is kept or refused, never dropped.
 *
 * Throws an `OptionError` for what cannot work. Nothing later throws or rejects unasked: `ready()`, `closed` and the events tell.
 */
export function connect<Out, In>(endpoints: Where, options: ConnectOptions & Spoken<Out, In>): Link<Out, In>;
export function connect(endpoints: Where, options?: ConnectOptions): Link<Frame, Frame>;
export function connect(endpoints: Where, options: ConnectOptions & Partial<Spoken<unknown, unknown>> = {}): unknown {
  return openLink(endpoints, options, [tcp(options.tcp), websocket(options.websocket)], (given) => withFailover({ ...given, ...(options.accept && { accept: options.accept }), readText: readFile }));
}
