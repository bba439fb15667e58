import { stepPulse, type PulseState } from "../../src/machine/pulse.ts";
import { patience, type PulseEvent } from "../../src/machine/round-trip.ts";
import { detectionBound, type Heartbeat } from "../../src/policy/heartbeat.ts";
import { pulseKey, type PulseMove } from "./pulse-space.ts";

/** What must hold of each move and of the state it leads to. */
export function checkPulseMove(policy: Heartbeat, from: PulseState, move: PulseMove): void {
  checkMove(policy, from, move);
  checkState(policy, move.state);
}

/** From every state a silent peer is found in time. */
export function checkPulseFuture(policy: Heartbeat, state: PulseState): void {
  const rtt = "rtt" in state ? state.rtt : undefined;
  const timeout = patience(policy, rtt);
  // A loop that was asleep earns the peer one more period; times are rounded by half a second here.
  const excuse = policy.mode === "one-way" ? policy.hearWithin : timeout;
  const after = untilGone(policy, state);
  if (after > detectionBound(policy, "silent", timeout) + excuse + 500) throw new Error(`a silent peer is gone after ${after} ms only, from ${pulseKey(state)}`);
}

const turning = (state: PulseState): boolean => "turning" in state && state.turning !== undefined;

function checkState(policy: Heartbeat, state: PulseState): void {
  if (Number.isNaN(state.wakeAt)) throw new Error("the next wake is no time");
  if (state.phase === "gone" && state.wakeAt !== Infinity) throw new Error("a gone pulse beats");
  const idle = state.phase === "paused" && policy.mode === "one-way" && policy.sendWithin === Infinity; // Only our own reader can go on.
  if (state.phase !== "gone" && !idle && !turning(state) && state.wakeAt === Infinity) throw new Error("stuck: nothing is in flight and no wake is due");
  if ("misses" in state && state.misses > 2 * policy.maxMisses) throw new Error("more misses than the talking bound allows");
}

function checkMove(policy: Heartbeat, from: PulseState, { event, state, effects }: PulseMove): void {
  const types = effects.map(({ type }) => type);
  if (from.phase === "gone" && (state !== from || types.length > 0)) throw new Error("a gone pulse moved");
  if (types.filter((type) => type === "ping").length > 1) throw new Error("two pings in one step");
  if (types.includes("yield") !== (!turning(from) && turning(state))) throw new Error("a turn was asked for and not waited for, or the other way round");
  if ((types.includes("missed") || types.includes("gone") || types.includes("suspected")) && event.type !== "turned") throw new Error("judged before the sockets were read");
  if (types.includes("gone") !== (from.phase !== "gone" && state.phase === "gone")) throw new Error("gone without a word, or the other way round");
  if (types.includes("gone") && !types.includes("missed")) throw new Error("gone without a miss");
  if (from.phase === "paused" && state.phase !== "paused" && event.type !== "resumed") throw new Error("went on reading by itself");
  if (policy.sendWithin === Infinity && policy.mode === "one-way" && types.includes("ping") && event.type !== "probe") throw new Error("beats for a peer that does not want it");
  if (state !== from && state.phase !== "gone" && state.wakeAt < 0 && event.type !== "tick" && event.type === "wake" && !turning(from)) throw new Error("woke, and is still due");
}

/** From here on nothing is heard, and every wake is punctual. Returns how long it takes until the peer is gone. */
function untilGone(policy: Heartbeat, from: PulseState): number {
  let state = from;
  let now = 0;
  const step = (event: PulseEvent): void => { state = stepPulse(policy, state, event, { now, heardAt: -20_000, sentAt: now }).state; };
  if (state.phase === "paused") step({ type: "resumed" });
  for (let wake = 0; wake < 20 && state.phase !== "gone"; wake += 1) {
    now = Math.max(now, turning(state) ? now : state.wakeAt);
    step({ type: "wake" });
    if (turning(state)) step({ type: "turned" });
  }
  return state.phase === "gone" ? now : Infinity;
}
