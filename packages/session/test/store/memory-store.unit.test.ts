import { SimClock, seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { MemoryStoreOptions } from "../../src/store/memory-options.ts";
import type { Claim, NewSession, News, SessionStore } from "../../src/store/store.ts";

const session: NewSession = { timeout: 10_000, principal: "somebody", maxBytes: 1_000 };

function scene(options: MemoryStoreOptions = {}): { readonly clock: SimClock; readonly store: SessionStore; readonly news: News[] } {
  const clock = new SimClock();
  const store = memoryStore({ clock, random: seededRandom(1), ...options });
  const news: News[] = [];
  void store.subscribe((item) => { news.push(item); });
  return { clock, store, news };
}

describe("the memory store", () => {
  it("answers at once", () => {
    const { store } = scene();
    expect(store.create("a", session)).toMatchObject({ ok: "created", epoch: 1 });
    expect(store.commit("a", 1, { received: 3, append: ["one", "two"] })).toEqual({ ok: "committed", sent: 2 });
    expect(store.read("a", 2, 10)).toEqual([{ sequence: 2, message: "two" }]);
    expect(store.find("a")).toEqual({ ok: "found", timeout: 10_000, principal: "somebody" });
  });

  it("expires a hundred thousand sessions that were all touched, none of them early, with no alarm at all", () => {
    const { clock, store } = scene();
    for (let at = 0; at < 100_000; at += 1) void store.create(`s${at}`, session);
    clock.advance(6_000);
    for (let at = 0; at < 100_000; at += 1) void store.touch(`s${at}`, 1);
    clock.advance(9_999);
    expect([store.expire(Infinity), clock.pending]).toEqual([[], 0]);
    clock.advance(101);
    expect((store.expire(Infinity) as readonly string[]).length).toBe(100_000);
  });

  it("answers a commit without a new message with the same object, and never changes one that it gave", () => {
    const { store } = scene();
    void store.create("a", session);
    const first = store.commit("a", 1, { append: ["x"] });
    const second = store.commit("a", 1, { acked: 1, received: 1 });
    expect(second).toBe(first);
    void store.append("a", ["y"]);
    expect(second).toEqual({ ok: "committed", sent: 1 });
  });

  it("has room for so many sessions, and again when one is over", () => {
    const { store } = scene({ maxSessions: 1 });
    void store.create("a", session);
    expect(store.create("b", session)).toEqual({ ok: "full" });
    void store.close("a", 1);
    expect(store.create("b", session)).toMatchObject({ ok: "created" });
  });

  it("has room for so many bytes in all, and again when messages are acknowledged or their session is over", () => {
    const { store } = scene({ maxBytes: 10 });
    for (const id of ["a", "b"]) void store.create(id, session);
    expect(store.append("a", ["12345678"])).toMatchObject({ ok: "committed" });
    expect(store.append("b", ["123"])).toEqual({ ok: "full" });
    expect(store.commit("a", 1, { acked: 1 })).toMatchObject({ ok: "committed" });
    expect(store.append("b", ["123", "4567"])).toMatchObject({ ok: "committed" });
    void store.close("b", 1);
    expect(store.append("a", ["1234567890"])).toMatchObject({ ok: "committed" });
  });

  it("keeps so many tombstones, the youngest", () => {
    const { store } = scene({ maxTombstones: 2 });
    for (const id of ["a", "b", "c"]) {
      void store.create(id, session);
      void store.close(id, 1);
    }
    expect(["a", "b", "c"].map((id) => (store.find(id) as { ok: string } | undefined)?.ok)).toEqual([undefined, "tombstone", "tombstone"]);
  });

  it("forgets a tombstone after ten timeouts", () => {
    const { clock, store } = scene();
    void store.create("a", session);
    void store.close("a", 1);
    clock.advance(99_999);
    expect(store.find("a")).toMatchObject({ ok: "tombstone", why: "closed" });
    clock.advance(1);
    expect(store.find("a")).toBeUndefined();
  });

  it("tells the others where a listener throws, and does what it was asked for", async () => {
    const { store, news } = scene();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    process.once("uncaughtException", resolve);
    void store.subscribe(() => { throw new Error("a listener's mistake"); });
    void store.create("a", session);
    expect(store.close("a", 1)).toMatchObject({ ok: "ended" });
    expect(news).toEqual([{ type: "ended", session: "a", why: "closed" }]);
    expect(await promise).toBeInstanceOf(Error);
  });

  it("draws another generation at each birth", () => {
    const random = seededRandom(7);
    const claim = (generation: Uint8Array): Claim => ({ attach: 1, received: 0, sent: 0, acked: 0, generation, restarted: true });
    const [first, second] = [memoryStore({ random }), memoryStore({ random })];
    const { generation } = first.create("a", session) as { generation: Uint8Array };
    void second.create("a", session);
    expect(generation.byteLength).toBe(8);
    expect(first.attach("a", claim(generation))).toMatchObject({ ok: "attached", epoch: 2 });
    expect(second.attach("a", claim(generation))).toMatchObject({ ok: "refused", why: "stateLost" });
  });

  it("says which limit cannot work", () => {
    expect(() => memoryStore({ maxSessions: -1 })).toThrow(/maxSessions must be a number of at least 0, got -1/);
  });
});
