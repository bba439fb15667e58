/**
 * Channels in reserve.
 *
 * Theory of operation. A connected link keeps `spares` channels to other endpoints, and one more while the channel in use is suspected.
 * They are dialled one at a time along a course of their own. One that fails is followed by the next, and once everybody was tried
 * by a backoff; so is the loss of one that stood ready. How far a spare goes is the protocol's word (`reserve`): `greeted`, with a heart
 * of its own, or only `dialled`. Nothing here happens while the link moves.
 *
 * A link that would rather be elsewhere (`priority.ts`) keeps one to a primary, over and above.
 *
 * When the channel in use is lost, a spare that is ready is the next connection (`link.ts`), and one on its way is the next dial.
 */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { choose, earliest, postponed, updateCourse, type Course, type Wanted } from "./course.ts";
import { ask, launch, type Duty } from "./launch.ts";
import { hangUp, onItsWay, remove, replace, report, sane, stay, type Connected, type Fill, type LinkEffect, type LinkEvent, type LinkMoment, type LinkStep, type Live, type LossCause, type Slot } from "./link-state.ts";
import { afresh, enlist, greet, inUse, isMoving } from "./move.ts";
import { hasProven, isAway, isPrimary, nextProbe, primarySpare, watched } from "./priority.ts";

/** The one in reserve that is ready. */
export const readySpare = ({ slots }: Live): Slot | undefined => slots.find(({ stage }) => stage === "spare");
const unready: Duty = { spare: { since: Infinity, asked: false, good: 0 } };

interface Tended { readonly state: Connected; readonly effects: readonly LinkEffect[] }

/** After every step: gives back what is too much, and dials what is missing. */
export function tend(policy: LinkPolicy, step: LinkStep, moment: LinkMoment): LinkStep {
  const { state, effects } = step;
  if (state.phase !== "connected" || isMoving(state)) return step;
  if (policy.spares === 0 && policy.priority === undefined && state.doubt === undefined && state.fill === undefined) return step;
  const trimmed = trim(policy, state, effects, moment);
  return refill(policy, question(policy, { ...trimmed, state: watched(policy, trimmed.state, moment.now) }, moment), moment);
}

/** A suspicion is ripe: those that are ready are asked whether they are alive. */
function question(policy: LinkPolicy, tended: Tended, { now }: LinkMoment): Tended {
  const { state, effects } = tended;
  if (state.doubt === undefined || state.doubt > now) return tended;
  const asked = policy.reserve === "greeted" ? state.slots.filter(({ stage, spare }) => stage === "spare" && spare?.asked === false) : [];
  if (state.doubt === -Infinity && asked.length === 0) return tended;
  const slots = state.slots.map((slot) => slot.spare && asked.includes(slot) ? { ...slot, spare: { ...slot.spare, asked: true } } : slot);
  return { state: { ...state, slots, doubt: -Infinity }, effects: [...effects, ...asked.map(({ epoch }): LinkEffect => ({ type: "probe", epoch }))] };
}

/** How many there should be. */
function enough({ spares }: LinkPolicy, { doubt }: Connected): number {
  return doubt === -Infinity ? Math.max(1, spares) : spares;
}

/** Whom to dial for the reserve; undefined where nobody is missing. */
function missing(policy: LinkPolicy, state: Connected): Wanted | undefined {
  const taken = state.slots.filter(({ stage }) => stage !== "draining");
  const few = taken.filter(({ spare }) => spare).length < enough(policy, state);
  if (!few && (!isAway(policy, state) || primarySpare(policy, state))) return undefined;
  return (endpoint) => (few || isPrimary(policy, endpoint)) && !taken.some((slot) => slot.endpoint === endpoint);
}

function trim(policy: LinkPolicy, state: Connected, effects: readonly LinkEffect[], { now }: LinkMoment): Tended {
  const spares = state.slots.filter(({ spare }) => spare).toSorted((one, other) => Number(onItsWay(one)) - Number(onItsWay(other)));
  const home = inUse(state).endpoint;
  const primary = isAway(policy, state) ? primarySpare(policy, state) : undefined;
  const [here, elsewhere] = [spares.filter(({ endpoint }) => endpoint === home), spares.filter((slot) => slot.endpoint !== home && slot !== primary)];
  const surplus = [...here, ...elsewhere.slice(Math.max(0, enough(policy, state) - (primary?.stage === "spare" ? 1 : 0)))];
  if (surplus.length === 0) return { state, effects };
  const slots = state.slots.flatMap((slot): Slot[] => !surplus.includes(slot) ? [slot] : onItsWay(slot) ? [] : [{ epoch: slot.epoch, endpoint: slot.endpoint, stage: "draining", wakeAt: now + policy.drainTimeout }]);
  return { state: { ...state, slots }, effects: [...effects, ...surplus.map((slot) => hangUp(slot.epoch, onItsWay(slot) ? "abort" : "close", "drained"))] };
}

