import { constant, isHoldfastError } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { inspect } from "node:util";
import { codes } from "../../src/frames/codes.ts";
import { Session, SessionError } from "../../src/index.ts";
import { Rig } from "./rig.ts";

/** What a promise rejects with; it may be awaited later. */
function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => "it did not fail", (error: unknown) => error);
}

async function opened(options: Parameters<Rig["session"]>[0] = {}) {
  const rig = new Rig();
  await rig.listen("a", "b");
  const session = rig.session(options);
  const open = session.open();
  await rig.run(10);
  await open;
  return { rig, session };
}

describe("A session", () => {
  it("opens, sends, receives, and says goodbye", async () => {
    const { rig, session } = await opened();
    expect(session.phase).toBe("attached");
    const heard: unknown[] = [];
    session.on("message", (message, { sequence }) => { heard.push([message, sequence]); });
    expect(session.send("hello")).toBe(true);
    rig.send("welcome");
    await rig.run(10);
    expect(heard).toEqual([["welcome", 1]]);
    expect(rig.handled).toEqual(["hello"]);
    const closing = session.close();
    await rig.run(10);
    await closing;
    expect(session.names).toEqual(["attached", "closed"]);
    expect(session.last("attached")).toEqual({ endpoint: "memory://a", epoch: 1, resumed: false, continuity: "new" });
    await expect(session.closed).resolves.toEqual({ cause: "requested", undelivered: [] });
    expect(rig.present.frames.at(-1)).toMatchObject({ type: "close", code: 1000 });
    expect(rig.acked).toBe(1);
    await rig.run(60_000);
    expect([rig.clock.pending, rig.network.open, rig.visits.length]).toEqual([0, 0, 1]);
  });

  it.each(["backoff", "dialTimeout", "stableAfter", "maxAttempts", "maxInitialAttempts", "maxRounds", "maxInitialRounds", "giveUpAfter", "failoverSpread", "limiter", "warnAfter"])("hands %s to its link, which checks it", (option) => {
    expect(() => new Rig().session({ [option]: -1 } as never)).toThrow(option);
  });

  it("warns of a lap that failed, and of no lap in which servers took it and died", async () => {
    const rig = new Rig();
    await rig.listen("a", "b");
    const warnings: string[] = [];
    // Without listeners: who listens to `waiting` needs no warning.
    const session = new Session({
      endpoints: ["memory://a", "memory://b"], transports: [rig.network.transport], clock: rig.clock, random: () => 0.5, wallClock: () => rig.clock.now(),
      logger: ({ event, message }) => { if (event === "unreachable") warnings.push(message); },
    });
    void session.open();
    await rig.run(10);
    for (let kill = 0; kill < 6; kill += 1) {
      rig.present.channel.abort(new Error("killed"));
      await rig.run(9_000);
    }
    expect(rig.visits.length).toBe(7);
    expect(warnings).toEqual([]);
    await rig.kill("a");
    await rig.kill("b");
    await rig.run(30_000);
    expect(warnings).toEqual([expect.stringMatching(/^no endpoint serves the session \(.*memory:\/\/[ab].*\): trying again in/)]);
  });

  it("goes on at another server, and each message is handled once and in order", async () => {
    const { rig, session } = await opened();
    const heard: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    for (let round = 0; round < 5; round += 1) {
      rig.deaf = true;
      session.send(`c${2 * round}`);
      rig.send(`k${round}`);
      await rig.run(2);
      rig.deaf = false;
      rig.present.channel.abort(new Error("killed"));
      await rig.run(1);
      session.send(`c${2 * round + 1}`);
      await rig.run(1_000);
    }
    expect(rig.handled).toEqual(Array.from({ length: 10 }, (_, n) => `c${n}`));
    expect(heard).toEqual(Array.from({ length: 5 }, (_, n) => `k${n}`));
    expect(session.epoch).toBe(6);
    expect(session.last("detached")).toMatchObject({ endpoint: expect.stringMatching(/^memory:/) as unknown, unconfirmed: 1, cause: "reset" });
    expect(session.last("attached")).toMatchObject({ resumed: true, continuity: "full" });
  });

  it("moves while the old channel goes on working", async () => {
    const { rig, session } = await opened();
    session.send("a");
    const moving = session.migrate("memory://b");
    session.send("b");
    await rig.run(20);
    await moving;
    session.send("c");
    await rig.run(20);
    expect(rig.handled).toEqual(["a", "b", "c"]);
    expect(session.names).not.toContain("detached");
    expect(session.last("migrated")).toMatchObject({ from: "memory://a", to: "memory://b", cause: "requested" });
    expect(rig.visits.map(({ types }) => types.filter((type) => type === "close"))).toEqual([[], []]);
  });

  it("stops for good where it was moved by somebody else, and takes over when it is told to", async () => {
    const { rig, session } = await opened();
    session.send("a");
    rig.present.say({ type: "moved", epoch: 2 });
    await rig.run(60_000);
    expect(session.phase).toBe("moved");
    expect(rig.visits).toHaveLength(1);
    expect(session.names).toEqual(["attached", "moved"]);
    expect(() => session.send("b")).toThrow(expect.objectContaining({ code: "HF_SESSION_MOVED" }));
    await expect(session.ready()).rejects.toMatchObject({ code: "HF_SESSION_MOVED", next: "stop" });
    await expect(session.write("b")).rejects.toMatchObject({ code: "HF_SESSION_MOVED" });
    rig.epoch = 2;
    const taking = session.takeover();
    await rig.run(100);
    await taking;
    expect(session.last("attached")).toMatchObject({ epoch: 3, continuity: "restarted" });
    session.send("b");
    await rig.run(100);
    expect(rig.handled).toEqual(["a", "b"]);
  });

  it("closes when it was proven to be expired, with everything that was not delivered", async () => {
    const { rig, session } = await opened();
    rig.deaf = true;
    session.send("a");
    await rig.run(5);
    rig.refusal = { code: codes.expired, received: 0, proven: true };
    rig.present.channel.abort(new Error("killed"));
    await rig.run(1_000);
    expect(session.names.filter((name) => name !== "failed")).toEqual(["attached", "detached", "expired", "closed"]);
    expect(session.last("expired")).toEqual({ lastReceived: 0, undelivered: ["a"] });
    expect(session.last("closed")).toMatchObject({ cause: "expired", error: { code: "HF_SESSION_EXPIRED" } });
    expect(() => session.send("b")).toThrow(SessionError);
    await rig.run(60_000);
    expect(rig.clock.pending).toBe(0);
  });

  it("opens a fresh session on the same link where it was told to renew", async () => {
    const { rig, session } = await opened({ onEnd: "renew" });
    const { label } = session;
    rig.refusal = { code: codes.expired, proven: true };
    rig.present.channel.abort(new Error("killed"));
    await rig.run(5);
    rig.refusal = undefined;
    await rig.run(5_000);
    expect(session.names).toContain("expired");
    expect(session.last("attached")).toMatchObject({ resumed: false, continuity: "new", epoch: 1 });
    expect(session.label).not.toBe(label);
    session.send("x");
    await rig.run(10);
    expect(rig.handled).toEqual(["x"]);
  });

  it("gives an unknown session up when every endpoint, the last one too, has said so", async () => {
    const { rig, session } = await opened();
    rig.refusal = { code: codes.unknownSession };
    rig.present.channel.abort(new Error("killed"));
    await rig.run(5_000);
    expect(session.last("lost")).toMatchObject({ why: "unknown" });
    expect(rig.visits.map(({ name }) => name)).toEqual(["a", "b", "a", "b"]);
  });

  it("knows that a lap is over also where no wait follows it", async () => {
    const { rig, session } = await opened({ backoff: constant(0) });
    rig.refusal = { code: codes.unknownSession };
    rig.present.channel.abort(new Error("killed"));
    await rig.run(100);
    expect(session.names).not.toContain("waiting");
    expect(session.last("lost")).toMatchObject({ why: "unknown" });
  });

  it("does not give it up where one of the endpoints could not be asked", async () => {
    const { rig, session } = await opened();
    await rig.kill("a");
    rig.refusal = { code: codes.unknownSession };
    await rig.run(10_000);
    expect(session.phase).toBe("detached");
    rig.refusal = undefined;
    await rig.run(30_000);
    expect(session.phase).toBe("attached");
  });

  it("rests without credentials that are accepted, and goes on with others", async () => {
    const rig = new Rig();
    await rig.listen("a");
    rig.refusal = { code: codes.unauthorized, reason: "token expired" };
    let token = "old";
    const session = rig.session({ endpoints: ["memory://a"], auth: () => Promise.resolve(token) });
    const open = session.open();
    const refused = failure(open);
    await rig.run(30_000);
    expect(await refused).toMatchObject({ code: "HF_SESSION_UNAUTHORIZED" });
    expect([session.phase, rig.visits.length]).toEqual(["unauthorized", 1]);
    rig.refusal = undefined;
    token = "new";
    const again = session.open();
    await rig.run(30_000);
    await again;
    const greeting = rig.present.frames[0];
    expect(greeting?.type === "open" && new TextDecoder().decode(greeting.auth)).toBe("new");
  });

  it("tells its owner when to stop, and when it may go on", async () => {
    const { rig, session } = await opened();
    await rig.kill("a");
    await rig.kill("b");
    await rig.run(28_000);
    expect(session.presumedExpired).toBe(false);
    expect(session.last("detached")).toMatchObject({ deadline: expect.closeTo(30_000, -2) as unknown });
    await rig.run(3_000);
    expect([session.presumedExpired, session.last("presumedExpired")]).toEqual([true, {}]);
    await rig.listen("b");
    await rig.run(60_000);
    expect(session.names.slice(-2)).toEqual(["restored", "attached"]);
    expect(session.presumedExpired).toBe(false);
  });

  it.each([30_000, 6_000])("finds a silent keeper in two thirds of the session's timeout of %s ms", async (timeout) => {
    const rig = new Rig();
    rig.timeout = timeout;
    await rig.listen("a", "b");
    const session = rig.session();
    void session.open();
    await rig.run(10);
    rig.present.channel.pause?.();
    await rig.run(timeout * 2 / 3 + 100);
    expect(session.last("detached")).toMatchObject({ cause: "heartbeat" });
    expect(session.phase).toBe("attached");
  });

  it("waits in an outbox with bounds, and write waits for room", async () => {
    const rig = new Rig();
    await rig.listen("a");
    const session = rig.session({ outbox: { maxMessages: 2, maxBytes: 100 } });
    expect([session.send("1"), session.send("2")]).toEqual([false, false]);
    expect(() => session.send("3")).toThrow(expect.objectContaining({ code: "HF_OUTBOX_FULL" }));
    expect(() => session.send("x".repeat(101))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG" }));
    const late = failure(session.write("late", { timeout: 5 }));
    const stopped = new AbortController();
    const aborted = failure(session.write("stopped", { signal: stopped.signal }));
    stopped.abort("enough");
    const written = session.write("3");
    await rig.run(6);
    expect(await late).toMatchObject({ code: "HF_TIMEOUT" });
    expect(await aborted).toBe("enough");
    void session.open();
    await rig.run(10);
    await written;
    expect(rig.handled).toEqual(["1", "2", "3"]);
    expect(session.names).toContain("drained");
  });

  it("never shows its id, its secret, its auth or a message", async () => {
    const { rig, session } = await opened({ auth: "hunter2" });
    const ticket = session.ticket({ messages: true });
    expect(ticket?.secret).toBe("07".repeat(32));
    rig.deaf = true;
    session.send("confidential");
    rig.refusal = { code: codes.badProof };
    rig.present.channel.abort(new Error("killed"));
    await rig.run(3_000);
    rig.refusal = { code: codes.unauthorized };
    await rig.run(30_000);
    const shown = [inspect(session, { depth: 9, showHidden: true }), JSON.stringify(session.snapshot()), inspect(session.story, { depth: 9 }), session.label].join("\n");
    for (const canary of ["hunter2", "confidential", "07".repeat(16), "01".repeat(16)]) expect(shown).not.toContain(canary);
    expect(shown).not.toMatch(/Uint8Array\(16\)|Uint8Array\(32\)/);
    expect(session.label).toMatch(/^[\da-f]{8}$/);
  });

  it("closes without a word where it was never opened, and after drainTimeout where nobody answers", async () => {
    const rig = new Rig();
    const idle = rig.session();
    await idle.close();
    expect(idle.names).toEqual(["closed"]);
    await rig.listen("a");
    rig.mute = true;
    const session = rig.session({ drainTimeout: 3_000 });
    void session.open();
    session.send("a");
    const closing = session.close();
    await rig.run(3_000);
    await closing;
    expect(session.last("closed")).toEqual({ cause: "requested", undelivered: ["a"] });
    await rig.run(60_000);
    expect([rig.clock.pending, rig.network.open]).toEqual([0, 0]);
  });

  it("is closed with its link where that gives up", async () => {
    const rig = new Rig();
    const session = rig.session({ maxAttempts: 2 });
    const open = failure(session.open());
    await rig.run(60_000);
    expect(await open).toMatchObject({ code: "HF_GAVE_UP" });
    expect(session.last("closed")).toMatchObject({ cause: "exhausted", error: { code: "HF_GAVE_UP" } });
  });

  it("rejects open with the reason of its signal, and goes on dialling", async () => {
    const rig = new Rig();
    await rig.listen("a");
    const session = rig.session();
    const controller = new AbortController();
    const open = failure(session.open({ signal: controller.signal }));
    controller.abort("enough");
    expect(await open).toBe("enough");
    await rig.run(100);
    expect(session.phase).toBe("attached");
  });

  it("is not opened where its secret could be read, unless it was told that this is fine", () => {
    const rig = new Rig();
    const transports = [{ ...rig.network.transport, schemes: ["ws", "wss"] }];
    const wrong = ["ws://far.example/", "ws://10.0.0.1/", "ws://127.0.0.1.evil.example/"];
    for (const uri of wrong) expect(() => new Session({ endpoints: ["wss://far.example/", uri], transports })).toThrow(/encrypted .* or on this machine/);
    for (const uri of ["ws://localhost/", "ws://127.0.0.9/", "ws://[::1]/", "wss://far.example/"]) expect(() => new Session({ endpoints: [uri], transports })).not.toThrow();
    expect(() => new Session({ endpoints: wrong, transports, allowPlaintext: true })).not.toThrow();
  });

  it("says which option cannot work", () => {
    const rig = new Rig();
    const wrong: readonly [Parameters<Rig["session"]>[0], RegExp][] = [
      [{ timeout: 1 }, /^timeout/], [{ onEnd: "never" as never }, /^onEnd/], [{ window: { messages: 0 } }, /^window\.messages/], [{ outbox: { maxBytes: -1 } }, /^outbox\.maxBytes/],
      [{ maxFrameBytes: 100 }, /^maxFrameBytes/], [{ auth: 7 as never }, /^auth/], [{ auth: "x".repeat(4_000) }, /^auth/], [{ ticket: {} as never }, /^ticket/], [{ drainTimeout: 0 }, /^drainTimeout/],
    ];
    for (const [options, message] of wrong) expect(() => rig.session(options)).toThrow(message);
  });
});

describe("Messages", () => {
  it("are acknowledged when the promise of the handler is kept, one at a time and in order", async () => {
    const { rig, session } = await opened();
    const gates: PromiseWithResolvers<void>[] = [];
    const heard: unknown[] = [];
    session.receive((message, { sequence }) => {
      heard.push([message, sequence]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    });
    rig.send("x");
    rig.send("y");
    await rig.run(1_000);
    expect([heard, rig.acked]).toEqual([[["x", 1]], 0]);
    gates[0]?.resolve();
    await rig.run(1_000);
    expect([heard, rig.acked]).toEqual([[["x", 1], ["y", 2]], 1]);
    gates[1]?.resolve();
    await rig.run(1_000);
    expect(rig.acked).toBe(2);
  });

  it("wait, unacknowledged, for somebody who wants them", async () => {
    const { rig, session } = await opened();
    rig.send("x");
    await rig.run(1_000);
    expect(rig.acked).toBe(0);
    const heard: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    rig.send("y");
    await rig.run(1_000);
    expect([heard, rig.acked]).toEqual([["x", "y"], 2]);
  });

  it("are acknowledged by for await when the next one is asked for", async () => {
    const { rig, session } = await opened();
    const reader = session[Symbol.asyncIterator]();
    const first = reader.next();
    rig.send("x");
    rig.send("y");
    await rig.run(1_000);
    await expect(first).resolves.toEqual({ value: "x", done: false });
    expect(rig.acked).toBe(0);
    await expect(reader.next()).resolves.toEqual({ value: "y", done: false });
    await rig.run(1_000);
    expect(rig.acked).toBe(1);
    await reader.return?.();
    await rig.run(1_000);
    expect(rig.acked).toBe(2);
  });

  it("end for readers with the session, with an error where it was not asked to", async () => {
    const { rig, session } = await opened();
    const next = failure(session[Symbol.asyncIterator]().next());
    rig.present.say({ type: "moved", epoch: 2 });
    await rig.run(10);
    expect(await next).toMatchObject({ code: "HF_SESSION_MOVED" });
    const done = (await opened());
    const end = done.session[Symbol.asyncIterator]().next();
    void done.session.close();
    await done.rig.run(10);
    await expect(end).resolves.toEqual({ value: undefined, done: true });
  });

  it("stay first in line where a handler fails, for the next handler", async () => {
    const { rig, session } = await opened();
    const failure = new Error("handler");
    const surfaced: unknown[] = [];
    const uncaught = (error: unknown): void => { surfaced.push(error); };
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", uncaught);
    session.receive(() => Promise.reject(failure));
    rig.send("x");
    await rig.run(1_000);
    await new Promise((resolve) => { setImmediate(resolve); });
    process.off("uncaughtException", uncaught);
    for (const listener of listeners) process.on("uncaughtException", listener);
    expect([surfaced, rig.acked]).toEqual([[failure], 0]);
    const heard: unknown[] = [];
    session.receive((message) => { heard.push(message); });
    await rig.run(1_000);
    expect([heard, rig.acked]).toEqual([["x"], 1]);
  });

  it("may be answered from inside a listener, which may close the session, too", async () => {
    const { rig, session } = await opened();
    session.on("message", (message) => {
      session.send(`re: ${String(message)}`);
      if (message === "last") void session.close();
    });
    rig.send("x");
    rig.send("last");
    await rig.run(100);
    expect(rig.handled).toEqual(["re: x", "re: last"]);
    expect(session.phase).toBe("closed");
  });
});

describe("A session that is suspended", () => {
  it("waits for its handler, and goes on exactly there in another process", async () => {
    const { rig, session } = await opened();
    const gate = Promise.withResolvers<void>();
    session.receive(() => gate.promise);
    rig.send("x");
    rig.send("y");
    await rig.run(10);
    rig.deaf = true;
    session.send("a");
    const suspending = session.suspend();
    await rig.run(1_000);
    expect(session.phase).toBe("attached");
    gate.resolve();
    await rig.run(1_000);
    const ticket = await suspending;
    expect(rig.acked).toBe(1);
    expect(session.names).toEqual(["attached", "closed"]);
    expect(session.last("closed")).toEqual({ cause: "suspended", undelivered: [] });
    expect(rig.present.types).not.toContain("close");
    expect(ticket).toMatchObject({ exact: true, sent: 1, acked: 0, received: 1, messages: ["a"] });
    rig.deaf = false;
    const other = rig.session({ ticket: JSON.parse(JSON.stringify(ticket)) as NonNullable<typeof ticket> });
    const heard: unknown[] = [];
    other.on("message", (message) => { heard.push(message); });
    void other.open();
    await rig.run(100);
    expect([heard, rig.handled]).toEqual([["y"], ["a"]]);
    expect(other.last("attached")).toMatchObject({ continuity: "full", epoch: 2 });
    expect(other.label).toBe(session.label);
  });

  it("takes no more messages, and cannot be suspended twice", async () => {
    const { rig, session } = await opened();
    const suspending = session.suspend();
    await rig.run(100);
    await suspending;
    expect(() => session.send("a")).toThrow(expect.objectContaining({ code: "HF_SESSION_CLOSED" }));
    await expect(session.suspend()).rejects.toSatisfy(isHoldfastError);
  });
});
