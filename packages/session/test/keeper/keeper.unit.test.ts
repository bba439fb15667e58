import { inspect } from "node:util";
import { LinkError } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import type { KeptSession } from "../../src/keeper/kept-session.ts";
import { sessionKey } from "../../src/keeper/session-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { altered, House, type Visitor } from "./house.ts";
import { ack, bytesOf, data, goodbye, ping } from "./scripted-client.ts";

const only = (house: House): KeptSession => [...house.keeper.sessions.values()][0] as KeptSession;

describe("a keeper", () => {
  it("tells of a session that was opened, and has its messages handled with its key and their numbers", async () => {
    const house = new House();
    const visitor = await house.open();
    await visitor.say(data("one"), data("two"));
    const session = only(house);
    expect(house.names).toEqual(["session", "attached"]);
    expect(session).toMatchObject({ principal: "alice", epoch: 1, attached: true, key: sessionKey(session.id) });
    expect(house.handled).toEqual([["one", 1, session.key], ["two", 2, session.key]]);
    expect([...house.keeper.sessions.keys()]).toEqual([session.key]);
  });

  it("draws ids and secrets that nobody else has", async () => {
    const house = new House();
    const [one, other] = [await house.open(), await house.open()];
    expect(one.credential.id).not.toEqual(other.credential.id);
    expect(one.credential.secret).not.toEqual(other.credential.secret);
  });

  it("commits what a handler sends together with the message, also where it takes its time", async () => {
    const gate = Promise.withResolvers<void>();
    const house = new House({ handle: async (message, { session }) => { session.send(`re: ${String(message)}`); await gate.promise; session.send("more"); } });
    const visitor = await (await house.open()).say(data("one"));
    only(house).send("news");
    await house.settle();
    expect(visitor.texts).toEqual(["news"]);
    gate.resolve();
    await house.settle();
    expect(visitor.texts).toEqual(["news", "re: one", "more"]);
    expect(visitor.frames.filter((frame) => frame.type === "data" && frame.acked === 1)).toHaveLength(1);
  });

  it("reads what has arrived before it hears that the channel is gone", async () => {
    const house = new House();
    const visitor = await house.open();
    visitor.conversation.frame(data("one"));
    visitor.conversation.frame(data("two"));
    visitor.conversation.closed();
    expect(house.handled.map(([message]) => message)).toEqual(["one", "two"]);
    expect(house.names).toEqual(["session", "attached", "detached"]);
  });

  it("answers frame by frame where the channel asks to wait, so that the server can count what nobody reads", async () => {
    const house = new House();
    const visitor = await house.open();
    visitor.congested = true;
    only(house).sendVolatile("too much");
    await house.settle();
    visitor.conversation.frame(data("one"));
    expect(house.handled).toHaveLength(1); // At once.
    visitor.congested = false;
    visitor.conversation.drained?.();
    visitor.conversation.frame(data("two"));
    expect(house.handled).toHaveLength(1);
    await house.settle();
    expect(house.handled).toHaveLength(2);
  });

  it("handles one message of a session at a time", async () => {
    let atOnce = 0;
    let most = 0;
    const house = new House({ handle: async () => { most = Math.max(most, atOnce += 1); await Promise.resolve(); atOnce -= 1; } });
    await (await house.open()).say(data("one"), data("two"), data("three"));
    expect(most).toBe(1);
  });

  it("ends the channel where a handler throws, handles the message again, and closes the session after the third time", async () => {
    let tries = 0;
    const house = new House({ handle: () => { tries += 1; throw new Error("no"); } });
    const visitor = await (await house.open()).say(data("one"));
    expect(visitor.end).toMatchObject({ code: "HF_SESSION_HANDLER" });
    expect(house.last("failed")).toMatchObject({ error: { code: "HF_SESSION_HANDLER", cause: new Error("no") } });
    for (const attach of [1, 2]) await (await house.attach(visitor.credential, { attach, sent: 1 })).say(data("one"));
    expect(tries).toBe(3);
    expect(house.last("closed")).toMatchObject({ why: "handler" });
    expect((await house.attach(visitor.credential, { attach: 9 })).last).toMatchObject({ type: "refused", code: codes.unknownSession });
  });

  it("tells when a channel is gone, why, and when the session is back", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    await visitor.hangUp(new LinkError("HF_RESET", "reset"));
    expect(house.last("detached")).toMatchObject({ session, error: { code: "HF_RESET" } });
    expect(session.attached).toBe(false);
    expect(house.keeper.sessions.size).toBe(0);
    await house.attach(visitor.credential, { restarted: true });
    expect(house.names).toEqual(["session", "attached", "detached", "attached"]);
    expect(house.last("attached")).toMatchObject({ session, restarted: true });
    expect(session.epoch).toBe(2);
  });

  it("keeps what is sent to a session that is not attached, for when it returns", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    await visitor.hangUp();
    session.send("one");
    await house.keeper.send(session.key, "two");
    await house.keeper.send(session.id, "three");
    expect((await house.attach(visitor.credential)).texts).toEqual(["one", "two", "three"]);
  });

  it("sends to a session that another keeper of the store serves", async () => {
    const here = new House();
    const there = new House({ clock: here.clock, store: here.store });
    const visitor = await there.open();
    await here.keeper.send(only(there).id, "hello");
    await here.settle();
    expect(visitor.texts).toEqual(["hello"]);
    await expect(here.keeper.send(only(there).key, "hello")).rejects.toMatchObject({ code: "HF_SESSION_ENDED" });
  });

  it("refuses what nobody could get", async () => {
    const house = new House({ limits: { maxBytes: 10 } });
    const visitor = await house.open({ frameMax: 256, windowBytes: 5 });
    const session = only(house);
    expect(() => { session.send(7 as never); }).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
    expect(() => { session.send("123456"); }).toThrow(expect.objectContaining({ code: "HF_SESSION_TOO_LONG" }));
    session.send("12345");
    session.send("12345");
    expect(() => { session.send("1"); }).toThrow(expect.objectContaining({ code: "HF_OUTBOX_FULL" }));
    await house.settle();
    await visitor.say(ack(1));
    session.send("12345");
    await visitor.say(goodbye());
    expect(() => { session.send("1"); }).toThrow(expect.objectContaining({ code: "HF_SESSION_ENDED" }));
    await expect(house.keeper.send(session.id, "1")).rejects.toMatchObject({ code: "HF_SESSION_ENDED" });
  });

  it("has a limit for all clients together", async () => {
    const house = new House({ limits: { maxOutgoingBytes: 10 } });
    await house.open({ windowMessages: 1 });
    const session = only(house);
    session.send("12345");
    session.send("12345");
    expect(() => { session.send("1"); }).toThrow(expect.objectContaining({ code: "HF_OUTBOX_FULL" }));
    await house.settle(); // One of them is under way.
    session.send("1");
  });

  it("passes messages without a number, both ways", async () => {
    const heard: unknown[] = [];
    const house = new House({ handleVolatile: (message, session) => { heard.push(message, session.key); session.sendVolatile("pong"); } });
    const visitor = await (await house.open()).say(new Uint8Array([0x4d, 104, 105]));
    expect(heard).toEqual(["hi", only(house).key]);
    expect(visitor.last).toMatchObject({ type: "volatile", payload: bytesOf("pong") });
  });

  it("ends a session on demand, after what was said", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    session.send("bye");
    await Promise.all([session.close(), house.settle()]);
    expect(visitor.texts).toEqual(["bye"]);
    expect(visitor.last).toMatchObject({ type: "close", code: codes.normal });
    expect(house.last("closed")).toEqual({ session, why: "closed" });
    expect(house.names).not.toContain("detached");
    await session.close();
  });

  it("ends a session that is not attached, too", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    await visitor.hangUp();
    await session.close();
    expect(house.last("closed")).toEqual({ session, why: "closed" });
    expect((await house.attach(visitor.credential)).last).toMatchObject({ type: "refused", code: codes.unknownSession });
  });

  it("tells both ends of a takeover, and the old channel is told MOVED", async () => {
    const house = new House();
    const first = await house.open({}, "tcp://192.0.2.1:1000");
    const session = only(house);
    await house.attach(first.credential, {}, "tcp://192.0.2.2:2000");
    expect(first.last).toEqual({ type: "moved", epoch: 2 });
    expect(house.last("moved")).toMatchObject({ session, epoch: 2, remote: { host: "192.0.2.1" }, to: { host: "192.0.2.2" } });
    expect(house.names).toEqual(["session", "attached", "moved", "attached"]);
    expect(session).toMatchObject({ attached: true, epoch: 2 });
  });

  it("leaves it to whoever was told MOVED to hang up, takes nothing more from it, and ends the channel after two seconds", async () => {
    const house = new House();
    const first = await house.open();
    await house.attach(first.credential);
    await first.say(data("late"));
    await house.clock.advanceAsync(1_999);
    expect([first.last, first.end, house.handled]).toEqual([{ type: "moved", epoch: 2 }, undefined, []]);
    await house.clock.advanceAsync(1);
    expect([first.last, first.end, house.names]).toEqual([{ type: "moved", epoch: 2 }, "done", ["session", "attached", "moved", "attached"]]);
  });

  it("tells of a takeover by another keeper, and forgets the session", async () => {
    const here = new House();
    const there = new House({ clock: here.clock, store: here.store });
    const first = await here.open();
    const session = only(here);
    await there.attach(first.credential);
    expect(first.last).toEqual({ type: "moved", epoch: 2 });
    expect(here.last("moved")).toMatchObject({ session, epoch: 2 });
    expect(here.last("moved")).not.toHaveProperty("to");
    expect(here.keeper.sessions.size).toBe(0);
    expect(there.names).toEqual(["session", "attached"]);
    session.send("from the old one");
    await there.settle();
    expect([...there.keeper.sessions.values()][0]?.key).toBe(session.key);
  });

  it("waits for a handler that is at work for the old channel, so that its message is not handled twice", async () => {
    const gate = Promise.withResolvers<void>();
    const handled: unknown[] = [];
    const house = new House({ handle: async (message, { session }) => { handled.push(message); await gate.promise; session.send(`re: ${String(message)}`); } });
    const first = await (await house.open()).say(data("one"));
    await first.hangUp();
    const second = await house.attach(first.credential, { sent: 1 });
    expect(second.raw).toEqual([]);
    gate.resolve();
    await house.settle();
    expect(second.frames[0]).toMatchObject({ type: "attached", received: 1 });
    expect(second.texts).toEqual(["re: one"]);
    expect(handled).toEqual(["one"]);
  });

  it("begins no further message of the old channel while it waits, and goes on with them where the attach is refused", async () => {
    const gates: (() => void)[] = [];
    const house = new House({ handle: (message) => new Promise<void>((resolve) => { house.handled.push([message, gates.length + 1, ""]); gates.push(resolve); }) });
    const first = await (await house.open()).say(data("one"), data("two"), data("three"));
    const stale = await house.attach(first.credential, { attach: 0, sent: 3 });
    gates[0]?.();
    await house.settle();
    expect(stale.last).toMatchObject({ type: "refused", code: codes.staleAttach });
    expect(house.handled.map(([message]) => message)).toEqual(["one", "two"]);
    const second = await house.attach(first.credential, { sent: 3 });
    gates[1]?.();
    await house.settle();
    expect(second.frames[0]).toMatchObject({ type: "attached", received: 2 });
    expect(first.last).toEqual({ type: "moved", epoch: 2 });
    expect(house.handled.map(([message]) => message)).toEqual(["one", "two"]);
    await second.say(data("three"));
    expect(house.handled.map(([message]) => message)).toEqual(["one", "two", "three"]);
  });

  it("does not wait for it for ever", async () => {
    const house = new House({ handle: () => new Promise(() => { /* Never done. */ }), limits: { handoverTimeout: 500 } });
    const first = await (await house.open()).say(data("one"));
    const second = await house.attach(first.credential, { sent: 1 });
    await house.clock.advanceAsync(499);
    expect(second.raw).toEqual([]);
    await house.clock.advanceAsync(1);
    expect(second.frames[0]).toMatchObject({ type: "attached", received: 0 });
    expect(first.last).toEqual({ type: "moved", epoch: 2 });
  });

  it("asks the application at every attach who that is", async () => {
    const asked: unknown[] = [];
    const house = new House({ authorize: async (credentials, request) => { asked.push({ ...request, remote: request.remote.label }); await Promise.resolve(); return new TextDecoder().decode(credentials); } });
    const { credential } = await house.open();
    expect((await house.attach(credential, { auth: bytesOf("bob") })).last).toMatchObject({ code: codes.unauthorized });
    expect((await house.attach(credential, { attach: 2 })).last?.type).toBe("attached");
    const remote = "tcp://192.0.2.1:1000";
    expect(asked).toEqual([{ for: "open", remote }, { for: "attach", principal: "alice", remote }, { for: "attach", principal: "alice", remote }]);
  });

  it.each([["throws", () => { throw new Error("canary"); }], ["rejects", () => Promise.reject(new Error("canary"))], ["says nobody", () => undefined]])("refuses where authorize %s", async (_, authorize) => {
    const house = new House({ authorize });
    expect((await house.open()).last).toMatchObject({ type: "refused", code: codes.unauthorized });
    expect(house.last("refused")).toMatchObject({ why: "unauthorized" });
    expect(inspect(house.told, { depth: 9 })).not.toContain("canary");
  });

  it("opens no session on a channel that others can read, unless it may", async () => {
    const house = new House({ allowPlaintext: false });
    expect((await house.open({}, "tcp://192.0.2.1:1000")).last).toMatchObject({ type: "refused", code: codes.unauthorized });
    for (const from of ["tls://192.0.2.1:1", "wss://192.0.2.1:1", "tcp://127.0.0.1:1", "ws://[::1]:1", "unix:/run/x"]) expect((await house.open({}, from)).last?.type).toBe("opened");
    const behindProxy = new House({ allowPlaintext: false, secure: ({ host }) => host === "10.0.0.1" });
    expect((await behindProxy.open({}, "tcp://10.0.0.1:5")).last?.type).toBe("opened");
    expect((await behindProxy.open({}, "tcp://127.0.0.1:5")).last?.type).toBe("refused");
  });

  it("serves listeners only, and is asked for options that can work", () => {
    const house = new House();
    expect(() => house.keeper.protocol.start({} as never, { side: "dialer" } as never)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
    for (const wrong of [{ store: {} }, { handle: 1 }, { limits: { maxSessions: 0 } }, { limits: { frameMax: 100 } }, { limits: { timeoutMin: 9, timeoutMax: 8 } }, { masterKey: new Uint8Array(31) }, { authorize: "x" }, { secure: 1 }, { handleVolatile: 1 }, { limits: { windowBytes: 1.5 } }, { limits: { frameMax: 2_000_000 } }]) {
      expect(() => new House(wrong as never)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
    }
  });

  it("hangs up on everybody when it closes, and waits for handlers", async () => {
    const gate = Promise.withResolvers<void>();
    const house = new House({ handle: () => gate.promise });
    const visitor = await (await house.open()).say(data("one"));
    let closed = false;
    const closing = house.keeper.close().then(() => { closed = true; });
    await house.settle();
    expect(visitor.last).toMatchObject({ type: "close", code: codes.goingAway });
    expect(closed).toBe(false);
    gate.resolve();
    await closing;
    expect(house.clock.pending).toBe(0);
    expect(() => house.channel()).toThrow(expect.objectContaining({ code: "HF_SESSION_ENDED" }));
  });

  it("tells of what could not be kept, without showing it", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    await visitor.hangUp();
    void house.store.close(session.id, 1);
    session.send("canary");
    await house.settle();
    expect(house.last("dropped")).toMatchObject({ count: 1, uncertain: false });
    expect(house.last("dropped")?.messages).toEqual(["canary"]);
    expect(inspect(house.last("dropped")) + JSON.stringify(house.last("dropped"))).not.toContain("canary");
  });

  it("survives listeners and loggers that throw", async () => {
    const house = new House({ logger: () => { throw new Error("full disk"); } });
    expect((await house.open()).last?.type).toBe("opened");
  });
});

