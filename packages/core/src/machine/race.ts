/** Several dials for one connection: who may join, and who arrives first. */
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { outrun, type Course } from "./course.ts";
import { common, hangUp, onItsWay, type LinkEffect, type LinkStep, type Live, type Slot } from "./link-state.ts";
import { greet } from "./move.ts";

/** Somebody is on the way to be the connection. */
export const racing = (state: Live): boolean => state.phase !== "connected" && state.slots.some(onItsWay);

/** It is left to those who are on the way. */
export function underway(state: Live, effects: readonly LinkEffect[]): LinkStep & { readonly state: Live } {
  return { state: { ...common(state), phase: "connecting" }, effects };
}

/** When the next endpoint is tried as well: never where this lap has none. */
export function staggered({ stagger }: LinkPolicy, { left }: Course, now: Millis): { readonly until?: Millis } {
  return stagger < Infinity && left > 0 ? { until: now + stagger } : {};
}

/** One more may start. */
export function hasRoom({ maxChannels, reserve }: LinkPolicy, { slots }: Live): boolean {
  if (slots.filter(({ stage }) => stage !== "draining").length >= maxChannels) return false;
  return !slots.some(({ stage }) => stage === "resolving" || (stage === "greeting" && reserve === "dialled"));
}

/** Those that were dialled after the winner have not been tried. */
export function won(course: Course, { epoch, endpoint }: Slot, losers: readonly Slot[]): Course {
  const untried = losers.filter((loser) => loser.stage !== "resolving" && loser.epoch > epoch).length;
  return untried === 0 ? course : outrun(course, endpoint, untried);
}

/** A channel is there. Where greeting is a takeover, it greets only if nobody else does, and the other dials end. */
export function arrived(policy: LinkPolicy, state: Live, slot: Slot): LinkStep {
  const others = policy.reserve === "dialled" ? state.slots.filter((other) => onItsWay(other) && other !== slot) : [];
  if (others.length === 0) return greet(state, slot);
  const greeting = others.find(({ stage }) => stage === "greeting");
  const ends = greeting ? [slot] : others;
  const rest = { ...common(state), course: won(state.course, greeting ?? slot, ends), slots: state.slots.filter((other) => !ends.includes(other)), phase: "connecting" } as const;
  const step = ends.includes(slot) ? { state: rest, effects: [] } : greet(rest, slot);
  return { ...step, effects: [...ends.map(({ epoch }) => hangUp(epoch, "abort", "failed")), ...step.effects] };
}
