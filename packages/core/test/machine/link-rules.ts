import { stepLink, wakeAt } from "../../src/machine/link.ts";
import type { LinkState, Slot, Stage } from "../../src/machine/link-state.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { stale, type LinkMove } from "./link-space.ts";

const slotsOf = (state: LinkState): readonly Slot[] => (state.phase === "idle" ? [] : state.slots);
const count = (state: LinkState, ...stages: readonly Stage[]): number => slotsOf(state).filter(({ stage }) => stages.includes(stage)).length;
const onItsWay = (state: LinkState, spare = false): number => slotsOf(state).filter((slot) => ["resolving", "dialing", "greeting"].includes(slot.stage) && (slot.spare !== undefined) === spare).length;
/** Greeted, and not used yet. */
const standingBy = (state: LinkState): number => count(state, "standby");
const moves = (state: LinkState): boolean => state.phase === "connected" && state.move !== undefined;
const inUse = (state: LinkState): number => count(state, "active", "leaving");

/** What must hold of each move and of the state it leads to. Plain throws: there are hundreds of thousands, and `expect` is slow. */
export function checkLinkMove(policy: LinkPolicy, from: LinkState, move: LinkMove): void {
  if (move.state === from && move.effects.length === 0) return; // Nothing happened, and `from` was looked at when it was reached.
  checkMove(from, move);
  checkCount(policy, from, move);
  checkState(policy, move.state);
}

/** What must hold of each state when time goes on and nothing else happens. */
export function checkLinkFuture(policy: LinkPolicy, state: LinkState): void {
  checkProgress(policy, state);
  checkLiveliness(policy, state);
}

function checkState(policy: LinkPolicy, state: LinkState): void {
  if (slotsOf(state).length > policy.maxChannels) throw new Error("more channels than allowed");
  if (inUse(state) > 1) throw new Error("more than one active channel");
  if (state.phase === "connecting" && policy.reserve === "dialled" && count(state, "greeting") > 1) throw new Error("two takeovers at once");
  const racers = state.phase === "connecting" && policy.stagger < Infinity ? policy.maxChannels : 1;
  if (onItsWay(state) + standingBy(state) > racers) throw new Error("more than one channel on its way");
  if ((state.phase === "connected") !== (inUse(state) === 1)) throw new Error("connected and an active channel are not the same");
  if ((state.phase === "connecting" || (state.phase === "connected" && state.move?.until === Infinity)) !== (onItsWay(state) + standingBy(state) >= 1)) throw new Error("a channel is on its way, and nobody waits for it, or the other way round");
  if (onItsWay(state, true) > (state.phase === "connected" ? 1 : 0)) throw new Error("more than one spare on its way, or one without a connection");
  const { spares, reserve } = policy;
  const doubted = state.phase === "connected" && state.doubt !== undefined;
  if (!moves(state) && count(state, "spare") > Math.max(spares, doubted || policy.priority ? 1 : 0)) throw new Error("more in reserve than asked for");
  if (count(state, "spare") > 0 && state.phase !== "connected" && reserve === "greeted") throw new Error("one in reserve was not used");
  if (state.phase === "connected" && slotsOf(state).some(({ stage, endpoint }) => stage === "spare" && endpoint === state.slots.find((slot) => slot.stage === "active")?.endpoint) && !moves(state)) throw new Error("a spare of the endpoint in use");
  if (standingBy(state) > 0 && !moves(state)) throw new Error("a channel stands by and is not moved to");
  if (policy.handover === "none" && moves(state)) throw new Error("a second channel where there may be only one");
  if (state.phase === "closed" && onItsWay(state) + inUse(state) > 0) throw new Error("a closed link uses a channel");
  if (!awaited(state) && wakeAt(policy, state) === Infinity) throw new Error("stuck: nothing is in flight and no wake is due");
  if (Number.isNaN(wakeAt(policy, state))) throw new Error("the next wake is no time");
  if (state.phase === "waiting" && !(state.until >= 0 && state.until < Infinity)) throw new Error(`a wait until ${state.until}`);
}

/** Only the user, a living channel or a limiter can move these; everything else must have a deadline. */
function awaited(state: LinkState): boolean {
  return slotsOf(state).some(({ stage, wakeAt: at }) => stage === "dialing" && at === Infinity) || state.phase === "idle" || (state.phase === "connected" && count(state, "active") === 1 && !moves(state)) || (state.phase === "closed" && state.slots.length === 0);
}