describe("keys", () => {
  it("are held by one session, and go with it", async () => {
    const house = new House();
    const [one, other] = [await house.open(), await house.open()];
    const [first, second] = [...house.keeper.sessions.values()] as [KeptSession, KeptSession];
    expect(await first.hold("leader", "a")).toMatchObject({ ok: "held", key: { epoch: 1, value: "a" } });
    expect(await second.hold("leader", "b")).toMatchObject({ ok: "taken", key: { value: "a", session: first.id } });
    expect(await house.keeper.keys("lead")).toMatchObject([{ key: "leader", session: first.id }]);
    await one.say(goodbye());
    expect(await house.keeper.keys("")).toEqual([]);
    expect(await second.hold("leader", "b")).toMatchObject({ ok: "held" });
    await second.release("leader");
    expect(await house.keeper.keys("")).toEqual([]);
    expect(other.end).toBeUndefined();
  });

  it("are nothing for a session that is somebody else's, or over", async () => {
    const here = new House();
    const there = new House({ clock: here.clock, store: here.store });
    const first = await here.open();
    const session = only(here);
    await there.attach(first.credential);
    await expect(session.hold("k", "v")).rejects.toMatchObject({ code: "HF_SESSION_MOVED" });
    await only(there).close();
    await expect(session.hold("k", "v")).rejects.toMatchObject({ code: "HF_SESSION_ENDED" });
    await expect(session.release("k")).rejects.toMatchObject({ code: "HF_SESSION_ENDED" });
    await expect(session.hold("", "v")).rejects.toMatchObject({ code: "HF_BAD_OPTION" });
  });

  it("are told to who watches: first what is there, then each change", async () => {
    const house = new House();
    const visitor = await house.open();
    const session = only(house);
    await session.hold("a/1", "x");
    const seen: unknown[] = [];
    const stop = await house.keeper.watch("a/", ({ key, before, now }) => { seen.push([key, before?.value, now?.value]); });
    expect(seen).toEqual([["a/1", undefined, "x"]]);
    await session.hold("a/2", "y");
    await session.hold("a/1", "z");
    await session.hold("b", "no");
    await house.settle();
    await visitor.say(goodbye());
    expect(seen.slice(1)).toEqual([["a/2", undefined, "y"], ["a/1", "x", "z"], ["a/1", "z", undefined], ["a/2", "y", undefined]]);
    stop();
    await house.open();
    await only(house).hold("a/3", "no");
    await house.settle();
    expect(seen).toHaveLength(5);
  });
});

