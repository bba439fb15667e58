/**
 * The life of a link: which channel do we use, what do we dial next, when do we give up?
 *
 * Theory of operation. A link is `idle` until it is opened, then `connecting` (a slot resolves the list, dials, greets), `waiting`
 * (a backoff runs), `connected` (one slot is active) and at last `closed`, which is final. Each channel has a slot with an epoch
 * of its own; an event that names an epoch without a slot is late news and changes nothing. At most one slot is active and at
 * most one is on its way; the others drain: they say goodbye and their last messages still count. While one is active, the one on
 * its way is the candidate of a move (`move.ts`); there may be others in reserve (`spares.ts`), which take over after a loss. Where a
 * second channel may not exist, a link leaves before it dials.
 *
 * While a dial or a greeting takes longer than the `stagger`, the next endpoint is tried as well, in the manner of RFC 8305; whoever greets
 * first wins. Where greeting is a takeover only the dials race, and one greets.
 *
 * Every dial, greeting and goodbye has a deadline. The attempt count is reset by a connection that lasted `stableAfter`, never by
 * connecting alone, so a server that accepts and drops is dialled ever more slowly. A refusal may stop the loop for good
 * (`stop`), and may ask for a pause of its endpoint (`retryAfter`).
 *
 * Only the world (`dialed`, `greeted`, `lost`), the user (`open`, `close`, `retryNow`, `migrate`) and time (`wake`) move the machine.
 */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { beyond, choose, earliest, lapped, postponed, startCourse, unlisted, updateCourse } from "./course.ts";
import { ask, launch } from "./launch.ts";
import { bare, common, disconnected, hangUp, loosen, onItsWay, remove, replace, report, sane, stay, used, type CloseCause, type Connected, type LinkEffect, type LinkEvent, type LinkMoment, type LinkState, type LinkStep, type Live, type Slot } from "./link-state.ts";
import { adopted, change, depart, dialCandidate, failCandidate, greet, isCandidate, isMoving, migrate, stepCandidate } from "./move.ts";
import { arrived, hasRoom, racing, staggered, underway, won } from "./race.ts";
import { readySpare, stepSpare, tend, wakeSpare } from "./spares.ts";
import { answered, suspected } from "./suspicion.ts";
import { unreachable } from "./unreachable.ts";

/** When the machine wants a `wake`; Infinity while only the world can move it. */
export function wakeAt(policy: LinkPolicy, state: LinkState): Millis {
  if (state.phase === "idle") return Infinity;
  let at = Infinity;
  for (const slot of state.slots) at = Math.min(at, slot.wakeAt);
  if (state.phase === "waiting" || state.phase === "connecting") at = Math.min(at, state.until ?? Infinity);
  if (isMoving(state)) at = Math.min(at, state.move.until);
  else if (state.phase === "connected") at = Math.min(at, state.fill?.until ?? Infinity, state.doubt === -Infinity ? Infinity : state.doubt ?? Infinity);
  return state.phase === "waiting" || state.phase === "connecting" ? Math.min(at, state.downSince + policy.giveUpAfter) : at;
}

export function stepLink(policy: LinkPolicy, state: LinkState, event: LinkEvent, moment: LinkMoment): LinkStep {
  const step = react(policy, state, event, moment);
  return step.state === state && event.type !== "wake" ? step : tend(policy, step, moment); // What changes nothing is no occasion.
}

function react(policy: LinkPolicy, state: LinkState, event: LinkEvent, moment: LinkMoment): LinkStep {
  if (state.phase === "idle") {
    if (event.type === "close") return { state: { phase: "closed", cause: "requested", slots: [] }, effects: [report({ name: "closed", cause: "requested" })] };
    if (event.type !== "open") return stay(state);
    const course = startCourse(policy.endpoints ?? []);
    return travel(policy, { phase: "connecting", slots: [], epoch: 0, course, met: false, downSince: moment.now }, [], moment);
  }
  const slot = "epoch" in event ? state.slots.find(({ epoch }) => epoch === event.epoch) : undefined;
  if ("epoch" in event && slot === undefined) return stay(state); // Late news.
  if (state.phase === "closed") return afterwards(state, event, moment);
  if (event.type === "held") return slot === undefined ? stay(state) : stay(held(policy, state, slot, event.on, moment.now));
  if (slot?.spare) return stepSpare(policy, state, slot, event, moment);
  if (slot !== undefined && isMoving(state) && isCandidate(slot)) return stepCandidate(policy, state, slot, event, moment);
  switch (event.type) {
    case "open": return stay(state);
    case "close": return close(state, event.how, "requested", moment, policy);
    case "retryNow": return retryNow(policy, state, moment);
    case "migrate": return migrate(policy, state, event.endpoint, moment);
    case "wake": return wake(policy, state, moment);
    case "resolved": return slot?.stage === "resolving" ? resolved(policy, state, slot, event.endpoints, moment) : stay(state);
    case "dialed": return slot?.stage === "dialing" ? arrived(policy, state, slot) : stay(state);
    case "greeted": return slot?.stage === "dialing" || slot?.stage === "greeting" ? greeted(state, slot, moment) : stay(state);
    case "leave": return slot?.stage === "active" ? leave(state, slot, event, moment) : stay(state);
    case "settled": return slot !== undefined && used(slot) && isMoving(state) ? change(policy, state, undefined, moment) : stay(state);
    case "suspected": return slot === undefined ? stay(state) : suspected(policy, state, slot, moment);
    case "answered": return slot === undefined ? stay(state) : answered(policy, state, slot);
    case "proven": return stay(state);
    case "lost": return slot === undefined ? stay(state) : lost(policy, state, slot, event, moment);
    default: return unreachable(event);
  }
}