function checkMove(from: LinkState, { event, state, effects }: LinkMove): void {
  if (effects.filter(({ type }) => type === "dial" || type === "resolve").length > 1) throw new Error("more than one dial in a step");
  if ("epoch" in event && event.epoch === stale && (state !== from || effects.length > 0)) throw new Error("late news changed something");
  if (from.phase === "closed") {
    if (state.phase !== "closed") throw new Error("a closed link came back");
    if (effects.some(({ type }) => type !== "hangUp")) throw new Error("a closed link did more than hang up");
  }
  const known = new Set(slotsOf(from).map(({ epoch }) => epoch));
  const told = effects.map((effect) => effect.type === "report" ? effect.report.name : "");
  for (const effect of effects) {
    if (effect.type === "hangUp" && !known.has(effect.epoch)) throw new Error("hung up on nobody");
    if (effect.type !== "report") continue;
    const { report } = effect;
    if (report.name === "waiting" && !(report.delay >= 0 && report.delay < Infinity)) throw new Error(`a wait of ${report.delay}`);
    if (report.name === "migrated" && !((moves(from) || count(from, "spare", "greeting", "dialing") > 0) && !moves(state) && report.epoch !== usedEpoch(from) && report.epoch === usedEpoch(state))) throw new Error("migrated without a change");
    if (report.name === "connected" && from.phase === "connected" && !told.includes("disconnected")) throw new Error("connected twice");
    if (report.name === "disconnected" && inUse(from) !== 1) throw new Error("disconnected without a connection");
  }
  if (inUse(from) === 1 && (inUse(state) === 0 || told.includes("connected")) && effects.filter((effect) => effect.type === "report" && effect.report.name === "disconnected").length !== 1) throw new Error("a connection ended without a word");
  const changed = effects.some((effect) => effect.type === "report" && effect.report.name === "migrated");
  if (inUse(from) === 1 && inUse(state) === 1 && (usedEpoch(from) !== usedEpoch(state)) !== (changed || told.includes("connected"))) throw new Error("the channel changed without a word");
  if (event.type === "suspected" && inUse(state) !== inUse(from)) throw new Error("a suspicion killed");
  if (moves(from) && inUse(from) === 1 && event.type === "lost" && event.epoch !== usedEpoch(from) && usedEpoch(state) !== usedEpoch(from) && !changed) throw new Error("a candidate that failed harmed the active channel");
  for (const slot of slotsOf(state)) {
    if (!known.has(slot.epoch) && slot.epoch <= Math.max(0, ...known)) throw new Error("an epoch was used again");
  }
}

function usedEpoch(state: LinkState): number | undefined {
  return slotsOf(state).find(({ stage }) => stage === "active" || stage === "leaving")?.epoch;
}

function checkCount(policy: LinkPolicy, from: LinkState, { state }: LinkMove): void {
  if (!("course" in from) || !("course" in state) || state.course.attempt >= from.course.attempt) return;
  const stable = from.phase === "connected" && -from.since >= policy.stableAfter;
  if (!stable) throw new Error("the attempt count was reset without a stable connection");
}

/** A late alarm rings once and finds everything that is due; it must not ring for ever. */
function checkProgress(policy: LinkPolicy, from: LinkState): void {
  let state = from;
  for (let ring = 0; ring <= 8; ring += 1) {
    if (wakeAt(policy, state) > 0) return;
    state = stepLink(policy, state, { type: "wake" }, { now: 0, dice: 0.5 }).state;
  }
  throw new Error("eight wakes in one moment and still one is due");
}

/** With peers that never answer and no user, a link ends or goes on dialling: it visits `connecting` again and again. */
function checkLiveliness(policy: LinkPolicy, from: LinkState): void {
  if (awaited(from)) return;
  let state = from;
  for (let ring = 0; ring <= 40; ring += 1) {
    const now = wakeAt(policy, state);
    if (now === Infinity) throw new Error("it fell asleep for ever");
    const step = stepLink(policy, state, { type: "wake" }, { now, dice: 0.5 });
    state = step.state;
    if (awaited(state) || step.effects.some(({ type }) => type === "dial" || type === "resolve")) return;
  }
  throw new Error("forty wakes without a dial");
}
