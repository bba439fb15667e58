import { describe, expect, it } from "vitest";
import { compareAll } from "./bisimulation.ts";
import { small, tiny } from "./bounds.ts";
import { explore, type Search } from "./search.ts";
import type { Bounds } from "./setting.ts";

const most = 1_000_000;

describe("every order in which things can happen", () => {
  it.each(Object.entries(small))("keeps every promise: %s", (_, { bounds, least }) => {
    const found = explore(bounds, { most });
    expect(found.violation).toBeUndefined();
    expect(found.complete).toBe(true);
    expect(found.states).toBeGreaterThan(least);
  });

  it.each(Object.entries(tiny))("is looked at where settings have the same key: what one leads to, the other does, too: %s", (_, bounds) => {
    const { settings, keys, differs } = compareAll(bounds);
    expect(differs).toBeUndefined();
    expect(keys).toBeLessThan(settings / 2);
  });

  it.each(Object.entries(tiny))("is looked at where moves that commute are made at once: all ends are found: %s", (_, bounds) => {
    expect(endsOf(bounds, {})).toEqual(endsOf(bounds, { plain: true }));
  });

  it.each(Object.entries(small))("shows what a store without a fence breaks: %s", (_, { bounds }) => {
    expect(explore(bounds, { most, fence: () => true }).violation).toMatch(/^I\d+: /);
  });
});

/** What the store has when nothing can happen any more. */
function endsOf(bounds: Bounds, how: Partial<Search>): ReadonlySet<string> {
  const ends = new Set<string>();
  const { complete } = explore(bounds, { most, end: ({ store: { committed, appended, acked } }) => { ends.add(`${committed.join()} | ${appended.join()} | ${acked}`); }, ...how });
  expect(complete).toBe(true);
  return ends;
}
