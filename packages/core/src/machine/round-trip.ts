/**
 * Is this channel alive? Round-trip rule.
 *
 * Theory of operation. A channel rests while its round trip is proven. `interval` after the last proof it asks: it sends a ping
 * and waits `timeout` for the answer. No answer is a miss, and a miss asks again at once. `maxMisses` in a row: the peer is gone.
 * So a silent peer is gone `interval + maxMisses × timeout` after the last proof.
 *
 * Only an answer to a ping of our own is a proof. Data that arrives proves one direction only (paho.mqtt.javascript#5,
 * MQTT.js#1861): while it keeps coming the verdict is put off, for it may be a busy peer or a large frame, but never past
 * `2 × maxMisses` misses.
 *
 * Nobody is judged before the sockets were read: every verdict asks for a turn of the event loop first, since loops run timers
 * before they read. And a wake that comes very late shows that we were asleep, not the peer: the first one of a silence sends a
 * fresh ping instead of reporting a miss, and is never the last straw. The second one is, so a loop that is always late still finds
 * dead peers.
 *
 * While the reader of the link pauses the channel, answers cannot arrive: we go on beating so that the peer hears us, and judge nobody.
 */
import type { Heartbeat } from "../policy/heartbeat.ts";
import type { Millis } from "../ports/clock.ts";
import { unreachable } from "./unreachable.ts";

export type PulseEvent =
  | { readonly type: "wake" }
  | { readonly type: "turned" }
  | { readonly type: "pong"; readonly nonce: number | undefined }
  /** Ask now: somebody has a reason to doubt. */
  | { readonly type: "probe" }
  | { readonly type: "paused" }
  | { readonly type: "resumed" };

export type PulseEffect =
  | { readonly type: "ping"; readonly nonce: number }
  /** Let the sockets be read, then send `turned`. */
  | { readonly type: "yield" }
  | { readonly type: "missed"; readonly misses: number; readonly of: number }
  | { readonly type: "suspected" }
  | { readonly type: "gone" };

/** What the pulse may know besides the event: the time, and when a frame last went each way. */
export interface PulseMoment { readonly now: Millis; readonly heardAt: Millis; readonly sentAt: Millis }

/** Round-trip times in ms, smoothed as RFC 6298 does (gains 1/8 and 1/4). */
export interface RoundTripTime { readonly last: Millis; readonly smoothed: Millis; readonly variation: Millis }

interface Shared { readonly wakeAt: Millis; readonly nonce: number; readonly rtt: RoundTripTime | undefined }
export type RoundTripState = Shared & (
  | { readonly phase: "resting"; readonly proofAt: Millis }
  | {
    readonly phase: "asking";
    /** The first ping of this silence: an answer to it or to a later one is a proof. */
    readonly firstNonce: number;
    readonly askedAt: Millis;
    readonly misses: number;
    readonly suspected: boolean;
    readonly excused: boolean;
    /** How late the wake was whose turn we are waiting for; undefined while we are not. */
    readonly turning: Millis | undefined;
  }
  | { readonly phase: "paused" }
  | { readonly phase: "gone" }
);
export interface RoundTripStep { readonly state: RoundTripState; readonly effects: readonly PulseEffect[] }
type Asking = Extract<RoundTripState, { phase: "asking" }>;

/** A greeted channel: the greeting was the first proof. The first ping comes at a random moment of the interval, so that links which met at once do not beat at once. */
export function startRoundTrip(policy: Heartbeat, now: Millis, dice: number): RoundTripState {
  return { phase: "resting", proofAt: now, nonce: 0, rtt: undefined, wakeAt: now + Math.min(dice * policy.interval, policy.sendWithin) };
}

export function stepRoundTrip(policy: Heartbeat, state: RoundTripState, event: PulseEvent, moment: PulseMoment): RoundTripStep {
  if (event.type === "paused") return state.phase === "gone" || state.phase === "paused" ? stay(state) : pause(policy, state, moment);
  switch (state.phase) {
    case "resting":
      if (event.type === "probe" || (event.type === "wake" && moment.now >= due(policy, state, moment))) return ask(state, moment, policy);
      return event.type === "wake" ? stay({ ...state, wakeAt: due(policy, state, moment) }) : stay(state);
    case "asking":
      switch (event.type) {
        case "pong": return proven(policy, state, event.nonce, moment);
        case "wake": return moment.now < state.wakeAt ? stay(state) : { state: { ...state, turning: moment.now - state.wakeAt, wakeAt: Infinity }, effects: [{ type: "yield" }] };
        case "turned": return state.turning === undefined ? stay(state) : judge(policy, state, state.turning, moment);
        default: return stay(state);
      }
    case "paused":
      if (event.type === "resumed") return ask(state, moment, policy);
      return event.type === "wake" && moment.now >= state.wakeAt ? pause(policy, state, moment) : stay(state);
    case "gone":
      return stay(state);
    default:
      return unreachable(state);
  }
}

