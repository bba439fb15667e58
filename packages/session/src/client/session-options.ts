import { OptionError, parseEndpoint, systemClock, type Clock, type LinkOptions, type Millis, type Random } from "@holdfast/core";
import { limits } from "../frames/limits.ts";
import { portableHmac } from "../proof/portable-hmac.ts";
import { newClient, type ClientState } from "./client-state.ts";
import type { ClientPolicy } from "./client-host.ts";
import { longestAuth } from "./greeting.ts";
import { isSecure } from "./security.ts";
import { readTicket, type Ticket } from "./ticket.ts";

/** What `authorize` of the keeper wants to see. */
export type Auth = string | Uint8Array;

/** What a session passes on to its link, with the link's defaults. */
type OfTheLink = "endpoints" | "transports" | "heartbeat" | "backoff" | "shuffle" | "dialTimeout" | "stableAfter" | "maxAttempts" | "maxInitialAttempts" | "maxRounds" | "maxInitialRounds" | "giveUpAfter" | "failoverSpread" | "limiter" | "warnAfter" | "logger";

/** How a session is kept. Durations in ms. Everything but `endpoints` and `transports` has a default. */
export interface SessionOptions extends Pick<LinkOptions<never, never>, OfTheLink> {
  /**
   * Whom the keeper shall take us for: a token or the like, at most 3 896 bytes, or a function that is asked at every attach. It is sent on every channel, so
   * use endpoints that are encrypted. @default nothing
   */
  readonly auth?: Auth | (() => Auth | Promise<Auth>);
  /** How long the session may be unheard before the keepers end it; they have the last word. At least 1 000. @default 30000 */
  readonly timeout?: Millis;
  /** Goes on with the session of a `ticket()` or a `suspend()`, also one of another process. @default a new session */
  readonly ticket?: Ticket;
  /**
   * With a ticket: where another holder has attached since the ticket was written, take the session from it once instead of giving it up. Messages of the ticket
   * are then reported in `dropped`, and the other holder is told `moved`. @default false
   */
  readonly takeover?: boolean;
  /**
   * When the session is over (`expired`, `lost`): `close` closes this one with it; `renew` opens a fresh session on the same link. What was not delivered is in
   * the event either way, and not sent again by itself. @default 'close'
   */
  readonly onEnd?: "close" | "renew";
  /**
   * Be told the secret of a new session on a channel that anybody may read. Without it a session is opened only on `wss:`, `tls:`, or on this machine; else
   * `open` rejects with `HF_SESSION_PLAINTEXT`. The keeper must be told, too. @default false
   */
  readonly allowPlaintext?: boolean;
  /** How much a keeper may send that was not handled here: more waits there. `messages` at least 1, `bytes` at least 1 024. @default 4096, 1048576 */
  readonly window?: { readonly messages?: number; readonly bytes?: number };
  /** What may wait beyond the keeper's window, or while detached. Then `send` throws a `BackpressureError`. @default 1024, 1048576 */
  readonly outbox?: { readonly maxMessages?: number; readonly maxBytes?: number };
  /** Longest frame that we read, 256 … 1 048 576; longer messages come in several. @default 65536 */
  readonly maxFrameBytes?: number;
  /** How long `close` waits until everything is acknowledged, and then for the goodbye. @default 5000 */
  readonly drainTimeout?: Millis;
  /** Milliseconds since 1970, for attach numbers and tickets. @default Date.now */
  readonly wallClock?: () => Millis;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/** Complete values, checked once. */
export interface SessionSettings {
  readonly policy: ClientPolicy;
  readonly initial: ClientState;
  readonly auth: () => Auth | Promise<Auth>;
  readonly clock: Clock;
  readonly link: Omit<LinkOptions<never, never>, "protocol">;
}

/** Throws an `OptionError` for the first option that cannot work. */
export function resolveSession(options: SessionOptions): SessionSettings {
  const { timeout = 30_000, onEnd = "close", window = {}, outbox = {}, maxFrameBytes = 65_536, drainTimeout = 5_000, allowPlaintext = false } = options;
  const { wallClock = Date.now, clock = systemClock, takeover = false } = options;
  if (onEnd !== "close" && onEnd !== "renew") throw new OptionError("onEnd", "'close' or 'renew'", onEnd);
  whole("timeout", timeout, 1_000);
  whole("drainTimeout", drainTimeout, 1);
  const grant = {
    frameMax: whole("maxFrameBytes", maxFrameBytes, limits.frameMin, limits.frameMax),
    windowMessages: whole("window.messages", window.messages ?? 4_096, 1), windowBytes: whole("window.bytes", window.bytes ?? 1_048_576, 1_024),
  };
  const room = { maxMessages: whole("outbox.maxMessages", outbox.maxMessages ?? 1_024, 0), maxBytes: whole("outbox.maxBytes", outbox.maxBytes ?? 1_048_576, 0) };
  const initial = options.ticket === undefined ? newClient() : readTicket(options.ticket, wallClock(), clock.now());
  initial.insists = takeover && options.ticket !== undefined;
  if (options.ticket === undefined && !allowPlaintext) requireSecrecy(options.endpoints);
  return {
    policy: { hmac: portableHmac, wallClock, timeout, grant, allowPlaintext, onEnd, ackAfter: { messages: 32, delay: 250 }, outbox: room, drainTimeout },
    initial, auth: readAuth(options.auth), clock, link: { ...ofTheLink(options), clock, drainTimeout },
  };
}

const passedOn = ["endpoints", "transports", "heartbeat", "backoff", "shuffle", "dialTimeout", "stableAfter", "maxAttempts", "maxInitialAttempts", "maxRounds", "maxInitialRounds", "giveUpAfter", "failoverSpread", "limiter", "warnAfter", "logger", "random"] as const;

function ofTheLink(options: SessionOptions): Omit<LinkOptions<never, never>, "protocol"> {
  const given = passedOn.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  return Object.fromEntries(given) as Omit<LinkOptions<never, never>, "protocol">; // The link checks them.
}

/** A list that is known now is checked now; what a source gives is checked when it is dialled. */
function requireSecrecy(endpoints: SessionOptions["endpoints"]): void {
  if (!Array.isArray(endpoints)) return;
  for (const entry of endpoints as readonly (string | { readonly uri: string })[]) {
    const uri = typeof entry === "string" ? entry : entry.uri;
    if (typeof uri !== "string" || !uri.includes(":")) continue; // The link says what is wrong with it.
    const { label, scheme, host } = parseEndpoint(uri);
    if (!isSecure({ scheme, host })) throw new OptionError("endpoints", `encrypted (wss:, tls:) or on this machine, for the secret of the session is sent there, or allowPlaintext must be true: ${label} is neither`);
  }
}

function readAuth(auth: SessionOptions["auth"] = ""): SessionSettings["auth"] {
  if (typeof auth === "function") return auth;
  if (typeof auth !== "string" && !(auth instanceof Uint8Array)) throw new OptionError("auth", "a text, bytes, or a function that gives one of them");
  const bytes = authBytes(auth).length;
  if (bytes > longestAuth) throw new OptionError("auth", `at most ${longestAuth} bytes, this one has ${bytes}`);
  return () => auth;
}

export function authBytes(auth: Auth): Uint8Array {
  return typeof auth === "string" ? new TextEncoder().encode(auth) : auth;
}

function whole(option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || value < least || value > most) throw new OptionError(option, most === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`, value);
  return value;
}
