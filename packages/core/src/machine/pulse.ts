import type { Heartbeat } from "../policy/heartbeat.ts";
import type { Millis } from "../ports/clock.ts";
import { startOneWay, stepOneWay, type OneWayState } from "./one-way.ts";
import { startRoundTrip, stepRoundTrip, type PulseEffect, type PulseEvent, type PulseMoment, type RoundTripState, type RoundTripTime } from "./round-trip.ts";

/** Is this channel alive? One machine for a link's channel and for a server's peer; the policy's mode chooses the rule. */
export type PulseState = RoundTripState | OneWayState;
export interface PulseStep { readonly state: PulseState; readonly effects: readonly PulseEffect[] }

export function startPulse(policy: Heartbeat, now: Millis, dice: number): PulseState {
  return policy.mode === "one-way" ? startOneWay(policy, now, dice) : startRoundTrip(policy, now, dice);
}

export function stepPulse(policy: Heartbeat, state: PulseState, event: PulseEvent, moment: PulseMoment): PulseStep {
  return isOneWay(state) ? stepOneWay(policy, state, event, moment) : stepRoundTrip(policy, state, event, moment);
}

/** Undefined until the first answered ping, and in one-way mode. */
export function roundTripTime(state: PulseState): RoundTripTime | undefined {
  return isOneWay(state) ? undefined : state.rtt;
}

function isOneWay(state: PulseState): state is OneWayState {
  return "firstBeatAt" in state;
}