describe("expiry", () => {
  const beat = async (house: House, visitors: readonly { say(frame: Uint8Array): Promise<unknown> }[]): Promise<void> => { for (const visitor of visitors) await visitor.say(ping(1)); await house.settle(); };

  it("ends what nobody renews, and tells who is still there", async () => {
    const house = new House();
    const [silent, talking, gone] = [await house.open({ timeout: 4_000 }), await house.open({ timeout: 4_000 }), await house.open({ timeout: 4_000 })];
    const session = only(house);
    await gone.hangUp();
    for (let at = 0; at < 6; at += 1) {
      await house.clock.advanceAsync(1_000);
      await beat(house, [talking]);
    }
    expect(silent.last).toMatchObject({ type: "close", code: codes.expired });
    expect(talking.end).toBeUndefined();
    expect(house.told.filter(([name]) => name === "expired")).toHaveLength(2);
    expect(house.told.filter(([name]) => name === "closed")).toHaveLength(2);
    expect(house.told).toContainEqual(["expired", { key: session.key }]);
    expect(house.keeper.sessions.size).toBe(1);
  });

  it("ends nothing for the time that the process stood still", async () => {
    const house = new House();
    const visitors: Visitor[] = [];
    for (let at = 0; at < 50; at += 1) visitors.push(await house.open({ timeout: 4_000 }));
    const away = await house.open({ timeout: 4_000 });
    await away.hangUp();
    await house.clock.advanceAsync(1_500);
    house.clock.stall(8_000);
    // What the clients sent meanwhile is read after the late alarms have rung, as on a real loop.
    for (const visitor of visitors) house.clock.arrival(house.clock.now(), () => { visitor.conversation.frame(ping(7)); });
    for (let at = 0; at < 6; at += 1) {
      await house.clock.advanceAsync(666);
      await beat(house, visitors);
    }
    expect(house.names).not.toContain("expired");
    expect(visitors.every(({ end }) => end === undefined)).toBe(true);
    expect((await house.attach(away.credential)).last?.type).toBe("attached");
    await house.clock.advanceAsync(60_000);
    expect(house.told.filter(([name]) => name === "expired")).toHaveLength(51);
  });

  it("forgets sessions that were detached long ago, so that memory is bounded", async () => {
    const clock = new SimClock();
    const quiet = new House({ clock, store: altered(memoryStore({ clock }), { expire: () => [] }) });
    const visitor = await quiet.open({ timeout: 4_000 });
    const { key } = only(quiet);
    await visitor.hangUp();
    await quiet.clock.advanceAsync(20_000);
    await expect(quiet.keeper.send(key, "x")).rejects.toMatchObject({ code: "HF_SESSION_ENDED" });
  });
});
