import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import type { KeptSession } from "../../src/keeper/kept-session.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { Key, News, SessionStore } from "../../src/store/store.ts";
import { altered, House } from "./house.ts";
import { data, ping } from "./scripted-client.ts";

const away = new Error("the store is away");
/** Takes a while, and fails while `down`. */
function slow(store: SessionStore, clock: SimClock, trouble: { down: boolean }): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore): unknown {
      const call = (target[name] as (...given: never[]) => unknown).bind(target); // All it has are methods.
      if (name === "subscribe") return call;
      return async (...given: never[]): Promise<unknown> => {
        await new Promise<void>((resolve) => { clock.alarm(clock.now() + 20, resolve); });
        if (trouble.down) throw away;
        return call(...given);
      };
    },
  });
}

function slowHouse(trouble = { down: false }): House {
  const clock = new SimClock();
  return new House({ clock, store: slow(memoryStore({ clock }), clock, trouble) });
}

describe("a store that takes its time", () => {
  it("has one commit at a time, and the next takes along what came meanwhile", async () => {
    const clock = new SimClock();
    const commits: unknown[] = [];
    const memory = memoryStore({ clock });
    const store = slow(altered(memory, { commit: (id, epoch, change) => { commits.push(change); return memory.commit(id, epoch, change); } }), clock, { down: false });
    const house = new House({ clock, store, handle: (message, { session }) => { session.send(message); } });
    const visitor = await house.open();
    await clock.advanceAsync(100);
    await visitor.say(data("a"));
    await visitor.say(data("b"), data("c"));
    await visitor.say(data("d"));
    await clock.advanceAsync(100);
    expect(commits).toEqual([{ received: 1, append: ["a"] }, { received: 4, append: ["b", "c", "d"] }]);
    expect(visitor.texts).toEqual(["a", "b", "c", "d"]);
  });

  it("brings what was sent here to the client, although the session has moved meanwhile", async () => {
    const clock = new SimClock();
    const memory = memoryStore({ clock });
    const here = new House({ clock, store: slow(altered(memory, { subscribe: () => () => { /* No news come. */ } }), clock, { down: false }) });
    const there = new House({ clock, store: memory });
    const first = await here.open();
    await clock.advanceAsync(100);
    const session = [...here.keeper.sessions.values()][0] as KeptSession;
    session.send("one");
    await here.settle();
    const second = await there.attach(first.credential); // Before the commit gets there.
    session.send("two");
    await clock.advanceAsync(200);
    expect(first.last).toEqual({ type: "moved", epoch: 2 });
    expect(second.texts).toEqual(["one", "two"]);
    expect(here.last("dropped")).toBeUndefined();
  });

  it("is asked in turn for a greeting", async () => {
    const house = slowHouse();
    const visitor = await house.open();
    await house.clock.advanceAsync(100);
    const second = await house.attach(visitor.credential);
    await house.clock.advanceAsync(100);
    expect(second.last).toMatchObject({ type: "attached", epoch: 2 });
    expect(visitor.last).toEqual({ type: "moved", epoch: 2 });
  });
});

