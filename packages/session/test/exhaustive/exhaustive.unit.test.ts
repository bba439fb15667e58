import { describe, expect, it } from "vitest";
import { small } from "./bounds.ts";
import { explore } from "./search.ts";

describe("every order in which things can happen", () => {
  it.each(Object.entries(small))("keeps every promise: %s", (_, { bounds, least }) => {
    const found = explore(bounds, 1_000_000);
    expect(found.violation).toBeUndefined();
    expect(found.complete).toBe(true);
    expect(found.states).toBeGreaterThan(least);
  }, 300_000);
});
