import type { Clock, Millis, Random } from "@holdfast/core";
import type { Direction, Directions } from "./direction.ts";
import type { FaultRecord, ProxyCounters } from "./ledger.ts";
import type { ProxiedConnection } from "./proxied-connection.ts";

export interface FaultProxyOptions {
  /** Where the connections go: a TCP server, or the path of a Unix socket. */
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string };
  /** The port on 127.0.0.1 to listen on; 0 is any. @default 0 */
  readonly port?: number;
  /** More connections than this at a time are reset at once. @default 1_024 */
  readonly maxConnections?: number;
  /** Bytes that may wait in one direction of one connection; above, the sender is not read, so nothing is lost. @default 1_048_576 */
  readonly maxBuffer?: number;
  /** @default the clock of the machine */
  readonly clock?: Clock;
  /** Decides jitter. @default Math.random */
  readonly random?: Random;
}

/** A proxy that was opened by `faultProxy`. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  /** Stays the same while the proxy refuses. */
  readonly port: number;
  /** Where clients dial: `proxy.uri('ws')` is `ws://127.0.0.1:…`. @default 'tcp' */
  uri(scheme?: string): string;
  /** Those that are alive, oldest first. */
  readonly connections: readonly ProxiedConnection[];
  readonly counters: ProxyCounters;
  /** What was injected and when, oldest first; the latest 1 000. */
  readonly faults: readonly FaultRecord[];

  /**
   * All faults off: listens again, delivers what was held. Connections that lost bytes stay as they are, for what follows a gap in
   * a stream means nothing; `reset()` ends them.
   */
  pass(): Promise<void>;
  /** A connect gets ECONNREFUSED. Living connections go on. */
  refuse(): Promise<void>;
  /** New connections are accepted and get no answer, ever; the target hears nothing of them. Living connections go on. */
  silence(): void;
  /** Every chunk takes `delay` ms longer, and up to `jitter` ms more. Order is kept. */
  latency(options: { readonly delay: Millis; readonly jitter?: Millis; readonly direction?: Directions }): void;
  /** No more than so many bytes a second, for each connection. */
  bandwidth(options: { readonly bytesPerSecond: number; readonly direction?: Directions }): void;
  /** Writes at most `bytes` at once and waits `every` ms before the next piece; 0: a turn of the event loop, so that the pieces are read one by one. */
  slice(options: { readonly bytes: number; readonly every?: Millis; readonly direction?: Directions }): void;
  /** Keeps bytes, and the end of the stream, until `release` or `pass`. Nothing is lost. */
  hold(direction?: Directions): void;
  release(direction?: Directions): void;
  /**
   * Bytes, FIN and RST vanish, the sockets stay open: what a dead route looks like. A close by one side does not reach the other.
   * `outward`: what clients send vanishes. `inward`: what the server sends.
   */
  blackHole(direction?: Directions): void;
  /** Cuts each connection when `bytes` of its bytes have passed in that direction, counted from its beginning: by RST, or by FIN to both sides. @default by: "reset" */
  cutAfter(options: { readonly bytes: number; readonly direction: Direction; readonly by?: "reset" | "end" }): void;
  /** Resets (RST) all living connections, on both sides. One alone: `connections[0].reset()`. */
  reset(): void;
  /** Ends one direction (FIN) of all living connections. */
  halfClose(direction: Direction): void;
  /** Ends everything. Resolves when no socket is left. */
  close(): Promise<void>;
}
