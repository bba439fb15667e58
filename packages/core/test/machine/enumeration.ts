import type { LinkState, Slot } from "../../src/machine/link-state.ts";
import type { PulseState } from "../../src/machine/pulse.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import type { Heartbeat } from "../../src/policy/heartbeat.ts";
import { explore } from "./explore.ts";
import { linkKey, linkMoves, linkPolicies, start as idle, type LinkMove } from "./link-space.ts";
import { pulseKey, pulseMoves, pulsePolicies, start, type PulseMove } from "./pulse-space.ts";

/** The arrows of one diagram: `from > to`, and the events that lead along it. */
export type Arrows = Map<string, Set<string>>;

export interface Enumeration {
  readonly phases: Arrows;
  readonly stages: Arrows;
  readonly roundTrip: Arrows;
  readonly oneWay: Arrows;
  /** What was visited, by what is special about its policy. */
  readonly visited: { readonly machine: "link" | "pulse"; readonly special: string; readonly states: number; readonly moves: number }[];
}

/** What is looked at on the way; nothing, where only the diagram is wanted. */
export interface Rules {
  readonly linkMove?: (policy: LinkPolicy, from: LinkState, move: LinkMove) => void;
  readonly linkState?: (policy: LinkPolicy, state: LinkState) => void;
  readonly pulseMove?: (policy: Heartbeat, from: PulseState, move: PulseMove) => void;
  readonly pulseState?: (policy: Heartbeat, state: PulseState) => void;
}

/** Visits every state of the link machine under one policy. */
export function enumerateLink(special: string, { linkMove, linkState }: Rules = {}): Enumeration {
  const into = empty();
  const policy = linkPolicies[special] as LinkPolicy; // Callers take the name from the same table.
  const { states, moves } = explore(idle, {
    key: linkKey,
    moves: (state) => linkMoves(policy, state),
    inspect: (from, move) => {
      const step = move as LinkMove; // `linkMoves` made it.
      linkMove?.(policy, from, step);
      if (step.event.type !== "tick" && step.state !== from) drawLink(into, from, step);
    },
  });
  if (linkState) for (const state of states.values()) linkState(policy, state);
  into.visited.push({ machine: "link", special, states: states.size, moves });
  return into;
}

/** The same for a pulse. */
export function enumeratePulse(special: string, { pulseMove, pulseState }: Rules = {}): Enumeration {
  const into = empty();
  const policy = pulsePolicies[special] as Heartbeat; // Callers take the name from the same table.
  const { states, moves } = explore(start(policy), {
    key: pulseKey,
    moves: (state) => pulseMoves(policy, state),
    inspect: (from, move) => {
      const step = move as PulseMove; // `pulseMoves` made it.
      pulseMove?.(policy, from, step);
      drawPulse(policy.mode === "one-way" ? into.oneWay : into.roundTrip, from, step);
    },
  });
  if (pulseState) for (const state of states.values()) pulseState(policy, state);
  into.visited.push({ machine: "pulse", special, states: states.size, moves });
  return into;
}

/** All machines under all policies. */
export function enumerateAll(): Enumeration {
  return together([...Object.keys(linkPolicies).map((special) => enumerateLink(special)), ...Object.keys(pulsePolicies).map((special) => enumeratePulse(special))]);
}

export function together(parts: readonly Enumeration[]): Enumeration {
  const all = empty();
  for (const part of parts) {
    for (const name of ["phases", "stages", "roundTrip", "oneWay"] as const) {
      for (const [key, events] of part[name]) all[name].set(key, new Set([...(all[name].get(key) ?? []), ...events]));
    }
    all.visited.push(...part.visited);
  }
  return all;
}

function empty(): Enumeration {
  return { phases: new Map(), stages: new Map(), roundTrip: new Map(), oneWay: new Map(), visited: [] };
}

function drawLink({ phases, stages }: Enumeration, from: LinkState, { event, state, effects }: LinkMove): void {
  const again = effects.some(({ type }) => type === "dial" || type === "resolve");
  if (from.phase !== state.phase || again) arrow(phases, from.phase, state.phase, event.type);
  const before = slotsOf(from);
  const after = slotsOf(state);
  for (const slot of before) {
    const next = after.find(({ epoch }) => epoch === slot.epoch)?.stage ?? "[*]";
    if (next !== slot.stage) arrow(stages, slot.stage, next, event.type);
  }
  for (const slot of after) {
    if (!before.some(({ epoch }) => epoch === slot.epoch)) arrow(stages, "[*]", slot.stage, event.type);
  }
}

function drawPulse(arrows: Arrows, from: PulseState, { event, state, effects }: PulseMove): void {
  if (from.phase === state.phase && effects.length === 0) return;
  const last = effects.at(-1); // The effects of a step belong together; the last one tells them apart.
  arrow(arrows, from.phase, state.phase, last === undefined ? event.type : `${event.type} / ${last.type}`);
}

function slotsOf(state: LinkState): readonly Slot[] {
  return state.phase === "idle" ? [] : state.slots;
}

function arrow(arrows: Arrows, from: string, to: string, event: string): void {
  const key = `${from} > ${to}`;
  const events = arrows.get(key);
  if (events) events.add(event);
  else arrows.set(key, new Set([event]));
}
