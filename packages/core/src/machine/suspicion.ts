/**
 * A channel whose answer is overdue is suspected. That kills nothing: another channel is prepared, and the suspect keeps its chance.
 *
 * Theory of operation. While the suspicion lasts one channel more is kept in reserve (`spares.ts`). Where a spare channel is
 * greeted, the link changes to it as soon as it has greeted, or, if it stood ready, has answered a ping. Where it is only dialled, for
 * greeting takes the session over, it waits for the verdict on the suspect. Whatever is heard of the suspect before ends the
 * suspicion, and the channel too many is given back.
 *
 * A suspicion that was wrong, known by an answer before or after the change, doubles the margin of the next one, up to the time a ping
 * may take. No second change for this reason within `stableAfter`.
 */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { replace, stay, used, type LinkMoment, type LinkStep, type Live, type Slot } from "./link-state.ts";
import { change, isMoving } from "./move.ts";

/** An answer is overdue; told again at each miss. */
export function suspected(policy: LinkPolicy, state: Live, slot: Slot, moment: LinkMoment): LinkStep {
  const { suspicion } = policy;
  if (suspicion === undefined || state.phase !== "connected" || state.doubt !== undefined || !used(slot)) return stay(state);
  const { raised, calm } = state.caution ?? { raised: 0, calm: -Infinity };
  if (moment.now < calm || state.course.endpoints.every((endpoint) => endpoint === slot.endpoint)) return stay(state);
  const doubt = moment.now + margin(suspicion, raised) - suspicion.suspectMargin;
  const doubtful = { ...state, doubt };
  return isMoving(doubtful) && doubt <= moment.now ? change(policy, doubtful, undefined, moment) : stay(doubtful);
}

/** Something was heard of a suspect. */
export function answered(policy: LinkPolicy, state: Live, slot: Slot): LinkStep {
  if (slot.suspect) {
    const { suspect, ...innocent } = slot;
    return stay(suspect && replace(warned(policy, state), innocent));
  }
  if (state.phase !== "connected" || state.doubt === undefined || !used(slot)) return stay(state);
  const { doubt, ...trusting } = state;
  return stay(doubt === -Infinity ? warned(policy, trusting) : trusting);
}

function warned<S extends Live>({ suspicion }: LinkPolicy, state: S): S {
  const { raised = 0, calm = -Infinity } = state.caution ?? {};
  if (suspicion === undefined || margin(suspicion, raised) >= suspicion.timeout) return state;
  return { ...state, caution: { raised: raised + 1, calm } };
}

function margin({ suspectMargin: first, timeout: most }: NonNullable<LinkPolicy["suspicion"]>, raised: number): Millis {
  return Math.max(first, Math.min(first * 2 ** raised, most));
}
