import type { Millis } from "@holdfast/core";
import { stepLink, wakeAt } from "../../../core/src/machine/link.ts"; // No part of the public API.
import { idle, type LinkEvent, type LinkState } from "../../../core/src/machine/link-state.ts"; // No part of the public API.
import { policy, type Fate, type Trace, type World } from "./world.ts";

/** The shipped machine with nothing round it: no clock, no promise, no timer. */
export function byMachine({ fates, dice }: World, until: Millis = Infinity): Trace {
  const trace: Millis[] = [];
  let state: LinkState = idle;
  let now = 0;
  let waits = 0;
  let news: { readonly at: Millis; readonly events: readonly LinkEvent[] }[] = [];
  let events: readonly LinkEvent[] = [{ type: "open" }];
  while (now <= until) {
    for (const event of events) {
      const step = stepLink(policy, state, event, { now, dice: dice[waits] ?? 0 });
      state = step.state;
      for (const effect of step.effects) {
        if (effect.type === "hangUp") news = [];
        if (effect.type === "report" && effect.report.name === "waiting") waits += 1;
        if (effect.type !== "dial") continue;
        const fate = fates[trace.length];
        if (fate === undefined) return trace;
        trace.push(now);
        news = newsOf(fate, effect.epoch, now);
      }
    }
    const wake = wakeAt(policy, state);
    const first = news[0];
    if (first !== undefined && first.at <= wake) {
      now = first.at;
      events = first.events;
      news = news.slice(1);
    } else {
      now = wake;
      events = [{ type: "wake" }];
    }
  }
  return trace;
}

function newsOf({ accepted, after, lasts }: Fate, epoch: number, now: Millis): { at: Millis; events: readonly LinkEvent[] }[] {
  const lost = { type: "lost", epoch, next: "retry", retryAfter: 0 } as const;
  if (!accepted) return [{ at: now + after, events: [{ ...lost, cause: "failed" }] }];
  return [
    { at: now + after, events: [{ type: "dialed", epoch }, { type: "greeted", epoch }] },
    { at: now + after + lasts, events: [{ ...lost, cause: "closed" }] },
  ];
}
