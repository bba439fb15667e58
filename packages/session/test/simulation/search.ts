import { draw, type Fault, type Plan } from "./plan.ts";
import { carryOut } from "./schedule.ts";

export interface Counts { schedules: number; events: number; attaches: number; faults: number; readonly violations: Found[] }
export interface Found { readonly seed: number; readonly words: string; readonly story: string }

/** More are not collected: the first few say it all. */
const enough = 10;

/** Carries out the schedules of so many seeds. */
export function search(from: number, schedules: number): Counts {
  const counts: Counts = { schedules: 0, events: 0, attaches: 0, faults: 0, violations: [] };
  for (let seed = from; seed < from + schedules && counts.violations.length < enough; seed += 1) {
    const plan = draw(seed);
    const { events, attaches, faults, violation } = carryOut(plan);
    counts.schedules += 1;
    counts.events += events;
    counts.attaches += attaches;
    counts.faults += faults;
    if (violation !== undefined) counts.violations.push({ seed, words: violation.message, story: counts.violations.length < 3 ? story(plan) : "" });
  }
  return counts;
}

/** One schedule, and what happened in it. */
export function replay(seed: number): string {
  return story(draw(seed), 10_000);
}

/** The end of it, as far as so many lines reach. */
function story(plan: Plan, most = 60): string {
  const whole = carryOut(plan, { traced: true });
  const least = whole.violation === undefined ? plan : minimal(plan, whole.violation.id);
  const { lines, violation, hash } = carryOut(least, { traced: true });
  const { faults, ...rest } = least;
  return [
    `seed ${plan.seed}: ${violation?.message ?? "no violation"}`,
    `plan: ${JSON.stringify(rest)}`,
    `faults${least === plan ? "" : ` (of ${plan.faults.length}, those without which it does not happen)`}:`,
    ...faults.map(({ at, kind, server, lasts, dice }) => `  ${at} ms: ${kind}, s${server}, ${lasts} ms, ${dice.toFixed(2)}`),
    ...lines.slice(-most),
    `trace ${(hash >>> 0).toString(16)}`,
    `Replay it: npm run soak:sessions -- --seed ${plan.seed}`,
  ].join("\n");
}

/** The faults without which the same invariant holds. */
function minimal(plan: Plan, id: string): Plan {
  let least = plan;
  for (const fault of plan.faults) {
    const without: readonly Fault[] = least.faults.filter((other) => other !== fault);
    const candidate = { ...least, faults: without };
    if (carryOut(candidate).violation?.id === id) least = candidate;
  }
  return least;
}
