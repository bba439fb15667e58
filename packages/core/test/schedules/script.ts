import { seededRandom } from "@holdfast/testkit";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { resolveHeartbeat, type Heartbeat } from "../../src/policy/heartbeat.ts";
import { exponential } from "../../src/policy/backoff.ts";
import type { Random } from "../../src/ports/clock.ts";

/** What can go wrong. The first group lasts for a while, the second happens at a moment. */
export const faultKinds = [
  "refuse", "mute", "late greeting", "hole out", "hole in", "hole both", "slow", "flap", "refuse: elsewhere", "refuse: later", "refuse: stop", "client stall", "client sleep", "server stall", "source fails",
  "reset", "drain", "close", "abort", "retry now", "probe", "migrate",
] as const;
export type FaultKind = (typeof faultKinds)[number];
/** These end the link, so they are rare. */
const fatal: ReadonlySet<FaultKind> = new Set(["refuse: stop", "close", "abort"]);

export const everywhere = -1;

export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
  /** Which server it happens to; -1: all of them. */
  readonly server: number;
  /** How long it lasts, in ms; nothing for what happens at a moment. */
  readonly lasts: number;
  /** Chance of its own, so that leaving out one fault does not change the others. */
  readonly dice: number;
}

/** Everything about a schedule that its seed decides beforehand. */
export interface Script {
  readonly seed: number;
  readonly servers: number;
  readonly policy: LinkPolicy;
  readonly heartbeat: Heartbeat;
  readonly faults: readonly Fault[];
  /** One-way delay of a healthy line: at least this, and up to twice as much. */
  readonly delay: number;
  /** The servers send data all the time. */
  readonly talks: boolean;
}

export const backoffMax = 8_000;
const backoff = exponential({ initial: 250, max: backoffMax });
const names = ["a", "b", "c"];
const heartbeats = [resolveHeartbeat("wan"), resolveHeartbeat({ preset: "wan", maxMisses: 1 }), resolveHeartbeat({ interval: 4_000, timeout: 2_000, maxMisses: 2 }), resolveHeartbeat({ preset: "wan", sendWithin: 3_000 })];
const policies = [1, 2, 3].map((servers) => [false, true].map((source): LinkPolicy => ({
  backoff, endpoints: source ? undefined : names.slice(0, servers), dialTimeout: 5_000, stagger: Infinity, stableAfter: 10_000,
  maxAttempts: Infinity, maxInitialAttempts: Infinity, maxRounds: Infinity, maxInitialRounds: Infinity, giveUpAfter: Infinity, failoverSpread: 0, drainTimeout: 5_000, maxChannels: 4, handover: "settled", reserve: "greeted", spares: 0, suspicion: undefined, priority: undefined,
})));

/** Swarm testing: each schedule draws which kinds of fault it knows at all, so that rare combinations come about. */
export function script(seed: number): Script {
  const random = seededRandom(seed);
  const servers = 1 + below(random, 3);
  const known = faultKinds.filter((kind) => random() < (fatal.has(kind) ? 0.1 : 0.4));
  const count = known.length === 0 ? 0 : below(random, 20);
  const faults = Array.from({ length: count }, (): Fault => {
    const kind = known[below(random, known.length)] as FaultKind; // The list is not empty.
    const lasts = faultKinds.indexOf(kind) < faultKinds.indexOf("reset") ? 200 + random() ** 2 * 25_000 : 0;
    return { at: random() * 120_000, kind, server: random() < 0.4 ? everywhere : below(random, servers), lasts, dice: random() };
  }).toSorted((one, other) => one.at - other.at);
  const heartbeat = heartbeats[below(random, heartbeats.length)] as Heartbeat; // Below its length.
  const handover = random() < 0.7 ? "settled" : random() < 0.5 ? "replayed" : "none";
  return {
    seed, servers, faults, heartbeat,
    policy: {
      ...(policies[servers - 1]?.[random() < 0.2 ? 1 : 0] as LinkPolicy), handover, maxChannels: 2 + below(random, 3), // One to three servers.
      reserve: handover === "settled" || (handover === "replayed" && random() < 0.5) ? "greeted" : "dialled",
      stagger: handover === "none" || random() < 0.5 ? Infinity : 50 + random() * 400,
      spares: random() < 0.6 ? 0 : 1 + below(random, 2),
      priority: handover === "none" || random() < 0.7 ? undefined : { endpoints: names.slice(0, 1 + below(random, servers)), probes: 1 + below(random, 3), within: 2_000 + random() * 8_000 },
      suspicion: handover === "none" || random() < 0.3 ? undefined : heartbeat,
    },
    delay: 1 + random() ** 3 * 150,
    talks: random() < 0.15,
  };
}

/** The chance of the world itself: another stream, so that a script without its last faults meets the same world. */
export function worldRandom(seed: number): Random {
  return seededRandom(seed + 2 ** 40);
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