/** A dial that waits for its turn is not late, and nobody starts because of it. */
function held(policy: LinkPolicy, state: Live, slot: Slot, on: boolean, now: Millis): Live {
  const told = replace(state, { ...slot, wakeAt: on ? Infinity : now + policy.dialTimeout });
  return told.phase === "connecting" ? { ...common(told), phase: "connecting", ...(!on && staggered(policy, told.course, now)) } : told;
}

function retryNow(policy: LinkPolicy, state: Live, moment: LinkMoment): LinkStep {
  if (isMoving(state) && state.move.until < Infinity) return dialCandidate(policy, state, [], moment);
  return state.phase === "waiting" ? travel(policy, state, [], moment) : stay(state);
}

/** Dials the next endpoint, waits for the next lap, or gives up. */
function travel(policy: LinkPolicy, state: Live, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const { now } = moment;
  if (racing(state) && spent(policy, state)) return underway(state, effects);
  if (spent(policy, state) || now >= state.downSince + policy.giveUpAfter) return close(state, "abort", "exhausted", moment, policy, effects);
  const epoch = state.epoch + 1;
  if (policy.endpoints === undefined) {
    const { slots, effects: asking } = ask(policy, state.slots, epoch, now);
    return { state: { ...common(state), phase: "connecting", epoch, slots }, effects: [...effects, ...asking] };
  }
  return dial(policy, state, epoch, effects, moment);
}

function dial(policy: LinkPolicy, state: Live, epoch: number, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const { now } = moment;
  const index = choose(state.course, now, (endpoint) => !state.slots.some((slot) => onItsWay(slot) && slot.endpoint === endpoint));
  if (index === undefined && racing(state)) return underway(state, effects);
  const pause = earliest(state.course) - now;
  if (index === undefined && pause > 0) return wait(state, pause, effects, now);
  if (index === undefined) return goOn(policy, { ...state, course: { ...state.course, left: 0 } }, effects, moment);
  const { slots, course, effects: dialing } = launch(policy, state.slots, epoch, state.course, index, now);
  return { state: { ...common(state), phase: "connecting", epoch: Math.max(epoch, state.epoch), course, slots, ...staggered(policy, course, now) }, effects: [...effects, ...dialing] };
}

/** The stagger is over: the next one starts as well, if there may be one more. */
function another(policy: LinkPolicy, state: Live, moment: LinkMoment): LinkStep {
  const rest = underway(state, []);
  return hasRoom(policy, state) ? travel(policy, rest.state, [], moment) : rest;
}

/** After a failure or a loss: the reserve, or an endpoint this lap has not tried, at once or after `spread`; else a backoff and a new lap. */
function goOn(policy: LinkPolicy, state: Live, effects: readonly LinkEffect[], moment: LinkMoment, spread: Millis = 0): LinkStep {
  const spare = readySpare(state);
  if (spare) return takeOver(policy, state, spare, effects, moment);
  const coming = state.phase === "connected" && !spent(policy, state) ? state.slots.find(onItsWay) : undefined;
  if (coming && state.phase === "connected") return adopt(policy, state, coming, effects, moment.now);
  if (racing(state) && state.slots.some(({ stage }) => stage === "resolving")) return underway(state, effects);
  // A source has to be asked first who may be dialled.
  if (state.course.left > 0 && (policy.endpoints === undefined || choose(state.course, moment.now) !== undefined)) return spread > 0 ? wait(state, spread, effects, moment.now) : travel(policy, state, effects, moment);
  if (racing(state)) return underway(state, effects);
  const course = lapped(state.course);
  const pause = Math.max(0, earliest(course) - moment.now);
  if (spent(policy, { ...state, course })) return close(state, "abort", "exhausted", moment, policy, effects);
  const delay = pause + sane(policy.backoff.delay(course.lap, moment.dice));
  // No wait is no wait: not even the millisecond that a timer takes.
  return delay === 0 ? travel(policy, { ...state, course }, effects, moment) : wait({ ...state, course }, delay, effects, moment.now);
}

