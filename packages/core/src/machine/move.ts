/**
 * A link moves to another channel: it makes before it breaks.
 *
 * Theory of operation. While the active channel goes on working, a candidate is dialled and greeted elsewhere; on the endpoint we are
 * on only where there is no other, or the user named it. A greeted candidate stands by until the peer has everything that was sent on
 * the old channel (`hold`, then `settled`), at most `drainTimeout`; meanwhile messages wait. Then the link changes between two messages: the
 * candidate is active, and the old channel drains. A protocol that replays what was not confirmed needs no such pause.
 *
 * A candidate that fails harms nobody: the next one is dialled, with counts of its own. Once everybody was tried a link that the user
 * wanted to move stays where it is; one whose peer asked it to leave waits a backoff and tries again. If the active channel is lost
 * first, a candidate that stands by takes over, and one that is on its way becomes the next connection.
 *
 * A move because a peer asked counts in the lap, and a channel that did not last is not left at once when the lap is used up: servers
 * that greet and send away would otherwise be dialled in a circle without a pause. Where the peer named an endpoint that we accept, that one
 * is the first candidate, and then the others.
 *
 * Where a channel is kept in reserve (`spares.ts`) it is the candidate, and nothing is dialled. A channel that is suspected
 * (`suspicion.ts`) is not waited for.
 */
import type { LinkPolicy } from "../policy/link-policy.ts";
import { aimed, beyond, choose, detour, dialled, earliest, postponed, updateCourse, type Course, type Wanted } from "./course.ts";
import { ask, launch } from "./launch.ts";
import { bare, hangUp, loosen, onItsWay, remove, replace, report, sane, stay, still, used, type Connected, type LinkEffect, type LinkEvent, type LinkMoment, type LinkState, type LinkStep, type Live, type LossCause, type Move, type Moving, type Slot } from "./link-state.ts";

export const isMoving = (state: LinkState): state is Moving => state.phase === "connected" && state.move !== undefined;
/** Of a link that is moving. */
export const isCandidate = (slot: Slot): boolean => !used(slot) && slot.stage !== "draining" && slot.spare === undefined;

/** The user wants another channel: to `wanted`, or to any other endpoint. */
export function migrate(policy: LinkPolicy, state: Live, wanted: string | undefined, moment: LinkMoment): LinkStep {
  if (state.phase !== "connected" || state.move !== undefined || policy.handover === "none") return stay(state);
  const course = afresh(policy, state, state.course);
  return dialCandidate(policy, { ...state, move: { cause: "requested", wanted, course: wanted === undefined ? course : aimed(course, wanted), until: Infinity } }, [], moment);
}

/** The peer asked us to leave, and the moment has come. */
export function depart(policy: LinkPolicy, state: Connected, slot: Slot, moment: LinkMoment): LinkStep {
  const due = replace(state, { ...slot, wakeAt: Infinity });
  if (state.move !== undefined) return stay(due);
  const settled = loosen(policy, due, slot, moment);
  const { lap, left } = settled.course;
  const move: Move = { cause: "drained", wanted: undefined, course: { ...afresh(policy, due, due.course), lap }, until: Infinity };
  if (left === 0 && settled === due) return rest(policy, due, move, [], moment);
  return dialCandidate(policy, { ...due, move: slot.to === undefined ? move : { ...move, wanted: slot.to, course: aimed(move.course, slot.to) } }, [], moment);
}

/** What happened to the candidate. */
export function stepCandidate(policy: LinkPolicy, state: Moving, slot: Slot, event: LinkEvent, moment: LinkMoment): LinkStep {
  switch (event.type) {
    case "resolved": return slot.stage === "resolving" ? resolved(policy, state, slot, event.endpoints, moment) : stay(state);
    case "dialed": return slot.stage === "dialing" ? greet(state, slot) : stay(state);
    case "greeted": return slot.stage === "dialing" || slot.stage === "greeting" ? greeted(policy, state, slot, moment) : stay(state);
    case "leave": return slot.stage === "standby" ? failCandidate(policy, state, slot, { cause: "drained", retryAfter: event.within }, moment) : stay(state);
    case "lost": return failCandidate(policy, state, slot, event, moment);
    default: return stay(state);
  }
}

