import { seededRandom, SimClock } from "@holdfast/testkit";
import { sessionStoreSuite } from "@holdfast/testkit/stores";
import { describe, it } from "vitest";
import { memoryStore } from "../../src/store/memory-store.ts";

describe("the memory store", () => {
  sessionStoreSuite({ describe, it }, () => {
    const clock = new SimClock();
    return { store: memoryStore({ clock, random: seededRandom(1) }), pass: (ms) => { clock.advance(ms); } };
  });
});
