import type { Millis } from "@holdfast/core";
import type { Grant } from "../../frames/frame.ts";
import type { Hmac } from "../../proof/proof.ts";

/** What one keeper's machines have in common. Immutable. */
export interface KeeperPolicy {
  readonly hmac: Hmac;
  /** Whether two macs are the same, in a time that does not depend on where they differ. */
  readonly equal: (one: Uint8Array, other: Uint8Array) => boolean;
  /** Secrets are derived from it, and the store holds none. */
  readonly masterKey?: Uint8Array;
  /** Secrets may travel over channels that anybody can read. */
  readonly allowPlaintext: boolean;
  /** The shortest and the longest timeout that a client gets, and what it gets if it asks for 0. */
  readonly timeoutMin: Millis;
  readonly timeoutMax: Millis;
  readonly timeoutUsual: Millis;
  /** The longest heartbeat that is dictated; a sixth of the timeout, where that is less. */
  readonly heartbeatMax: Millis;
  /** What the keeper takes in. */
  readonly grant: Grant;
  /** Most bytes of messages for one client that it has not acknowledged. */
  readonly maxBytes: number;
  /** After so many failures of one message its session is closed. */
  readonly handlerRetries: number;
}

/** The fixed numbers of docs/spec/hfs1.md. */
export const rules = {
  version: 1,
  /** Version 1 has no feature bits. */
  features: 0,
  /** An acknowledgement is due after so many messages, or so many ms. */
  ackMessages: 32,
  ackDelay: 250,
  /** PING, and acknowledgements of nothing new: so many a second, or twice as many as the heartbeat has; so many at once. */
  beatsPerSecond: 2,
  beatBurst: 5,
  /** A deadline is renewed at least every sixth of the timeout, while somebody asks. */
  touchesPerTimeout: 6,
  /** How long a client that was told MOVED has to hang up. */
  movedWithin: 2_000,
  /** Most messages asked of the store in one read. */
  readLimit: 256,
} as const;

/** How often a client with this timeout is told to be heard. */
export function heartbeatFor({ heartbeatMax }: KeeperPolicy, timeout: Millis): Millis {
  return Math.min(heartbeatMax, Math.floor(timeout / rules.touchesPerTimeout));
}