/** How long a ping waits: the policy's timeout, or a measured round trip that is longer, up to twice the timeout. */
export function patience(policy: Heartbeat, rtt: RoundTripTime | undefined): Millis {
  if (rtt === undefined) return policy.timeout;
  return Math.min(Math.max(policy.timeout, rtt.smoothed + 4 * rtt.variation), 2 * policy.timeout);
}

/** The first beat was set by `startRoundTrip`; an alarm may ring early, and `sendWithin` may have moved since. */
function due(policy: Heartbeat, state: { readonly proofAt: Millis; readonly nonce: number; readonly wakeAt: Millis }, { sentAt }: PulseMoment): Millis {
  const proof = state.nonce === 0 ? state.wakeAt : state.proofAt + policy.interval;
  return Math.min(proof, Math.max(sentAt, state.proofAt) + policy.sendWithin);
}

function ask(state: RoundTripState, { now }: PulseMoment, policy: Heartbeat): RoundTripStep {
  const nonce = next(state.nonce);
  const { rtt } = state;
  const asking = { phase: "asking", nonce, firstNonce: nonce, rtt, askedAt: now, misses: 0, suspected: false, excused: false, turning: undefined } as const;
  return { state: { ...asking, wakeAt: verdictAt(policy, asking) }, effects: [{ type: "ping", nonce }] };
}

function verdictAt(policy: Heartbeat, { askedAt, suspected, rtt }: Pick<Asking, "askedAt" | "suspected" | "rtt">): Millis {
  const deadline = askedAt + patience(policy, rtt);
  if (suspected || rtt === undefined) return deadline;
  return Math.min(deadline, askedAt + rtt.smoothed + 4 * rtt.variation + policy.suspectMargin);
}

function judge(policy: Heartbeat, state: Asking, late: Millis, moment: PulseMoment): RoundTripStep {
  const { now } = moment;
  const effects: PulseEffect[] = state.suspected ? [] : [{ type: "suspected" }];
  const deadline = state.askedAt + patience(policy, state.rtt);
  if (now < deadline) return { state: { ...state, suspected: true, turning: undefined, wakeAt: deadline }, effects };
  const nonce = next(state.nonce);
  const again = { ...state, nonce, askedAt: now, turning: undefined };
  // A wake late by less than this is noise: the turn that was just given is enough for it.
  const asleep = late > Math.max(50, policy.timeout / 4);
  if (asleep && !state.excused) {
    // The ping that went unanswered counts along with the next one, so that the end comes no later, but it never is the end.
    const owed = Math.max(state.misses, Math.min(state.misses + 1, policy.maxMisses - 1));
    return { state: { ...again, misses: owed, excused: true, wakeAt: verdictAt(policy, again) }, effects: [{ type: "ping", nonce }] };
  }
  const misses = state.misses + 1;
  effects.push({ type: "missed", misses, of: policy.maxMisses });
  const talking = moment.heardAt > state.askedAt && misses < 2 * policy.maxMisses;
  if (misses >= policy.maxMisses && !talking) {
    return { state: { phase: "gone", nonce, rtt: state.rtt, wakeAt: Infinity }, effects: [...effects, { type: "gone" }] };
  }
  const missed = { ...again, misses, suspected: true };
  return { state: { ...missed, wakeAt: verdictAt(policy, missed) }, effects: [...effects, { type: "ping", nonce }] };
}

function proven(policy: Heartbeat, state: Asking, nonce: number | undefined, { now }: PulseMoment): RoundTripStep {
  const age = (state.nonce - (nonce ?? state.firstNonce)) >>> 0;
  const asked = (state.nonce - state.firstNonce) >>> 0;
  if (age > asked) return stay(state); // An answer to something we did not ask in this silence proves nothing.
  // Karn: an answer that may belong to an earlier ping is no measurement; nor is one that we read late.
  const clean = age === 0 && (nonce !== undefined || asked === 0) && state.turning === undefined && now < state.wakeAt;
  const rtt = clean ? measured(state.rtt, now - state.askedAt) : state.rtt;
  return stay({ phase: "resting", proofAt: now, nonce: state.nonce, rtt, wakeAt: now + Math.min(policy.interval, policy.sendWithin) });
}

function measured(before: RoundTripTime | undefined, last: Millis): RoundTripTime {
  if (before === undefined) return { last, smoothed: last, variation: last / 2 };
  const variation = 0.75 * before.variation + 0.25 * Math.abs(before.smoothed - last);
  return { last, smoothed: 0.875 * before.smoothed + 0.125 * last, variation };
}

function pause(policy: Heartbeat, state: RoundTripState, { now }: PulseMoment): RoundTripStep {
  const beats = state.phase === "paused";
  const nonce = beats ? next(state.nonce) : state.nonce;
  return {
    state: { phase: "paused", nonce, rtt: state.rtt, wakeAt: now + Math.min(policy.interval, policy.sendWithin) },
    effects: beats ? [{ type: "ping", nonce }] : [],
  };
}

/** Nonces travel as 32 bits. */
const next = (nonce: number): number => (nonce + 1) >>> 0 || 1;
const stay = (state: RoundTripState): RoundTripStep => ({ state, effects: [] });
