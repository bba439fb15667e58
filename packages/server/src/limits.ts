import { OptionError, type Millis } from "@holdfast/core";

/** What peers may cost. Durations in ms; `Infinity` lifts a limit. */
export interface LimitOptions {
  /**
   * Most connections at once, those that have not greeted yet included. One more is refused at once: WebSocket clients are told
   * to try again later (1013), others are closed. @default 10000
   */
  readonly maxPeers?: number;
  /**
   * The same for one address. Loopback is an address like any other. An IPv6 address counts with its /64 network, which is what
   * one subscriber gets; Unix sockets have no address and are not counted. Behind a reverse proxy everybody has the address of
   * the proxy: set `Infinity` there. @default 1000
   */
  readonly maxPeersPerAddress?: number;
  /** Time from being accepted to being known: greeting, and `identify`. Whoever takes longer is closed. @default 5000 */
  readonly greetingTimeout?: Millis;
  /**
   * A peer that takes nothing off our hands for this long is aborted (`stalled`). The clock starts when its channel asks us to
   * wait and starts anew each time the channel drains, so a slow reader that goes on reading is safe. @default 30000
   */
  readonly stalledAfter?: Millis;
  /** Messages of one peer that a slow `for await` may leave unread before its channel is paused, or that wait for `identify`. At least 1. @default 64 */
  readonly maxUnread?: number;
  /** Identities of gone peers that are remembered for `peerReturned`. The oldest is forgotten first. 0: none. @default 10000 */
  readonly maxRemembered?: number;
  /** How long a polite goodbye may take; then the peer is aborted. @default 5000 */
  readonly drainTimeout?: Millis;
}
export type Limits = Required<LimitOptions>;

export const defaultLimits: Limits = {
  maxPeers: 10_000, maxPeersPerAddress: 1_000, greetingTimeout: 5_000, stalledAfter: 30_000, maxUnread: 64, maxRemembered: 10_000, drainTimeout: 5_000,
};

const least: Limits = { maxPeers: 1, maxPeersPerAddress: 1, greetingTimeout: 1, stalledAfter: 1, maxUnread: 1, maxRemembered: 0, drainTimeout: 0 };

/** Fills in the defaults. Throws an `OptionError` naming the first limit that makes no sense. */
export function resolveLimits(options: LimitOptions = {}): Limits {
  const limits: { -readonly [Name in keyof Limits]: number } = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits) as (keyof Limits)[]) { // The keys of `Limits`: it is one.
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= least[name])) throw new OptionError(`limits.${name}`, `a number of at least ${least[name]}`, value);
    limits[name] = value;
  }
  return limits;
}
