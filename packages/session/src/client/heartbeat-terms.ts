import type { Heartbeat, Millis, Terms } from "@holdfast/core";

/**
 * How a session's channel is watched. The keeper says how often it wants to be asked; and a silence is noticed in two thirds of the session's timeout, or
 * attaching anew would come too late. `own`: what the user wants, undefined for no heartbeat.
 */
export function heartbeatTerms(own: Heartbeat | undefined, heartbeat: Millis, timeout: Millis = Infinity): Terms {
  if (own === undefined) return {};
  const part = timeout / 6; // One interval and three answers are four of them.
  return { hearWithin: Math.min(own.interval, part, heartbeat > 0 ? heartbeat : Infinity), answerWithin: Math.min(own.timeout, part), maxMisses: Math.min(own.maxMisses, 3) };
}
