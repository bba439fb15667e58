import { stepLink } from "../../src/machine/link.ts";
import { idle, type LinkEvent, type LinkState, type LinkStep, type LossCause } from "../../src/machine/link-state.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import type { Millis } from "../../src/ports/clock.ts";

/** Two endpoints, waits of 1 s, 2 s, 3 s …, without chance. */
export const twoEndpoints: LinkPolicy = {
  backoff: { delay: (lap) => 1_000 * lap },
  endpoints: ["a", "b"],
  dialTimeout: 5_000,
  stagger: Infinity,
  stableAfter: 10_000,
  maxAttempts: Infinity,
  maxInitialAttempts: Infinity,
  maxRounds: Infinity,
  maxInitialRounds: Infinity,
  giveUpAfter: Infinity,
  drainTimeout: 5_000,
  failoverSpread: 0,
  maxChannels: 4,
  handover: "settled",
  reserve: "greeted",
  spares: 0,
  suspicion: undefined,
  priority: undefined,
};
export const oneEndpoint: LinkPolicy = { ...twoEndpoints, endpoints: ["a"] };
export const fromSource: LinkPolicy = { ...twoEndpoints, endpoints: undefined };

/** What happens, and when. Dice show 0.5 unless said otherwise. */
export type Told = readonly [now: Millis, event: LinkEvent, dice?: number];

export const open: LinkEvent = { type: "open" };
export const wake: LinkEvent = { type: "wake" };
export const retryNow: LinkEvent = { type: "retryNow" };
export const migrate = (endpoint?: string): LinkEvent => ({ type: "migrate", endpoint });
export const settled = (epoch: number): LinkEvent => ({ type: "settled", epoch });
export const suspected = (epoch: number): LinkEvent => ({ type: "suspected", epoch });
export const answered = (epoch: number): LinkEvent => ({ type: "answered", epoch });
export const proven = (epoch: number): LinkEvent => ({ type: "proven", epoch });
export const close: LinkEvent = { type: "close", how: "close" };
export const abort: LinkEvent = { type: "close", how: "abort" };
export const resolved = (epoch: number, ...endpoints: string[]): LinkEvent => ({ type: "resolved", epoch, endpoints });
export const held = (epoch: number): LinkEvent => ({ type: "held", epoch, on: true });
/** The dial that was held may begin. */
export const turnOf = (epoch: number): LinkEvent => ({ type: "held", epoch, on: false });
export const dialed = (epoch: number): LinkEvent => ({ type: "dialed", epoch });
export const greeted = (epoch: number): LinkEvent => ({ type: "greeted", epoch });
export const leave = (epoch: number, within: Millis, spread: Millis, to?: string): LinkEvent => ({ type: "leave", epoch, within, spread, to });
export const lost = (epoch: number, cause: LossCause = "reset", more: { readonly next?: "stop" | "elsewhere"; readonly retryAfter?: Millis } = {}): LinkEvent =>
  ({ type: "lost", epoch, cause, next: more.next ?? "retry", retryAfter: more.retryAfter ?? 0 });

/** The link after all that was told to an idle one. */
export function walk(policy: LinkPolicy, ...told: readonly Told[]): LinkState {
  return told.reduce<LinkState>((state, next) => tell(policy, state, next).state, idle);
}

export function tell(policy: LinkPolicy, state: LinkState, [now, event, dice = 0.5]: Told): LinkStep {
  return stepLink(policy, state, event, { now, dice });
}