describe("a store that fails", () => {
  it("ends the channel; the error says why, and the client is served again when the store is", async () => {
    const trouble = { down: false };
    const house = slowHouse(trouble);
    const visitor = await house.open();
    await house.clock.advanceAsync(100);
    trouble.down = true;
    await visitor.say(data("a"));
    await house.clock.advanceAsync(100);
    expect(visitor.end).toMatchObject({ code: "HF_SESSION_STORE", cause: away });
    expect(house.last("failed")).toMatchObject({ error: { code: "HF_SESSION_STORE" }, session: { attached: false } });
    const refused = await house.attach(visitor.credential, { sent: 1 });
    await house.clock.advanceAsync(100);
    expect(refused.last).toMatchObject({ type: "refused", code: codes.busy });
    trouble.down = false;
    const again = await house.attach(visitor.credential, { sent: 1, attach: 2 });
    await house.clock.advanceAsync(100);
    expect(again.last).toMatchObject({ type: "attached", received: 0 });
  });

  it("answers no ping, and the channel ends", async () => {
    const trouble = { down: false };
    const house = slowHouse(trouble);
    const visitor = await house.open({ timeout: 4_000 });
    await house.clock.advanceAsync(700);
    trouble.down = true;
    await visitor.say(ping(1));
    await house.clock.advanceAsync(100);
    expect(visitor.frames.some(({ type }) => type === "pong")).toBe(false);
    expect(visitor.end).toMatchObject({ code: "HF_SESSION_STORE" });
  });

  it("has its client attach anew where it has lost messages that the client was given, before numbers come twice", async () => {
    const clock = new SimClock();
    const memory = memoryStore({ clock });
    let lost = 0;
    const house = new House({ clock, store: altered(memory, { commit: async (id, epoch, change) => {
      const answer = await memory.commit(id, epoch, change);
      return answer.ok === "committed" ? { ...answer, sent: answer.sent - lost } : answer;
    } }) });
    const visitor = await house.open();
    const session = [...house.keeper.sessions.values()][0] as KeptSession;
    for (const text of ["one", "two", "three"]) session.send(text);
    await house.settle();
    expect(visitor.texts).toEqual(["one", "two", "three"]);
    lost = 2;
    session.send("four");
    await house.settle();
    expect(visitor.texts).toEqual(["one", "two", "three"]);
    expect(visitor.end).toMatchObject({ code: "HF_SESSION_STORE" });
  });

  it("is asked again to expire", async () => {
    const trouble = { down: true };
    const house = slowHouse(trouble);
    await house.clock.advanceAsync(2_500);
    expect(house.told.filter(([name]) => name === "failed")).toHaveLength(2);
    trouble.down = false;
    await house.clock.advanceAsync(2_500);
    expect(house.told.filter(([name]) => name === "failed")).toHaveLength(2);
  });

  it("tells what `send` could not keep as uncertain", async () => {
    const trouble = { down: false };
    const house = slowHouse(trouble);
    const visitor = await house.open();
    await house.clock.advanceAsync(100);
    const session = [...house.keeper.sessions.values()][0] as KeptSession;
    trouble.down = true;
    session.send("a");
    await house.clock.advanceAsync(100);
    expect(visitor.end).toMatchObject({ code: "HF_SESSION_STORE" });
    expect(house.last("dropped")).toMatchObject({ session, count: 1, uncertain: true });
    session.send("b");
    await house.clock.advanceAsync(100);
    expect(house.last("dropped")).toMatchObject({ count: 1, uncertain: true });
    await expect(Promise.all([session.close(), house.clock.advanceAsync(100)])).rejects.toMatchObject({ message: "the store is away" });
  });

  it("is subscribed to again", async () => {
    const clock = new SimClock();
    const memory = memoryStore({ clock });
    let tries = 0;
    const house = new House({ clock, store: altered(memory, { subscribe: (listener) => { tries += 1; return tries < 3 ? Promise.reject(away) : memory.subscribe(listener); } }) });
    const seen: string[] = [];
    await house.open();
    await house.keeper.watch("", ({ key }) => { seen.push(key); });
    const session = [...house.keeper.sessions.values()][0] as KeptSession;
    await session.hold("missed", "x");
    expect(seen).toEqual([]);
    await house.clock.advanceAsync(3_000);
    expect(tries).toBe(3);
    expect(seen).toEqual(["missed"]);
    await session.hold("heard", "x");
    await house.settle();
    expect(seen).toEqual(["missed", "heard"]);
  });
});

describe("news that were missed", () => {
  it("are made good for whoever watches: the difference is told, and nothing twice", async () => {
    const clock = new SimClock();
    const memory = memoryStore({ clock });
    let tell: (news: News) => void = () => { /* Not yet. */ };
    const key = (name: string, value: string): Key => ({ key: name, value, session: "s", epoch: 1 });
    let keys: readonly Key[] = [key("a", "1"), key("b", "1")];
    const house = new House({ clock, store: altered(memory, { subscribe: (listener) => { tell = listener; return () => { /* Stays. */ }; }, keys: async () => { const now = keys; await Promise.resolve(); return now; } }) });
    const seen: unknown[] = [];
    await house.keeper.watch("", ({ key: name, before, now }) => { seen.push([name, before?.value, now?.value]); });
    seen.length = 0;
    keys = [key("b", "2"), key("c", "1")];
    tell({ type: "missed" });
    await house.settle();
    expect(seen).toEqual([["a", "1", undefined], ["b", "1", "2"], ["c", undefined, "1"]]);
    tell({ type: "key", key: "c", now: key("c", "1") });
    await house.settle();
    expect(seen).toHaveLength(3);
  });

  it("while the store is read have it read again: a listener never goes back in time", async () => {
    const clock = new SimClock();
    let tell: (news: News) => void = () => { /* Not yet. */ };
    const gate = Promise.withResolvers<void>();
    const old: readonly Key[] = [{ key: "a", value: "old", session: "s", epoch: 1 }];
    let keys = old;
    let reads = 0;
    const house = new House({ clock, store: altered(memoryStore({ clock }), { subscribe: (listener) => { tell = listener; return () => { /* Stays. */ }; }, keys: async () => { reads += 1; const now = keys; if (reads === 1) await gate.promise; return now; } }) });
    const seen: unknown[] = [];
    const watching = house.keeper.watch("", ({ now }) => { seen.push(now?.value); });
    keys = [{ key: "a", value: "new", session: "s", epoch: 1 }];
    tell({ type: "key", key: "a", now: keys[0] as Key });
    await house.settle();
    gate.resolve();
    await watching;
    expect(seen).toEqual(["new"]);
    expect(reads).toBe(2);
  });

  it("that never come are not waited for: a watch that cannot begin rejects", async () => {
    const clock = new SimClock();
    const house = new House({ clock, store: altered(memoryStore({ clock }), { keys: () => Promise.reject(away) }) });
    await expect(house.keeper.watch("", () => { /* Nothing comes. */ })).rejects.toBe(away);
  });
});
