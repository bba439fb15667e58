import { describe, expect, it } from "vitest";
import { draw } from "./plan.ts";
import { carryOut } from "./schedule.ts";
import { search } from "./search.ts";

/** Each of them a second of work. */
const seeds = 2_000;

describe("sessions, in a simulated world of clients, keepers, networks and a store", () => {
  it(`keep every promise in the first ${seeds} schedules, whatever befalls them`, () => {
    const { violations, ...counts } = search(1, seeds);
    expect(violations.map(({ words, story }) => `${words}\n${story}`).join("\n\n")).toBe("");
    expect(counts.schedules).toBe(seeds);
    expect(counts.attaches).toBeGreaterThan(seeds);
    expect(counts.faults).toBeGreaterThan(2 * seeds);
  });

  it("happen in the same way each time they are told to (I17)", () => {
    const once = (seed: number): number => carryOut(draw(seed)).hash;
    const some = Array.from({ length: 50 }, (_, at) => at + 1);
    expect(some.map(once)).toEqual(some.map(once));
  });

  it("are told as a chart, and the same with it as without", () => {
    const [plain, traced] = [false, true].map((on) => carryOut(draw(7), { traced: on }));
    expect(traced?.hash).toBe(plain?.hash);
    expect(traced?.lines.length).toBeGreaterThan(20);
    expect(traced?.lines.join("\n")).toMatch(/c #\d+ ──▶ s\d {2}OPEN/);
  });
});