/** Whoever is on the way, to be moved to or to be in reserve, is the next connection, and nothing else is dialled. */
function adopt(policy: LinkPolicy, state: Connected, coming: Slot, effects: readonly LinkEffect[], now: Millis): LinkStep {
  const from = state.move ?? state.fill ?? state;
  const course = adopted(state.course, from.course, coming);
  return { state: { ...common(replace(state, bare(coming))), phase: "connecting", course, ...staggered(policy, course, now) }, effects };
}

function wait(state: Live, delay: Millis, effects: readonly LinkEffect[], now: Millis): LinkStep {
  return { state: { ...common(state), phase: "waiting", until: now + delay }, effects: [...effects, report({ name: "waiting", attempt: state.course.attempt, delay })] };
}

function wake(policy: LinkPolicy, state: Live, moment: LinkMoment): LinkStep {
  const { now } = moment;
  const late = state.slots.find((slot) => slot.wakeAt <= now);
  if (late?.stage === "leaving") return state.phase === "connected" && policy.handover !== "none" ? depart(policy, state, late, moment) : part(policy, state, late, moment);
  if (late?.stage === "draining") return { state: remove(state, late.epoch), effects: [hangUp(late.epoch, "abort", "drained")] };
  if (late?.stage === "standby" && isMoving(state)) return change(policy, state, undefined, moment); // It has waited for the old channel long enough.
  if (late?.spare) return wakeSpare(policy, state, late, moment);
  if (late !== undefined) return lost(policy, state, late, { cause: "timeout", next: "retry", retryAfter: 0 }, moment);
  if (isMoving(state) && now >= state.move.until) return dialCandidate(policy, state, [], moment);
  if (state.phase === "connected") return stay(state);
  if (now >= state.downSince + policy.giveUpAfter) return close(state, "abort", "exhausted", moment, policy);
  if (state.phase === "connecting") return now >= (state.until ?? Infinity) ? another(policy, state, moment) : stay(state);
  return now >= state.until ? travel(policy, state, [], moment) : stay(state);
}

function resolved(policy: LinkPolicy, state: Live, slot: Slot, endpoints: readonly string[], moment: LinkMoment): LinkStep {
  if (endpoints.length === 0) return lost(policy, state, slot, { cause: "failed", next: "retry", retryAfter: 0 }, moment);
  // The slot has done its work; where somebody may be dialled, the dial goes on under its epoch.
  return dial(policy, { ...remove(state, slot.epoch), course: updateCourse(state.course, endpoints) }, slot.epoch, [], moment);
}

function greeted(state: Live, slot: Slot, { now }: LinkMoment): LinkStep {
  const losers = state.slots.filter((other) => onItsWay(other) && !other.spare && other.epoch !== slot.epoch);
  const { slots: all, epoch, course: before, downSince, caution } = replace(state, { ...bare(slot), stage: "active", wakeAt: Infinity });
  const slots = losers.length === 0 ? all : all.filter((other) => !losers.includes(other));
  const course = won(before, slot, losers);
  const connected = report({ name: "connected", endpoint: slot.endpoint, epoch: slot.epoch });
  // Written out, not spread: links spend their lives in this state, and so it is as small as it can be.
  return { state: { phase: "connected", slots, epoch, course, met: true, downSince, since: now, ...(caution && { caution }) }, effects: [...losers.map((loser) => hangUp(loser.epoch, "abort", "failed")), connected, { type: "flush" }] };
}

/** The next connection comes out of the reserve: at once where it has greeted, else its conversation begins. Nobody else is on the way then. */
function takeOver(policy: LinkPolicy, before: Live, spare: Slot, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const others = policy.reserve === "dialled" ? before.slots.filter(onItsWay) : []; // Only a connected link fills its reserve.
  const state = { ...common(before), slots: before.slots.filter((slot) => !others.includes(slot)) };
  const dropped = [...effects, ...others.map(({ epoch }) => hangUp(epoch, "abort", "failed"))];
  const slot = { ...bare(spare), wakeAt: moment.now + policy.dialTimeout };
  const { lap, left } = state.course;
  const course = { ...beyond(state.course, spare.endpoint), lap: lap + 1, left: Math.max(0, left - 1) }; // The reserve is filled again after a backoff.
  const next = { ...state, course, phase: "connecting" } as const;
  const step = policy.reserve === "greeted" ? greeted(next, slot, moment) : greet(next, slot);
  return { ...step, effects: [...dropped, ...step.effects] };
}

