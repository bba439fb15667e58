import { OptionError, systemClock, type Clock, type Logger, type Millis, type Random } from "@holdfast/core";
import type { TlsOptions } from "@holdfast/tcp";
import type { Data } from "../jute/sink.ts";
import type { Credentials } from "../protocol/packets.ts";
import { Root } from "../records/root.ts";
import { parseAddresses, parseConnectString } from "../servers/connect-string.ts";

/** How a session is kept. Durations in ms. Everything but `servers` has a default. */
export interface ZooKeeperOptions {
  /** `host1:port1,host2:port2/chroot`, or a list of `host:port`. The port is 2181 where none is given; the order is shuffled once. */
  readonly servers: string | readonly string[];
  /** The node to take for `/`, where `servers` is a list. @default '/' */
  readonly chroot?: string;
  /**
   * How long a session may be unheard before the servers end it. They have the last word: 2 to 20 of their ticks unless they are set
   * otherwise. @default 30000
   */
  readonly sessionTimeout?: Millis;
  /** Goes on with the session of a `ticket()`, also one of another process. @default a new session */
  readonly ticket?: string;
  /**
   * With a ticket: where another client turns out to use the session, too, insist ten times as long before it ends with a
   * `SessionContestedError`, so that the other one gives up. @default false
   */
  readonly takeover?: boolean;
  /**
   * When a server says that the session has expired: `fail` closes the client; `renew` begins a new session, sets all watches again and
   * reports the ephemeral nodes that are gone. @default 'fail'
   */
  readonly onExpiry?: "fail" | "renew";
  /**
   * Be content with a server that has no quorum, until one is found that has. Servers must have `readonlymode.enabled` and
   * `localSessionsEnabled`. It helps a client that begins without a quorum: servers of 3.7 or newer give no session back that has known
   * one, so such a client waits. @default false
   */
  readonly readOnly?: boolean;
  /** Whom to authenticate as, on each server anew, before anything else. `{ scheme: 'digest', auth: 'user:password' }`. @default nobody */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Data }[];
  /** Speaks TLS, always verified: what `tcp({ tls })` takes, a client certificate among it. `true`: with the usual authorities. @default false */
  readonly tls?: TlsOptions | boolean;
  /**
   * How a silent server is found. `interval`: a ping is due this long after the last proof of life (@default sessionTimeout / 3, at least
   * 250). `timeout`: how long each ping waits (@default sessionTimeout / 15, at least 250). `maxMisses`: how many may stay unanswered in a
   * row (@default 3). A request without an answer asks for one after sessionTimeout / 12.
   */
  readonly heartbeat?: { readonly interval?: Millis; readonly timeout?: Millis; readonly maxMisses?: number };
  /** Longest time for one dial, the server's greeting included. @default sessionTimeout / 6, from 500 to 5000 */
  readonly dialTimeout?: Millis;
  /**
   * Requests that are made while no server can take them. At most so many, of so many bytes in all, for so long; then they are
   * rejected, and were not sent. @default 65536, 16 MiB, sessionTimeout
   */
  readonly queue?: { readonly maxRequests?: number; readonly maxBytes?: number; readonly ttl?: Millis };
  /** Longest wait for the answer of a request; each may have its own. Does not end the connection. @default Infinity */
  readonly requestTimeout?: Millis;
  /**
   * `safe`: a request that was lost with its connection is made again by itself where doing it twice is as good as once: reads, `sync`,
   * `addWatch`. Each request may say otherwise. @default false
   */
  readonly retry?: "safe" | false;
  /** Longest packet in bytes each way: the servers' `jute.maxbuffer`. @default 1048575 */
  readonly maxPacketBytes?: number;
  /** Receives structured, secret-free records. @default none */
  readonly logger?: Logger | false;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/** Complete values, checked once. */
export interface Settings extends Required<Pick<ZooKeeperOptions, "sessionTimeout" | "takeover" | "onExpiry" | "readOnly" | "heartbeat" | "dialTimeout" | "requestTimeout" | "retry" | "maxPacketBytes" | "clock" | "random">> {
  readonly addresses: readonly string[];
  readonly root: Root;
  readonly ticket: string | undefined;
  readonly auth: readonly Credentials[];
  /** Undefined: plain TCP. */
  readonly tls: TlsOptions | undefined;
  readonly queue: { readonly maxMessages: number; readonly maxBytes: number; readonly ttl: Millis };
  readonly logger: Logger | false | undefined;
}

/** The largest number that fits the protocol. */
const int32 = 0x7fff_ffff;

/** Throws an `OptionError` for the first option that cannot work. */
export function resolveOptions(options: ZooKeeperOptions): Settings {
  const { addresses, chroot } = typeof options.servers === "string" ? parseConnectString(options.servers) : { addresses: parseAddresses(listOf(options.servers)), chroot: options.chroot ?? "/" };
  if (typeof options.servers === "string" && options.chroot !== undefined) throw new OptionError("chroot", "left out where servers is a text: write it there, host:port/chroot", options.chroot);
  const { sessionTimeout = 30_000, requestTimeout = Infinity, maxPacketBytes = 0xf_ffff, onExpiry = "fail", retry = false, queue = {}, heartbeat = {} } = options;
  whole("sessionTimeout", sessionTimeout, 1, int32);
  whole("maxPacketBytes", maxPacketBytes, 1024, int32);
  const dialTimeout = options.dialTimeout ?? Math.min(5_000, Math.max(500, sessionTimeout / 6));
  for (const [option, value] of [["requestTimeout", requestTimeout], ["dialTimeout", dialTimeout], ["queue.ttl", queue.ttl ?? sessionTimeout]] as const) positive(option, value);
  if (onExpiry !== "fail" && onExpiry !== "renew") throw new OptionError("onExpiry", "'fail' or 'renew'", onExpiry);
  checkRetry(retry);
  return {
    addresses, root: new Root(chroot), sessionTimeout, requestTimeout, maxPacketBytes, onExpiry, retry, dialTimeout, heartbeat,
    ticket: options.ticket,
    takeover: options.takeover ?? false,
    readOnly: options.readOnly ?? false,
    auth: (options.auth ?? []).map(credentials),
    tls: options.tls === true ? {} : options.tls === false ? undefined : options.tls,
    queue: { maxMessages: queue.maxRequests ?? 65_536, maxBytes: queue.maxBytes ?? 2 ** 24, ttl: queue.ttl ?? sessionTimeout },
    logger: options.logger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

/** Throws an `OptionError` that does not show the secret. */
export function credentials({ scheme, auth }: { readonly scheme: string; readonly auth: Data }): Credentials {
  if (typeof scheme !== "string" || scheme === "") throw new OptionError("auth.scheme", "the name of a scheme, such as digest", scheme);
  if (typeof auth !== "string" && !(auth instanceof Uint8Array)) throw new OptionError("auth.auth", "a text or bytes, such as user:password");
  return { scheme, auth: typeof auth === "string" ? Buffer.from(auth) : auth };
}

export function checkRetry(retry: unknown): void {
  if (retry !== false && retry !== "safe") throw new OptionError("retry", "'safe' or false", retry);
}

export function positive(option: string, value: number): void {
  if (!(typeof value === "number" && value > 0)) throw new OptionError(option, "a number of milliseconds greater than 0", value);
}

function listOf(servers: unknown): readonly string[] {
  if (Array.isArray(servers) && servers.every((one) => typeof one === "string")) return servers as readonly string[]; // Just seen.
  throw new OptionError("servers", "host1:port1,host2:port2/chroot or a list of host:port", servers);
}

function whole(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw new OptionError(option, `a whole number from ${least} to ${most}`, value);
}
