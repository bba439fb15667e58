import { startPulse, stepPulse, type PulseState } from "../../src/machine/pulse.ts";
import type { PulseEffect, PulseEvent, RoundTripTime } from "../../src/machine/round-trip.ts";
import { resolveHeartbeat, type Heartbeat } from "../../src/policy/heartbeat.ts";
import type { Millis } from "../../src/ports/clock.ts";
import type { Move } from "./explore.ts";

/**
 * All that can happen to a pulse, in a small world: time goes in steps of a second, a frame was heard just now or long ago, a
 * round trip was quick or slow. After every step the clock is set back to 0.
 */
export interface PulseMove extends Move<PulseState> {
  readonly event: PulseEvent | { readonly type: "tick" };
  readonly state: PulseState;
  readonly effects: readonly PulseEffect[];
}

const small = { interval: 3_000, timeout: 2_000, maxMisses: 2, suspectMargin: 500 };
/** The policies whose states are visited, by what is special about them. */
export const pulsePolicies: Readonly<Record<string, Heartbeat>> = {
  "round trips": resolveHeartbeat(small),
  "round trips for a peer with a reader-idle timer": resolveHeartbeat({ ...small, sendWithin: 1_000 }),
  "one way": resolveHeartbeat({ ...small, mode: "one-way", hearWithin: 3_000 }),
  "one way, for a peer that does not want to hear us": resolveHeartbeat({ ...small, mode: "one-way", hearWithin: 2_000, sendWithin: Infinity }),
};

const step = 1_000;
const longAgo = -20_000;
const quick: RoundTripTime = { last: 0, smoothed: 0, variation: 0 };
const slow: RoundTripTime = { last: 2_000, smoothed: 2_000, variation: 250 };

export function start(policy: Heartbeat): PulseState {
  return forget(startPulse(policy, 0, 0.5), 0);
}

/** The state with its times counted from `now` and everything forgotten that makes no difference. */
export function forget(state: PulseState, now: Millis): PulseState {
  const since = (at: Millis): Millis => (at === Infinity ? at : Math.max(longAgo, Math.round((at - now) / step) * step));
  const late = (by: Millis | undefined): Millis | undefined => by && Math.min(by, 2_000);
  const wakeAt = Math.max(-3_000, since(state.wakeAt));
  if ("firstBeatAt" in state) return { ...state, wakeAt, since: since(state.since), firstBeatAt: state.nonce > 0 ? 0 : Math.max(0, since(state.firstBeatAt)), nonce: Math.min(state.nonce, 1), turning: late(state.turning) };
  const rtt = state.rtt && (state.rtt.smoothed < 1_000 ? quick : slow);
  switch (state.phase) {
    case "resting": return { ...state, wakeAt, rtt, proofAt: Math.max(-4_000, since(state.proofAt)), nonce: Math.min(state.nonce, 1) };
    case "asking": return { ...state, wakeAt, rtt, askedAt: since(state.askedAt), firstNonce: 1, nonce: 1 + state.nonce - state.firstNonce, turning: late(state.turning) };
    default: return { ...state, wakeAt, rtt, nonce: 1 };
  }
}

export const pulseKey = (state: PulseState): string => JSON.stringify(state, (_, value: unknown) => (value === Infinity ? "∞" : value));

export function* pulseMoves(policy: Heartbeat, from: PulseState): Iterable<PulseMove> {
  // A turn is given before any time passes.
  const turning = "turning" in from && from.turning !== undefined;
  if (!turning) yield { label: "tick", event: { type: "tick" }, state: from, effects: [], to: forget(from, step) };
  for (const [name, event] of events) {
    for (const [when, moment] of moments) {
      const { state, effects } = stepPulse(policy, from, event, moment);
      yield { label: `${name}${when}`, event, state, effects, to: state === from ? from : forget(state, 0) };
    }
  }
}

const events: readonly (readonly [string, PulseEvent])[] = [
  ["wake", { type: "wake" }], ["turned", { type: "turned" }], ["probe", { type: "probe" }], ["paused", { type: "paused" }], ["resumed", { type: "resumed" }],
  ["pong", { type: "pong", nonce: undefined }], ["pong 1", { type: "pong", nonce: 1 }], ["pong 2", { type: "pong", nonce: 2 }], ["pong 9", { type: "pong", nonce: 9 }],
];
const moments = [
  ["", { now: 0, heardAt: longAgo, sentAt: longAgo }],
  [" while it talks", { now: 0, heardAt: 0, sentAt: longAgo }],
  [" while we talk", { now: 0, heardAt: longAgo, sentAt: 0 }],
] as const;
