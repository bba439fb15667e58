import type { Heartbeat, Millis, Terms } from "@holdfast/core";

/**
 * How a session's channel is watched. The keeper says how often it wants to be asked; and a silence is noticed in two thirds of the session's timeout, or
 * attaching anew would come too late. No more often than a keeper lets anybody ping. `own`: what the user wants, undefined for no heartbeat.
 */
export function heartbeatTerms(own: Heartbeat | undefined, heartbeat: Millis, timeout: Millis = Infinity): Terms {
  if (own === undefined) return {};
  const part = timeout / 6; // One interval and three answers are four of them.
  const least = heartbeat > 0 ? Math.min(500, heartbeat / 2) : 500;
  return { hearWithin: Math.max(least, Math.min(own.interval, part, heartbeat > 0 ? heartbeat : Infinity)), answerWithin: Math.min(own.timeout, part), maxMisses: Math.min(own.maxMisses, 3) };
}
