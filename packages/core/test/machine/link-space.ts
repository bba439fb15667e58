import { stepLink } from "../../src/machine/link.ts";
import { idle, type LinkEffect, type LinkEvent, type LinkState, type Slot } from "../../src/machine/link-state.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import type { Millis } from "../../src/ports/clock.ts";
import type { Course } from "../../src/machine/course.ts";
import type { Move } from "./explore.ts";

/**
 * All that can happen to a link, in a small world: times are whole numbers up to 4, names are a and b, chance has two faces.
 * After every step the clock is set back to 0, and what makes no difference any more is forgotten (a deadline that has passed, the
 * third attempt and the fourth), so the states are finite.
 */
export interface LinkMove extends Move<LinkState> {
  readonly event: LinkEvent | { readonly type: "tick" };
  /** As the machine left it, before the clock was set back. */
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

export const small: LinkPolicy = {
  backoff: { delay: (lap) => Math.min(lap, 2) },
  endpoints: ["a", "b"],
  failoverSpread: 0,
  dialTimeout: 2,
  stagger: Infinity,
  stableAfter: 2,
  maxAttempts: Infinity,
  maxInitialAttempts: Infinity,
  maxRounds: Infinity,
  maxInitialRounds: Infinity,
  giveUpAfter: Infinity,
  drainTimeout: 1,
  maxChannels: 3,
  handover: "settled",
  reserve: "greeted",
  spares: 0,
  suspicion: undefined,
  priority: undefined,
};
/** Where dials may have to wait for their turn. */
const limited: LinkPolicy = { ...small, maxChannels: 2 };
/** Less time to forget. */
const fast: LinkPolicy = { ...small, dialTimeout: 1, stableAfter: 1, backoff: { delay: () => 1 }, maxChannels: 2 };
/** Where a peer that asks us to leave says where to. */
const naming: LinkPolicy = { ...fast, maxChannels: 3 };
/** The policies whose states are visited, by what is special about them. */
export const linkPolicies: Readonly<Record<string, LinkPolicy>> = {
  "one endpoint": { ...small, endpoints: ["a"] },
  "two endpoints": small,
  "a source": { ...small, endpoints: undefined, maxChannels: 2, dialTimeout: 1, stableAfter: 1 },
  "a source, and no waits": { ...small, endpoints: undefined, backoff: { delay: () => 0 }, maxChannels: 2, dialTimeout: 1, stableAfter: 1 },
  "two channels at most": { ...small, maxChannels: 2 },
  "one channel at a time": { ...small, handover: "none" },
  "a protocol that replays": { ...small, handover: "replayed" },
  "a spread after a loss": { ...small, failoverSpread: 2, maxChannels: 2 },
  "a limiter": limited,
  "suspicions": { ...fast, suspicion: { suspectMargin: 1, timeout: 2 }, stableAfter: 0 },
  "suspicions, and a spare": { ...fast, suspicion: { suspectMargin: 1, timeout: 1 }, spares: 1, drainTimeout: 0 },
  "suspicions, and spares only dialled": { ...fast, suspicion: { suspectMargin: 1, timeout: 1 }, reserve: "dialled", handover: "replayed" },
  "a spare": { ...fast, spares: 1, maxChannels: 3 },
  "a spare that is only dialled": { ...fast, spares: 1, reserve: "dialled", handover: "none" },
  "a primary": { ...fast, endpoints: ["a", "b"], priority: { endpoints: ["a"], probes: 2, within: 2 }, stableAfter: 0 },
  "a primary, and spares only dialled": { ...fast, priority: { endpoints: ["a"], probes: 1, within: 1 }, spares: 1, reserve: "dialled", handover: "replayed", stableAfter: 0 },
  "a stagger": { ...fast, dialTimeout: 2, stagger: 1, endpoints: ["a", "b", "c"], drainTimeout: 0 },
  "a stagger of dials": { ...fast, dialTimeout: 2, stagger: 1, endpoints: ["a", "b", "c"], reserve: "dialled", handover: "replayed", maxChannels: 3 },
  "a stagger and a source": { ...fast, stagger: 1, dialTimeout: 2, stableAfter: 0, endpoints: undefined },
  "few attempts": { ...small, maxAttempts: 2, maxInitialAttempts: 3, maxChannels: 2 },
  "few rounds": { ...small, maxRounds: 1, maxInitialRounds: 2, maxChannels: 2 },
  "no second attempt": { ...small, maxAttempts: 0, maxInitialAttempts: 0, maxChannels: 2 },
  "a peer that names an endpoint": naming,
  "an outage that may not last": { ...small, endpoints: ["a"], giveUpAfter: 4 },
};

export const start: LinkState = idle;
const latest = 100;

/** The state with its times counted from `now` and everything forgotten that makes no difference. */
export function forget(policy: LinkPolicy, state: LinkState, now: Millis): LinkState {
  if (state.phase === "idle") return state;
  const newest = state.phase === "closed" ? Math.max(0, ...state.slots.map(({ epoch }) => epoch)) : state.epoch;
  const raised = "caution" in state ? state.caution?.raised ?? 0 : 0;
  const slots = state.slots.map((slot, index): Slot => ({
    stage: slot.stage,
    endpoint: slot.stage === "draining" ? "" : slot.endpoint,
    wakeAt: Math.max(0, slot.wakeAt - now),
    ...(slot.suspect && (policy.suspicion?.timeout ?? 0) > (policy.suspicion?.suspectMargin ?? 0) * 2 ** raised && { suspect: true }),
    ...(slot.stage === "leaving" && slot.to !== undefined && { to: slot.to }),
    ...(slot.spare && { spare: { ...slot.spare, since: slot.spare.since === Infinity ? Infinity : Math.max(-Math.max(policy.stableAfter, policy.priority?.within ?? 0), slot.spare.since - now) } }),
    epoch: slot.epoch === newest ? latest : latest - state.slots.length + index,
  }));
  if (state.phase === "closed") return { ...state, slots };
  const course = forgetCourse(policy, state.course, now);
  const downSince = policy.giveUpAfter === Infinity ? 0 : Math.max(-policy.giveUpAfter, state.downSince - now);
  const { caution } = state;
  const rest = { ...state, slots, course, downSince, epoch: latest, ...(caution && { caution: { ...caution, calm: Math.max(0, caution.calm - now) } }) };
  if (rest.phase === "waiting") return { ...rest, until: Math.max(0, rest.until - now) };
  if (rest.phase === "connecting" && rest.until !== undefined) return { ...rest, until: Math.max(0, rest.until - now) };
  if (rest.phase !== "connected") return rest;
  const { doubt, fill } = rest;
  const connected = {
    ...rest, since: Math.max(-policy.stableAfter, rest.since - now),
    ...(doubt !== undefined && { doubt: doubt === -Infinity ? doubt : Math.max(0, doubt - now) }),
    ...(fill && { fill: { until: Math.max(0, fill.until - now), course: { ...forgetCourse(policy, fill.course, now), attempt: 0, round: 0, tried: 0 } } }),
  };
  // The count of a move is shown, and decides nothing.
  return rest.move === undefined ? connected : { ...connected, move: { ...rest.move, until: Math.max(0, rest.move.until - now), course: { ...forgetCourse(policy, rest.move.course, now), attempt: 0, round: 0, tried: 0 } } };
}

function forgetCourse({ backoff, maxAttempts, maxInitialAttempts, maxRounds, maxInitialRounds }: LinkPolicy, course: Course, now: Millis): Course {
  return {
    ...course,
    attempt: maxAttempts === Infinity ? 0 : Math.min(course.attempt, Math.max(1, maxAttempts, maxInitialAttempts)),
    lap: Math.min(course.lap, backoff.delay(1, 0) === backoff.delay(2, 0) ? 1 : 2),
    ...(maxRounds === Infinity ? { round: 0, tried: 0 } : { round: Math.min(course.round, Math.max(1, maxRounds, maxInitialRounds)) }),
    notBefore: Object.fromEntries(Object.entries(course.notBefore).map(([name, at]) => [name, at - now] as const).filter(([, at]) => at > 0)),
  };
}

/** Infinity becomes null; the only other number that does is told apart. */
export const linkKey = (state: LinkState): string => `${JSON.stringify(state)}${state.phase === "connected" && state.doubt === -Infinity ? "!" : ""}`;

export function* linkMoves(policy: LinkPolicy, from: LinkState): Iterable<LinkMove> {
  yield { label: "tick", event: { type: "tick" }, state: from, effects: [], to: forget(policy, from, 1) };
  for (const event of [...linkEvents(from, policy), ...(policy === limited ? turns(from) : [])]) {
    for (const dice of (event.type === "leave" && event.spread > 0) || (event.type === "lost" && policy.failoverSpread > 0) ? [0, 0.5] : [0]) {
      const { state, effects } = stepLink(policy, from, event, { now: 0, dice });
      yield { label: label(event), event, state, effects, to: state === from ? from : forget(policy, state, 0) };
    }
  }
}

function* linkEvents(state: LinkState, policy: LinkPolicy): Iterable<LinkEvent> {
  const { suspicion, spares, priority } = policy;
  const whole = suspicion === undefined && spares === 0 && priority === undefined && policy.stagger === Infinity; // What the other policies have shown is left out.
  yield { type: "open" };
  yield { type: "close", how: "close" };
  yield { type: "close", how: "abort" };
  yield { type: "wake" };
  yield { type: "retryNow" };
  yield { type: "migrate", endpoint: undefined };
  if (whole) yield { type: "migrate", endpoint: "b" };
  // Nothing comes of a dial that is held.
  const epochs = state.phase === "idle" ? [] : state.slots.filter(({ stage, wakeAt }) => stage !== "dialing" || wakeAt < Infinity).map(({ epoch }) => epoch);
  for (const epoch of [...epochs, stale]) {
    for (const endpoints of epoch === stale ? [["a"]] : [["a", "b"], ["b"], []]) yield { type: "resolved", epoch, endpoints };
    yield { type: "dialed", epoch };
    yield { type: "greeted", epoch };
    yield whole ? { type: "leave", epoch, within: 2, spread: 2 } : { type: "leave", epoch, within: 0, spread: 0 };
    if (policy === naming) yield { type: "leave", epoch, within: 0, spread: 0, to: "b" };
    yield { type: "settled", epoch };
    if (suspicion) yield { type: "suspected", epoch };
    if (suspicion) yield { type: "answered", epoch };
    if ((suspicion && spares > 0) || priority) yield { type: "proven", epoch };
    yield { type: "lost", epoch, cause: "reset", next: "retry", retryAfter: 0 };
    if (whole) yield { type: "lost", epoch, cause: "refused", next: "elsewhere", retryAfter: 2 };
    if (whole) yield { type: "lost", epoch, cause: "refused", next: "stop", retryAfter: 0 };
  }
}
export const stale = 1;

/** A dial is held, and its turn comes. Once it is over, the news is late. */
function* turns(state: LinkState): Iterable<LinkEvent> {
  const dialling = state.phase === "idle" ? [] : state.slots.filter(({ stage }) => stage === "dialing");
  for (const { epoch, wakeAt } of dialling) yield { type: "held", epoch, on: wakeAt < Infinity };
  yield { type: "held", epoch: stale, on: false };
}

function label(event: LinkEvent): string {
  switch (event.type) {
    case "close": return event.how;
    case "lost": return `lost ${event.epoch} ${event.next}${event.retryAfter > 0 ? ` after ${event.retryAfter}` : ""}`;
    case "resolved": return `resolved ${event.epoch} ${event.endpoints.join(",") || "nothing"}`;
    case "migrate": return `migrate ${event.endpoint ?? "anywhere"}`;
    case "held": return event.on ? `held ${event.epoch}` : `turn of ${event.epoch}`;
    case "leave": return `leave ${event.epoch} within ${event.within}${event.to === undefined ? "" : ` to ${event.to}`}`;
    default: return "epoch" in event ? `${event.type} ${event.epoch}` : event.type;
  }
}
