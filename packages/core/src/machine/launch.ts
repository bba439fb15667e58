/** How a new channel is begun, be it the next connection, the candidate of a move, or a spare. */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { dialled, type Course } from "./course.ts";
import { hangUp, report, type LinkEffect, type Slot, type Spare } from "./link-state.ts";

export interface Launch { readonly slots: readonly Slot[]; readonly effects: readonly LinkEffect[] }

/** Of a spare. */
export interface Duty { readonly spare: Spare }

/** Asks the source whom to dial. */
export function ask(policy: LinkPolicy, slots: readonly Slot[], epoch: number, now: Millis, duty?: Duty): Launch {
  return begin(policy, slots, { epoch, stage: "resolving", endpoint: "", wakeAt: now + policy.dialTimeout, ...duty }, [{ type: "resolve", epoch }]);
}

export function launch(policy: LinkPolicy, slots: readonly Slot[], epoch: number, from: Course, index: number, now: Millis, duty?: Duty): Launch & { readonly course: Course } {
  const endpoint = from.endpoints[index] ?? "";
  const course = dialled(from, index);
  const slot: Slot = { epoch, stage: "dialing", endpoint, wakeAt: now + policy.dialTimeout, ...duty };
  return { course, ...begin(policy, slots, slot, [report({ name: "connecting", attempt: course.attempt, endpoint }), { type: "dial", epoch, index }]) };
}

/**
 * The oldest goodbyes make room for it, since peers that all ask us to leave must not pile them up, and then the oldest spares. Slots
 * stand in the order they were made.
 */
function begin({ maxChannels }: LinkPolicy, slots: readonly Slot[], slot: Slot, effects: readonly LinkEffect[]): Launch {
  const weak = [...slots.filter(({ stage }) => stage === "draining"), ...slots.filter(({ spare }) => spare)];
  const cut = weak.slice(0, Math.max(0, slots.length + 1 - maxChannels));
  return { slots: [...slots.filter((other) => !cut.includes(other)), slot], effects: [...cut.map(({ epoch }) => hangUp(epoch, "abort", "drained")), ...effects] };
}
