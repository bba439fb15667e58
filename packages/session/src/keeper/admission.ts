import type { Endpoint, Millis, Random } from "@holdfast/core";
import type { KeeperLimits } from "./limits.ts";
import type { Entrant } from "./machine/keeper-host.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** What is looked at to see whether there is room. */
export interface Load { readonly attached: number; readonly outgoingBytes: number }

/** Most addresses, and most sessions, whose rates are remembered. */
const remembered = 10_000;
/** The share of the seats that new sessions get; the rest is for those that return. */
const forOpens = 0.9;

/**
 * Who may come in. Clients that return go before new ones. What is remembered of an address or a session is bounded, and a session only after its
 * client has proven itself: a forged attach costs nothing that stays.
 */
export class Admission {
  readonly #limits: KeeperLimits;
  readonly #random: Random;
  readonly #opens: TokenBuckets;
  readonly #failures: TokenBuckets;
  readonly #attaches: TokenBuckets = new TokenBuckets(1, 5, remembered);

  constructor(limits: KeeperLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
    this.#opens = new TokenBuckets(limits.opensPerSecond, limits.opensPerSecond, remembered);
    this.#failures = new TokenBuckets(limits.failuresPerMinute / 60, limits.failuresPerMinute, remembered);
  }

  /** 0: welcome. Otherwise: come again in so many ms. */
  admit(who: Entrant, remote: Endpoint, { attached, outgoingBytes }: Load, now: Millis): Millis {
    if (who.what === "proven") return this.#attaches.take(who.id, now);
    const seats = who.what === "open" ? Math.max(1, Math.floor(this.#limits.maxSessions * forOpens)) : this.#limits.maxSessions;
    if (attached >= seats) return this.#spread();
    const address = addressOf(remote.host);
    if (who.what === "attach") return this.#failures.wait(address, now);
    if (outgoingBytes >= this.#limits.maxOutgoingBytes) return this.#spread();
    return this.#opens.take(address, now);
  }

  /** Somebody there showed a wrong proof. */
  failed(remote: Endpoint, now: Millis): void {
    this.#failures.take(addressOf(remote.host), now);
  }

  /** Not everybody at the same time. */
  #spread(): Millis {
    return Math.round(1_000 + this.#random() * 4_000);
  }
}

/** What counts as one address: an IPv6 host stands for its /64 network, since one subscriber has all of it (RFC 6177). */
export function addressOf(host: string): string {
  if (!host.includes(":")) return host;
  const [head = "", tail] = host.toLowerCase().split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => "0"), ...last];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