/** The channel is there: its conversation begins. */
export function greet<S extends LinkState & { readonly slots: readonly Slot[] }>(state: S, slot: Slot): LinkStep {
  return { state: replace(state, { ...slot, stage: "greeting" }), effects: [{ type: "greet", epoch: slot.epoch, duty: slot.spare ? "standby" : "active" }] };
}

export function dialCandidate(policy: LinkPolicy, state: Moving, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const { wanted } = state.move;
  const fits = ({ spare, endpoint }: Slot): boolean => spare !== undefined && (wanted ?? endpoint) === endpoint;
  const spare = state.slots.find((slot) => slot.stage === "spare" && fits(slot));
  if (spare) return enlist(policy, state, spare, effects, moment);
  const coming = state.slots.find((slot) => slot.spare && onItsWay(slot));
  if (coming && fits(coming)) return { state: { ...replace(state, bare(coming)), move: { ...state.move, course: beyond(state.move.course, coming.endpoint), until: Infinity } }, effects };
  if (coming) return dialCandidate(policy, remove(state, coming.epoch), [...effects, hangUp(coming.epoch, "abort", "failed")], moment);
  const epoch = state.epoch + 1;
  if (policy.endpoints !== undefined) return dial(policy, state, epoch, effects, moment);
  const { slots, effects: asking } = ask(policy, state.slots, epoch, moment.now);
  return { state: { ...state, epoch, slots, move: { ...state.move, until: Infinity } }, effects: [...effects, ...asking] };
}

/** One in reserve is the candidate. */
export function enlist(policy: LinkPolicy, state: Moving, spare: Slot, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const moving: Moving = { ...state, move: { ...state.move, course: beyond(state.move.course, spare.endpoint), until: Infinity } };
  const slot = { ...bare(spare), wakeAt: moment.now + policy.dialTimeout };
  const step = policy.reserve === "greeted" ? greeted(policy, moving, slot, moment) : greet(moving, slot);
  return { ...step, effects: [...effects, ...step.effects] };
}

function dial(policy: LinkPolicy, state: Moving, epoch: number, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const { move } = state;
  const index = choose(move.course, moment.now, move.wanted === undefined ? others(state, move.course) : undefined);
  if (index === undefined) return lapOver(policy, state, effects, moment);
  const { slots, course, effects: dialing } = launch(policy, state.slots, epoch, move.course, index, moment.now);
  return { state: { ...state, epoch, slots, move: { ...move, course, until: Infinity } }, effects: [...effects, ...dialing] };
}

function resolved(policy: LinkPolicy, state: Moving, slot: Slot, endpoints: readonly string[], moment: LinkMoment): LinkStep {
  if (endpoints.length === 0) return failCandidate(policy, state, slot, { cause: "failed", retryAfter: 0 }, moment);
  const { move } = state;
  const course = updateCourse(move.course, endpoints);
  const next = { ...move, course: move.wanted === undefined ? course : aimed(course, move.wanted) };
  return dial(policy, { ...remove(state, slot.epoch), move: next }, slot.epoch, [], moment);
}

function greeted(policy: LinkPolicy, state: Moving, slot: Slot, moment: LinkMoment): LinkStep {
  const ready = replace(state, { ...slot, stage: "standby", wakeAt: moment.now + policy.drainTimeout });
  const atOnce = policy.handover === "replayed" || (state.doubt ?? Infinity) <= moment.now; // A suspect confirms nothing.
  return atOnce ? change(policy, ready, undefined, moment) : { state: ready, effects: [{ type: "hold" }] };
}

/** The change, between two messages. `loss`: the old channel is gone already. Does nothing before a candidate stands by. */
export function change(policy: LinkPolicy, state: Moving, loss: LossCause | undefined, moment: LinkMoment): LinkStep {
  const next = state.slots.find(({ stage }) => stage === "standby");
  if (next === undefined) return stay(state);
  const old = inUse(state);
  const { now } = moment;
  const drained: Slot = { ...old, stage: "draining", wakeAt: now + policy.drainTimeout, ...(state.doubt !== undefined && { suspect: true }) };
  const { slots } = replace(loss === undefined ? replace(state, drained) : remove(state, old.epoch), { ...next, stage: "active", wakeAt: Infinity });
  const { course: before, met } = loosen(policy, state, old, moment);
  const { cause, course: { endpoints, next: following, notBefore, lap } } = state.move;
  const asked = cause === "drained";
  const course = { ...before, endpoints, next: following, notBefore, lap: asked ? lap : before.lap, left: asked ? Math.max(0, before.left - 1) : before.left };
  const caution = cause === "suspected" ? { raised: state.caution?.raised ?? 0, calm: now + policy.stableAfter } : state.caution;
  return {
    state: { phase: "connected", slots, epoch: state.epoch, course, met, downSince: now, since: now, ...(caution && { caution }), ...(state.fill && { fill: state.fill }) },
    effects: [report({ name: "migrated", from: old.endpoint, to: next.endpoint, cause, epoch: next.epoch }), hangUp(old.epoch, loss === undefined ? "close" : "abort", loss ?? "drained"), { type: "flush" }],
  };
}

