import { OptionError, systemClock, type Clock, type Endpoint, type Logger, type Random } from "@holdfast/core";
import { timingSafeEqual } from "node:crypto";
import type { Message } from "../frames/frame.ts";
import type { SessionStore } from "../store/store.ts";
import type { HandlerContext, KeptSession } from "./kept-session.ts";
import { resolveKeeperLimits, type KeeperLimitOptions, type KeeperLimits } from "./limits.ts";
import type { KeeperPolicy } from "./machine/keeper-policy.ts";
import { nodeHmac } from "./node-hmac.ts";
import { isSecure } from "./secure.ts";

/**
 * Handles one message of a client; the next one of its session comes after this one is done. It may return a promise. If it throws, the message is handled
 * again once the client has attached anew, so what it does elsewhere should be keyed by `session.key` and `sequence`.
 */
export type Handle = (message: Message, context: HandlerContext) => void | Promise<void>;

/** What is known of whoever opens a session, or comes back to it. */
export interface AuthorizeRequest {
  readonly for: "open" | "attach";
  /** For `attach`: who opened the session. It goes on only if `authorize` returns the same. */
  readonly principal?: string;
  readonly remote: Endpoint;
}
/** Says who that is. Throws, or returns undefined, to refuse. Asked at every open and attach, after the proof was found right. */
export type Authorize = (credentials: Uint8Array, request: AuthorizeRequest) => string | undefined | Promise<string | undefined>;

/** How a keeper serves sessions. Everything but `store` and `handle` has a default. */
export interface KeeperOptions {
  /** Where sessions live: `memoryStore()` for one server. Keepers that share a store share their sessions. */
  readonly store: SessionStore;
  readonly handle: Handle;
  /** Messages without a number, which may be lost. What it throws is told in `failed`. @default they are dropped */
  readonly handleVolatile?: (message: Message, session: KeptSession) => void;
  /** @default everybody may, and nobody is anybody */
  readonly authorize?: Authorize;
  readonly limits?: KeeperLimitOptions;
  /** At least 32 random bytes, the same on all keepers of the store. Secrets are derived from it, so that the store holds none. @default secrets are drawn, and stored */
  readonly masterKey?: Uint8Array;
  /** Lets secrets travel on channels that are neither encrypted nor on this machine. The client has to agree. @default false */
  readonly allowPlaintext?: boolean;
  /** Tells whether a channel is encrypted, or does not leave the machine. Behind a proxy that ends TLS say so here. @default tls, wss, unix and loopback addresses are */
  readonly secure?: (remote: Endpoint) => boolean;
  /** Receives structured records without secrets. @default none */
  readonly logger?: Logger;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Spreads what would happen to everybody at once. Ids and secrets come from the system's own source. @default Math.random */
  readonly random?: Random;
}

/** Complete values, checked once. */
export interface KeeperSettings {
  readonly store: SessionStore;
  readonly handle: Handle;
  readonly handleVolatile: KeeperOptions["handleVolatile"];
  readonly authorize: Authorize | undefined;
  readonly limits: KeeperLimits;
  readonly policy: KeeperPolicy;
  readonly secure: (remote: Endpoint) => boolean;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws an `OptionError` for the first value that cannot work. */
export function resolveKeeperOptions(options: KeeperOptions): KeeperSettings {
  const { store, handle, handleVolatile, authorize, masterKey, allowPlaintext = false, secure = isSecure, logger, clock = systemClock, random = Math.random } = options;
  if (typeof store?.attach !== "function") throw new OptionError("store", "a session store, such as memoryStore()", store);
  if (typeof handle !== "function") throw new OptionError("handle", "a function (message, { session, sequence }) => void", handle);
  if (handleVolatile !== undefined && typeof handleVolatile !== "function") throw new OptionError("handleVolatile", "a function (message, session) => void", handleVolatile);
  if (authorize !== undefined && typeof authorize !== "function") throw new OptionError("authorize", "a function (credentials, request) => principal", authorize);
  if (typeof secure !== "function") throw new OptionError("secure", "a function (remote) => boolean", secure);
  // What was given is not shown: it is a secret.
  if (masterKey !== undefined && !(masterKey instanceof Uint8Array && masterKey.length >= 32)) throw new OptionError("masterKey", "a Uint8Array of at least 32 random bytes");
  const limits = resolveKeeperLimits(options.limits);
  return { store, handle, handleVolatile, authorize, limits, secure, logger, clock, random, policy: policyOf(limits, masterKey, allowPlaintext) };
}

function policyOf(limits: KeeperLimits, masterKey: Uint8Array | undefined, allowPlaintext: boolean): KeeperPolicy {
  const { timeoutMin, timeoutMax, timeout, heartbeat, frameMax, windowMessages, windowBytes, maxBytes, handlerRetries } = limits;
  return {
    hmac: nodeHmac, equal: timingSafeEqual, ...(masterKey && { masterKey }), allowPlaintext, timeoutMin, timeoutMax, timeoutUsual: timeout, heartbeatMax: heartbeat,
    grant: { frameMax, windowMessages, windowBytes }, maxBytes, handlerRetries,
  };
}