function refill(policy: LinkPolicy, tended: Tended, moment: LinkMoment): LinkStep {
  const { state, effects } = tended;
  const { now } = moment;
  const wanted = missing(policy, state);
  const full = state.slots.filter(({ stage }) => stage !== "draining").length >= policy.maxChannels;
  if (wanted === undefined || full || state.slots.some((slot) => slot.spare && onItsWay(slot))) return { state: quiet(policy, state, now), effects };
  const fill = state.fill ?? startFill(policy, state, moment);
  if (fill.until > now && fill.until < Infinity) return fill === state.fill ? tended : { state: { ...state, fill }, effects };
  const epoch = state.epoch + 1;
  if (policy.endpoints !== undefined) return dialSpare(policy, { ...tended, fill }, epoch, wanted, moment);
  const { slots, effects: asking } = ask(policy, state.slots, epoch, now, unready);
  return { state: { ...state, epoch, slots, fill: { ...fill, until: Infinity } }, effects: [...effects, ...asking] };
}

/** Nobody is dialled now: no wake for it, and where there is no reserve, no trace of it. */
function quiet({ spares, priority }: LinkPolicy, state: Connected, now: Millis): Connected {
  const { fill, ...rest } = state;
  if (fill === undefined) return state;
  if (spares === 0 && priority === undefined && state.doubt === undefined && !state.slots.some(({ spare }) => spare)) return rest;
  return fill.until <= now ? { ...state, fill: { ...fill, until: Infinity } } : state;
}

/** A connection that comes after failed laps does not fill its reserve at once: servers that accept and drop would be hammered. */
function startFill(policy: LinkPolicy, state: Connected, { now, dice }: LinkMoment): Fill {
  const { lap } = state.course;
  const wait = lap > 0 && state.doubt === undefined;
  const course = afresh(policy, state, state.course);
  // Primaries stand at the head of the list.
  return { course: { ...course, lap: wait ? lap : 0, next: policy.priority ? 0 : course.next }, until: wait ? now + sane(policy.backoff.delay(lap, dice)) : Infinity };
}

function dialSpare(policy: LinkPolicy, { state, effects, fill }: Tended & { readonly fill: Fill }, epoch: number, wanted: Wanted, moment: LinkMoment): LinkStep {
  const index = choose(fill.course, moment.now, wanted);
  if (index === undefined) {
    const hopeless = policy.endpoints !== undefined && !fill.course.endpoints.some(wanted);
    return { state: hopeless ? quiet(policy, state, moment.now) : { ...state, fill: rested(policy, fill.course, wanted, moment) }, effects };
  }
  const { slots, course, effects: dialing } = launch(policy, state.slots, epoch, fill.course, index, moment.now, unready);
  return { state: { ...state, epoch: Math.max(epoch, state.epoch), slots, fill: { course, until: Infinity } }, effects: [...effects, ...dialing] };
}

/** A backoff, then a new lap. */
function rested(policy: LinkPolicy, { lap, ...course }: Course, wanted: Wanted | undefined, { now, dice }: LinkMoment): Fill {
  const pause = Math.max(0, earliest({ ...course, lap }, wanted) - now);
  const left = policy.endpoints === undefined ? Infinity : course.endpoints.length;
  return { course: { ...course, left, lap: lap + 1 }, until: now + (pause < Infinity ? pause : 0) + sane(policy.backoff.delay(lap + 1, dice)) };
}

/** What happened to a spare, ready or on its way. */
export function stepSpare(policy: LinkPolicy, state: Live, slot: Slot, event: LinkEvent, moment: LinkMoment): LinkStep {
  const ready = slot.stage === "spare";
  switch (event.type) {
    case "resolved": return slot.stage === "resolving" && state.phase === "connected" ? resolved(policy, state, slot, event.endpoints, moment) : stay(state);
    case "dialed": return slot.stage !== "dialing" ? stay(state) : policy.reserve === "dialled" ? prepared(policy, state, slot, moment) : greet(state, slot);
    case "greeted": return ready || slot.stage === "resolving" ? stay(state) : prepared(policy, state, slot, moment);
    case "proven": return slot.spare?.asked ? proven(policy, state, slot, moment) : stay(state);
    case "leave": return ready ? failSpare(policy, state, slot, { cause: "drained", retryAfter: event.within }, moment) : stay(state);
    case "lost": return failSpare(policy, state, slot, event, moment);
    default: return stay(state);
  }
}