interface Failure { readonly cause: LossCause; readonly retryAfter: number }
/** Nobody but this candidate is harmed. */
export function failCandidate(policy: LinkPolicy, state: Moving, slot: Slot, { cause, retryAfter }: Failure, moment: LinkMoment): LinkStep {
  const nobody = slot.stage === "resolving"; // The source failed: the lap is over.
  const attempt = state.move.course.attempt + (nobody ? 1 : 0);
  const effects: LinkEffect[] = [hangUp(slot.epoch, "abort", cause), report({ name: "failed", attempt, endpoint: slot.endpoint, stage: slot.stage, cause })];
  if (slot.stage === "standby") effects.push({ type: "release" });
  const pause = (course: Course): Course => retryAfter > 0 && !nobody ? postponed(course, slot.endpoint, moment.now + retryAfter) : course;
  const course = { ...pause(state.move.course), attempt, ...(nobody && { left: 0 }) };
  const left = { ...remove(state, slot.epoch), course: pause(state.course), move: { ...state.move, course } };
  return course.left > 0 ? dialCandidate(policy, left, effects, moment) : lapOver(policy, left, effects, moment);
}

/** Everybody was tried. We stay, unless the peer wants us gone. */
function lapOver(policy: LinkPolicy, state: Moving, effects: readonly LinkEffect[], moment: LinkMoment): LinkStep {
  const { stage, wakeAt } = inUse(state);
  const { cause, wanted, course: { lap, attempt, ...course } } = state.move;
  if (cause === "drained" && wanted !== undefined) { // The one that the peer named did not take us.
    const others: Course = { ...beyond(afresh(policy, state, { ...course, lap, attempt }), wanted), left: Math.max(0, course.endpoints.length - 1), lap, attempt };
    return dialCandidate(policy, { ...state, move: { ...state.move, wanted: undefined, course: others } }, effects, moment);
  }
  if (stage === "leaving" && wakeAt === Infinity) return rest(policy, state, { ...state.move, cause: "drained", wanted: undefined }, effects, moment);
  return { state: still(state), effects };
}

/** A wait, then the next lap. */
function rest(policy: LinkPolicy, state: Connected, { course: { lap, attempt, ...course }, ...move }: Move, effects: readonly LinkEffect[], { now, dice }: LinkMoment): LinkStep {
  const next = { ...afresh(policy, state, { ...course, lap, attempt }), lap: lap + 1, attempt };
  const pause = Math.max(0, earliest(next, others(state, next)) - now);
  return { state: { ...state, move: { ...move, course: next, until: now + pause + sane(policy.backoff.delay(next.lap, dice)) } }, effects };
}

/** The course of a connection whose channel was lost while another one was on its way, dialled along `from`: that dial counts as the first. */
export function adopted(course: Course, { endpoints }: Course, { stage, endpoint }: Slot): Course {
  if (stage === "resolving") return course;
  const turn = dialled(endpoints === course.endpoints ? course : updateCourse(course, endpoints), Math.max(0, endpoints.indexOf(endpoint)));
  return course.left > 0 ? turn : { ...turn, lap: turn.lap + 1 };
}

/** A lap over the others. A source is asked first who they are. */
export function afresh(policy: LinkPolicy, state: Connected, course: Course): Course {
  const lap = { ...detour(course, inUse(state).endpoint), lap: 0, attempt: 0 };
  return policy.endpoints === undefined ? { ...lap, left: Infinity } : lap;
}

/** Where we are is no candidate while there are others. */
function others(state: Connected, { endpoints }: Course): Wanted {
  const { endpoint } = inUse(state);
  return (other) => other !== endpoint || endpoints.every((each) => each === endpoint);
}

export function inUse({ slots }: Connected): Slot {
  return slots.find(used) as Slot; // Connected is to have one.
}
