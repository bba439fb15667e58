/**
 * A link that would rather be elsewhere goes back to a primary, but only to one that has proven itself.
 *
 * Theory of operation. While the channel in use leads to none of the primaries, one to a primary is kept in reserve (`spares.ts`) and
 * asked for a sign of life, `probes` times, spread over `within`. Once all were answered the link moves there. A primary that misses one,
 * or ends, begins again, after a backoff. (RFC 3539 demands three answers of a reopened connection, too.)
 */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { replace, type Connected, type LinkStep, type Live, type Slot } from "./link-state.ts";
import { inUse } from "./move.ts";

export const isPrimary = ({ priority }: LinkPolicy, endpoint: string): boolean => priority?.endpoints.includes(endpoint) === true;
/** The link would rather be elsewhere. */
export const isAway = (policy: LinkPolicy, state: Connected): boolean => policy.priority !== undefined && !isPrimary(policy, inUse(state).endpoint);
/** The one to a primary: a ready one, if there is. */
export function primarySpare(policy: LinkPolicy, { slots }: Connected): Slot | undefined {
  const found = slots.filter(({ spare, endpoint }) => spare && isPrimary(policy, endpoint));
  return found.find(({ stage }) => stage === "spare") ?? found[0];
}

/** The time between two signs of life. */
const pace = ({ priority }: LinkPolicy): Millis => (priority?.within ?? 0) / (priority?.probes ?? 1);

/** A primary in reserve is watched for as long as the link is elsewhere. */
export function watched(policy: LinkPolicy, state: Connected, now: Millis): Connected {
  const primary = isAway(policy, state) ? primarySpare(policy, state) : undefined;
  return primary?.stage === "spare" && primary.wakeAt === Infinity ? replace(state, { ...primary, wakeAt: now + pace(policy) }) : state;
}

export function nextProbe(policy: LinkPolicy, state: Live, slot: Slot & Required<Pick<Slot, "spare">>, now: Millis): LinkStep {
  const { spare, epoch } = slot;
  const away = state.phase === "connected" && isAway(policy, state);
  // A link that is home watches nobody.
  if (!away) return { state: replace(state, { ...slot, wakeAt: Infinity, spare: { ...spare, good: 0 } }), effects: [] };
  return { state: replace(state, { ...slot, wakeAt: now + pace(policy), spare: { ...spare, asked: true } }), effects: [{ type: "probe", epoch }] };
}

export function hasProven(policy: LinkPolicy, state: Connected, { endpoint, spare }: Slot, now: Millis): boolean {
  const { priority } = policy;
  if (priority === undefined || spare === undefined || !isAway(policy, state) || !isPrimary(policy, endpoint)) return false;
  return spare.good >= priority.probes && now - spare.since >= priority.within;
}
