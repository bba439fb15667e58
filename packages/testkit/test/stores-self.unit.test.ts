import type { SessionStore } from "@holdfast/session";
import { memoryStore } from "@holdfast/session/keeper";
import { describe, expect, it } from "vitest";
import { SimClock } from "../src/index.ts";
import { sessionStoreSuite, type StoreFixture } from "../src/stores/index.ts";
import { linearizable, type Call } from "../src/stores/history/linearizable.ts";
import { fits } from "../src/stores/expect.ts";
import { brokenStore, storeFaults } from "./broken/stores.ts";

/** A test framework that only collects. */
function collect(make: () => StoreFixture): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  sessionStoreSuite({ it: (name, run) => tests.set(name, run) }, make, { patience: 20 });
  return tests;
}

describe.each(storeFaults)("a store that $fault", ({ breaks, saying, tamper }) => {
  it(`fails at "${breaks}"`, async () => {
    await expect(collect(() => brokenStore(tamper)).get(breaks)?.()).rejects.toThrow(saying);
  });
});

describe("the suite for stores", () => {
  it("has sentences of which no two are the same", () => {
    const names: string[] = [];
    sessionStoreSuite({ test: (name) => names.push(name) }, () => brokenStore(() => ({})));
    expect(names.length).toBeGreaterThan(120);
    expect(new Set(names).size).toBe(names.length);
  });

  it("lets a sound store pass that answers later", async () => {
    const later = (store: SessionStore): Partial<SessionStore> => ({ attach: async (id, claim) => store.attach(id, claim), commit: async (id, epoch, change) => store.commit(id, epoch, change) });
    for (const run of collect(() => brokenStore(later)).values()) await expect(run()).resolves.toBeUndefined();
  });

  it("disposes of the fixture also after a failure", async () => {
    const disposed: string[] = [];
    const tests = collect(() => ({ ...brokenStore(() => ({ keys: () => [] })), dispose: () => { disposed.push("done"); } }));
    await expect(tests.get("keys are listed by prefix, of all sessions, sorted")?.()).rejects.toThrow(/the keys below b\//);
    expect(disposed).toEqual(["done"]);
  });

  it("waits in real time where it is given no other", async () => {
    const tests = new Map<string, () => Promise<void>>();
    sessionStoreSuite({ it: (name, run) => tests.set(name, run) }, () => ({ store: memoryStore() }), { timeout: 50, lateness: 110 });
    await expect(tests.get("a session that is overdue lives until `expire` takes it: a touch saves it")?.()).resolves.toBeUndefined();
  });

  it("says what to give it when there is no test framework", () => {
    expect(() => { sessionStoreSuite({}, () => ({ store: memoryStore({ clock: new SimClock() }) })); }).toThrow(/sessionStoreSuite\(\{ describe, it \}, factory\)/);
  });
});

describe("a history", () => {
  const touch = (invoked: number, returned: number, answer: object): Call => ({ operation: { name: "touch", epoch: 1 }, invoked, returned, answer });
  const append = (invoked: number, returned: number, answer: object): Call => ({ operation: { name: "append", messages: ["x"] }, invoked, returned, answer });
  const none = { ok: "committed", sent: 0 };
  const one = { ok: "committed", sent: 1 };

  it("is explained where calls that overlap are put in either order", () => {
    expect(linearizable([append(1, 4, one), touch(2, 3, none)], fits)).toBe(true);
    expect(linearizable([append(1, 4, one), touch(2, 3, one)], fits)).toBe(true);
  });

  it("is not explained by an order in which a call comes before one that was answered before it began", () => {
    expect(linearizable([append(1, 2, one), touch(3, 4, none)], fits)).toBe(false);
    expect(linearizable([touch(1, 2, one), append(3, 4, one)], fits)).toBe(false);
  });

  it("may contain calls without an answer, which happened at any moment since, or never", () => {
    expect(linearizable([append(1, Infinity, none), touch(2, 3, none), touch(4, 5, one)], fits)).toBe(true);
    expect(linearizable([append(1, Infinity, none), touch(2, 3, none)], fits)).toBe(true);
    expect(linearizable([append(1, Infinity, none), touch(2, 3, one), touch(4, 5, none)], fits)).toBe(false);
  });
});