function resolved(policy: LinkPolicy, state: Connected, slot: Slot, endpoints: readonly string[], moment: LinkMoment): LinkStep {
  if (endpoints.length === 0 || state.fill === undefined) return failSpare(policy, state, slot, { cause: "failed", retryAfter: 0 }, moment);
  const rest = remove(state, slot.epoch);
  const fill = { ...state.fill, course: updateCourse(state.fill.course, endpoints) };
  return dialSpare(policy, { state: rest, effects: [], fill }, slot.epoch, missing(policy, rest) ?? (() => false), moment);
}

function prepared(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep {
  const ready: Slot = { ...slot, stage: "spare", wakeAt: Infinity, spare: { since: moment.now, asked: false, good: 0 } };
  if (policy.reserve === "greeted" && state.phase === "connected" && state.doubt === -Infinity && !isMoving(state)) return flee(policy, replace(state, ready), ready, moment);
  return { state: replace(state, ready), effects: [report({ name: "prepared", endpoint: slot.endpoint, epoch: slot.epoch })] };
}

function proven(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep {
  if (state.phase === "connected" && state.doubt === -Infinity && !isMoving(state)) return flee(policy, state, slot, moment);
  const { since, good } = slot.spare ?? { since: Infinity, good: 0 };
  const better: Slot = { ...slot, spare: { since, asked: false, good: Math.min(good + 1, policy.priority?.probes ?? 0) } };
  return returns(policy, replace(state, better), better, moment) ?? stay(replace(state, better));
}

/** The alarm of one that is ready: it is a primary, and the next sign of life is due. */
export function wakeSpare(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep {
  const { stage, spare = { since: Infinity, asked: false, good: 0 } } = slot;
  if (stage !== "spare" || (spare.asked && state.phase === "connected" && isAway(policy, state))) return failSpare(policy, state, slot, { cause: "timeout", retryAfter: 0 }, moment);
  return returns(policy, state, slot, moment) ?? nextProbe(policy, state, { ...slot, spare }, moment.now);
}

/** To a primary that has earned it. */
function returns(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep | undefined {
  if (state.phase !== "connected" || isMoving(state) || !hasProven(policy, state, slot, moment.now)) return undefined;
  // Should it fail, the next one is not tried at once.
  const fill = state.fill && rested(policy, state.fill.course, undefined, moment);
  return enlist(policy, { ...state, ...(fill && { fill }), move: { cause: "priority", wanted: slot.endpoint, course: { ...afresh(policy, state, state.course), left: 0 }, until: Infinity } }, slot, [], moment);
}

/** From a suspect to one that has just shown that it is alive. */
function flee(policy: LinkPolicy, state: Connected, slot: Slot, moment: LinkMoment): LinkStep {
  return enlist(policy, { ...state, move: { cause: "suspected", wanted: slot.endpoint, course: { ...afresh(policy, state, state.course), left: 0 }, until: Infinity } }, slot, [], moment);
}

interface Failure { readonly cause: LossCause; readonly retryAfter: Millis }
/** Nobody but this spare is harmed. */
export function failSpare(policy: LinkPolicy, state: Live, slot: Slot, { cause, retryAfter }: Failure, moment: LinkMoment): LinkStep {
  const { epoch, endpoint, stage, spare } = slot;
  const rest = remove(state, epoch);
  const fill = rest.phase === "connected" ? rest.fill : undefined;
  const attempt = (fill?.course.attempt ?? 0) + (stage === "resolving" ? 1 : 0);
  const effects = [hangUp(epoch, "abort", cause), report({ name: "failed", attempt, endpoint, stage, cause })];
  if (rest.phase !== "connected" || fill === undefined) return { state: rest, effects };
  const course = retryAfter > 0 && endpoint !== "" ? postponed(fill.course, endpoint, moment.now + retryAfter) : fill.course;
  const lasted = moment.now - (spare?.since ?? Infinity) >= policy.stableAfter;
  const goesOn = stage !== "spare" && stage !== "resolving" && course.left > 0;
  return { state: { ...rest, fill: goesOn ? { course: { ...course, attempt }, until: Infinity } : rested(policy, { ...course, attempt, lap: lasted ? 0 : course.lap }, undefined, moment) }, effects };
}
