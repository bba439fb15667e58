/**
 * Is this channel alive? One-way rule, for protocols whose pings are not answered (Jupiter, STOMP, ActiveMQ).
 *
 * Theory of operation. We beat when nothing was written for `sendWithin`. A silence of `hearWithin` is a miss, each further one
 * another; anything heard forgets them; `maxMisses` in a row: the peer is gone. Nothing here can prove that what we write arrives.
 *
 * As in the round-trip rule the sockets are read before a verdict, and the first wake of a silence that comes very late earns the
 * peer one more period.
 */
import type { Heartbeat } from "../policy/heartbeat.ts";
import type { Millis } from "../ports/clock.ts";
import type { PulseEffect, PulseEvent, PulseMoment } from "./round-trip.ts";
import { unreachable } from "./unreachable.ts";

export interface OneWayState {
  readonly phase: "listening" | "paused" | "gone";
  readonly wakeAt: Millis;
  /** Beats sent so far. */
  readonly nonce: number;
  /** The first beat comes at a random moment, so that links which met at once do not beat at once. */
  readonly firstBeatAt: Millis;
  /** Silences are counted from here or from the last frame, whichever is later. */
  readonly since: Millis;
  readonly misses: number;
  readonly excused: boolean;
  /** How late the wake was whose turn we are waiting for; undefined while we are not. */
  readonly turning: Millis | undefined;
}
export interface OneWayStep { readonly state: OneWayState; readonly effects: readonly PulseEffect[] }

export function startOneWay(policy: Heartbeat, now: Millis, dice: number): OneWayState {
  const firstBeatAt = policy.sendWithin === Infinity ? Infinity : now + dice * policy.sendWithin;
  return { phase: "listening", nonce: 0, firstBeatAt, since: now, misses: 0, excused: false, turning: undefined, wakeAt: Math.min(firstBeatAt, now + policy.hearWithin) };
}

export function stepOneWay(policy: Heartbeat, before: OneWayState, event: PulseEvent, moment: PulseMoment): OneWayStep {
  if (before.phase === "gone") return { state: before, effects: [] };
  const heard = moment.heardAt > before.since;
  const state: OneWayState = heard ? { ...before, since: moment.heardAt, misses: 0, excused: false } : before;
  switch (event.type) {
    case "paused": return sleep(policy, { ...state, phase: "paused", turning: undefined }, moment);
    case "resumed": return sleep(policy, { ...state, phase: "listening", since: moment.now, misses: 0 }, moment);
    case "probe": return beat(policy, state, moment);
    case "wake": {
      const late = moment.now - deadline(policy, state);
      if (state.phase === "listening" && late >= 0 && state.turning === undefined) return { state: { ...state, turning: late, wakeAt: Infinity }, effects: [{ type: "yield" }] };
      return beatIfDue(policy, state, moment);
    }
    case "turned": return state.turning === undefined ? { state, effects: [] } : judge(policy, state, state.turning, moment);
    case "pong": return { state, effects: [] };
    default: return unreachable(event);
  }
}

function judge(policy: Heartbeat, state: OneWayState, late: Millis, moment: PulseMoment): OneWayStep {
  const settled = { ...state, turning: undefined };
  if (moment.now < deadline(policy, settled)) return beatIfDue(policy, settled, moment);
  // A wake late by less than this is noise: the turn that was just given is enough for it.
  const asleep = late > Math.max(50, policy.hearWithin / 4);
  if (asleep && !state.excused) return beatIfDue(policy, { ...settled, excused: true, since: moment.now - state.misses * policy.hearWithin }, moment);
  const misses = state.misses + 1;
  const effects: PulseEffect[] = misses === 1 ? [{ type: "suspected" }] : [];
  effects.push({ type: "missed", misses, of: policy.maxMisses });
  if (misses >= policy.maxMisses) return { state: { ...settled, phase: "gone", misses, wakeAt: Infinity }, effects: [...effects, { type: "gone" }] };
  const step = beatIfDue(policy, { ...settled, misses }, moment);
  return { state: step.state, effects: [...effects, ...step.effects] };
}

function beatIfDue(policy: Heartbeat, state: OneWayState, moment: PulseMoment): OneWayStep {
  return moment.now >= beatAt(policy, state, moment) ? beat(policy, state, moment) : sleep(policy, state, moment);
}

function beat(policy: Heartbeat, state: OneWayState, moment: PulseMoment): OneWayStep {
  const nonce = (state.nonce + 1) >>> 0;
  return { state: sleep(policy, { ...state, nonce }, { ...moment, sentAt: moment.now }).state, effects: [{ type: "ping", nonce }] };
}

function sleep(policy: Heartbeat, state: OneWayState, moment: PulseMoment): OneWayStep {
  const listens = state.phase === "listening" && state.turning === undefined;
  return { state: { ...state, wakeAt: Math.min(beatAt(policy, state, moment), listens ? deadline(policy, state) : Infinity) }, effects: [] };
}

function beatAt(policy: Heartbeat, { nonce, firstBeatAt }: OneWayState, { sentAt }: PulseMoment): Millis {
  return nonce === 0 ? firstBeatAt : sentAt + policy.sendWithin;
}

function deadline(policy: Heartbeat, state: OneWayState): Millis {
  return state.since + (state.misses + 1) * policy.hearWithin;
}
