/** How a new channel is begun, be it the next connection or the candidate of a move. */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { dialled, type Course } from "./course.ts";
import { hangUp, report, type LinkEffect, type Slot } from "./link-state.ts";

export interface Launch { readonly slots: readonly Slot[]; readonly effects: readonly LinkEffect[] }

/** Asks the source whom to dial. */
export function ask(policy: LinkPolicy, slots: readonly Slot[], epoch: number, now: Millis): Launch {
  return begin(policy, slots, { epoch, stage: "resolving", endpoint: "", wakeAt: now + policy.dialTimeout }, [{ type: "resolve", epoch }]);
}

export function launch(policy: LinkPolicy, slots: readonly Slot[], epoch: number, from: Course, index: number, now: Millis): Launch & { readonly course: Course } {
  const endpoint = from.endpoints[index] ?? "";
  const course = dialled(from, index);
  const slot: Slot = { epoch, stage: "dialing", endpoint, wakeAt: now + policy.dialTimeout };
  return { course, ...begin(policy, slots, slot, [report({ name: "connecting", attempt: course.attempt, endpoint }), { type: "dial", epoch, index }]) };
}

/** The oldest goodbyes make room for it, since peers that all ask us to leave must not pile them up. Slots stand in the order they were made. */
function begin({ maxChannels }: LinkPolicy, slots: readonly Slot[], slot: Slot, effects: readonly LinkEffect[]): Launch {
  const cut = slots.filter(({ stage }) => stage === "draining").slice(0, Math.max(0, slots.length + 1 - maxChannels));
  return { slots: [...slots.filter((other) => !cut.includes(other)), slot], effects: [...cut.map(({ epoch }) => hangUp(epoch, "abort", "drained")), ...effects] };
}