/** The peer asks us to go. We leave at a random moment of the spread, so that not everybody arrives elsewhere at once. */
function leave(state: Live, slot: Slot, notice: Omit<Extract<LinkEvent, { type: "leave" }>, "type">, { now, dice }: LinkMoment): LinkStep {
  const { to } = notice;
  return { state: replace(state, { ...slot, stage: "leaving", wakeAt: now + dice * Math.min(notice.spread, notice.within), ...(to !== undefined && { to }) }), effects: [report({ name: "draining", endpoint: slot.endpoint, within: notice.within })] };
}

/** Leaves a channel politely: it flushes and says goodbye while we dial elsewhere. */
function part(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep {
  const draining = replace(state, { ...slot, stage: "draining", wakeAt: moment.now + policy.drainTimeout });
  return goOn(policy, loosen(policy, draining, slot, moment), [disconnected(slot, "drained"), hangUp(slot.epoch, "close", "drained")], moment);
}

type Loss = Pick<Extract<LinkEvent, { type: "lost" }>, "cause" | "next" | "retryAfter">;
function lost(policy: LinkPolicy, state: Live, slot: Slot, loss: Loss, moment: LinkMoment): LinkStep {
  const { cause, next, retryAfter } = loss;
  if (isMoving(state) && isCandidate(slot)) return failCandidate(policy, state, slot, loss, moment);
  const rest = remove(state, slot.epoch);
  if (slot.stage === "draining") return stay(rest);
  const candidate = isMoving(state) && next !== "stop" ? state.slots.find(isCandidate) : undefined;
  if (candidate?.stage === "standby" && isMoving(state)) return change(policy, state, cause, moment);
  const after = used(slot) ? loosen(policy, rest, slot, moment) : slot.stage === "resolving" ? unresolved(rest) : rest;
  const failed = report({ name: "failed", attempt: after.course.attempt, endpoint: slot.endpoint, stage: slot.stage, cause });
  const effects = [hangUp(slot.epoch, "abort", cause), used(slot) ? disconnected(slot, cause) : failed];
  if (next === "stop") return close(rest, "abort", "refused", moment, policy, effects);
  const course = retryAfter > 0 ? postponed(after.course, slot.endpoint, moment.now + retryAfter) : after.course;
  return goOn(policy, { ...after, course }, effects, moment, used(slot) ? policy.failoverSpread * moment.dice : 0);
}

/** The provider failed: there is nobody to dial, so the lap is over. */
function unresolved(state: Live): Live {
  return { ...state, course: unlisted(state.course) };
}

function close(state: Live, how: "close" | "abort", cause: CloseCause, { now }: LinkMoment, policy: LinkPolicy, before: readonly LinkEffect[] = []): LinkStep {
  const effects: LinkEffect[] = [...before];
  const slots: Slot[] = [];
  for (const slot of state.slots) {
    if (used(slot)) effects.push(disconnected(slot, "requested"));
    const polite = how === "close" && (used(slot) || slot.stage === "draining" || slot.stage === "standby" || slot.stage === "spare");
    if (slot.stage !== "draining" || !polite) effects.push(hangUp(slot.epoch, polite ? "close" : "abort", "requested"));
    if (polite) slots.push({ ...bare(slot), stage: "draining", wakeAt: now + policy.drainTimeout });
  }
  return { state: { phase: "closed", cause, slots }, effects: [...effects, report({ name: "closed", cause })] };
}

/** A closed link only waits for its goodbyes. */
function afterwards(state: Extract<LinkState, { phase: "closed" }>, event: LinkEvent, { now }: LinkMoment): LinkStep {
  const over = state.slots.filter((slot) => event.type === "close" ? event.how === "abort" : event.type === "lost" ? slot.epoch === event.epoch : event.type === "wake" && slot.wakeAt <= now);
  if (over.length === 0) return stay(state);
  return { state: { ...state, slots: state.slots.filter((slot) => !over.includes(slot)) }, effects: over.map((slot) => hangUp(slot.epoch, "abort", "drained")) };
}

/** No attempt, or no round over the list, is left. Before the first connection at least one dial is made. */
function spent(policy: LinkPolicy, { met, course }: Live): boolean {
  if (course.round >= (met ? policy.maxRounds : Math.max(1, policy.maxInitialRounds))) return true;
  return course.attempt >= (met ? policy.maxAttempts : Math.max(1, policy.maxInitialAttempts));
}
