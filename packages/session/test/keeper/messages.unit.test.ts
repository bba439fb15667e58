import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { encode, } from "../../src/frames/encode.ts";
import { fragments } from "../../src/frames/data.ts";
import type { Message } from "../../src/frames/frame.ts";
import { World, type Scene } from "./scene.ts";
import { ack, attachFrame, bytesOf, data, ping } from "./scripted-client.ts";

const many = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => data(`m${at + 1}`));
const echo = (message: Message, sequence: number, scene: Scene): void => {
  scene.machine.reply(`re: ${String(message)}`, sequence, scene.now);
  scene.machine.handled(sequence, scene.now);
};

describe("a message of the client", () => {
  it("is handed over with its number, one at a time and in order", () => {
    const scene = new World().opened({ handle: false }).say(data("one"), data("two"));
    expect(scene.handedOver).toEqual([["one", 1]]);
    scene.handled(1);
    expect(scene.handedOver).toEqual([["one", 1], ["two", 2]]);
  });

  it("is not acknowledged before the store has committed it", () => {
    const scene = new World().opened({ hold: ["commit"] }).say(...many(40), ping(1, { sent: 40 }));
    expect(scene.handedOver).toHaveLength(40);
    scene.later(1_000);
    expect(scene.frames.slice(1)).toEqual([{ type: "pong", nonce: 1, acked: 0, sent: 0 }]);
    scene.answer("commit");
    expect(scene.last).toEqual({ type: "ack", acked: 40 });
  });

  it("is not committed before the application has handled it", () => {
    const scene = new World().opened({ handle: false }).say(data("one"));
    expect(scene.commits).toEqual([]);
    expect(scene.handled(1).commits).toMatchObject([{ change: { received: 1 } }]);
  });

  it("that arrives with others is committed with them in one step", () => {
    expect(new World().opened().say(...many(50)).commits).toMatchObject([{ epoch: 1, change: { received: 50 } }]);
  });

  it("that is handled while a commit is open waits for the next one", () => {
    const scene = new World().opened({ hold: ["commit"] }).say(data("one")).say(data("two")).say(data("three"));
    expect(scene.commits).toHaveLength(1);
    scene.answer("commit");
    expect(scene.commits).toMatchObject([{ change: { received: 1 } }, { change: { received: 3 } }]);
  });

  it("may come in fragments", () => {
    const scene = new World().opened().say(...fragments("x".repeat(600), 256));
    expect(scene.handedOver).toEqual([["x".repeat(600), 1]]);
  });

  it("is acknowledged after 32 of them, or after 250 ms", () => {
    const scene = new World().opened().say(...many(31));
    expect(scene.frames).toHaveLength(1);
    scene.say(data("m32"));
    expect(scene.last).toEqual({ type: "ack", acked: 32 });
    scene.say(data("m33")).later(249);
    expect(scene.frames).toHaveLength(2);
    expect(scene.later(1).last).toEqual({ type: "ack", acked: 33 });
    expect(scene.machine.wakeAt()).toBe(Infinity);
  });

  it("is acknowledged when a quarter of the window's bytes is not", () => {
    const scene = new World({ policy: { grant: { frameMax: 65_536, windowMessages: 1_024, windowBytes: 4_000 } } }).opened().say(data("x".repeat(999)));
    expect(scene.frames).toHaveLength(1);
    expect(scene.say(data("x")).last).toEqual({ type: "ack", acked: 2 });
  });

  it("is acknowledged when a quarter of the window's messages is not, where that is less than 32", () => {
    const scene = new World({ policy: { grant: { frameMax: 65_536, windowMessages: 8, windowBytes: 1_000_000 } } }).opened().say(data("one"));
    expect(scene.frames).toHaveLength(1);
    expect(scene.say(data("two")).last).toEqual({ type: "ack", acked: 2 });
  });

  it("is acknowledged along with what goes out", () => {
    const scene = new World().opened({ handle: echo }).say(data("hello"));
    expect(scene.last).toMatchObject({ type: "data", acked: 1, payload: bytesOf("re: hello") });
    scene.later(1_000);
    expect(scene.frames).toHaveLength(2);
  });

  it.each([
    ["FLOW where there are more messages", codes.flow, { windowMessages: 4, windowBytes: 1_000 }, many(5)],
    ["FLOW where there are more bytes", codes.flow, { windowMessages: 100, windowBytes: 1_000 }, [data("x".repeat(600)), data("x".repeat(401))]],
    ["PROTOCOL where one message is longer", codes.protocol, { windowMessages: 100, windowBytes: 1_000 }, [data("x".repeat(1_001))]],
  ])("ends the channel with %s than the window has, and not before", (_, code, window, frames) => {
    const scene = new World({ policy: { grant: { frameMax: 65_536, ...window } } }).opened({ handle: false }).say(...frames.slice(0, -1));
    expect(scene.end).toBeUndefined();
    scene.say(...frames.slice(-1));
    expect(scene.last).toMatchObject({ type: "close", code, reason: expect.stringContaining("window") as string });
    expect(scene.reports.at(-1)).toMatchObject({ type: "failed", error: { code: "HF_SESSION_PROTOCOL", message: expect.stringContaining(`(${code})`) as string } });
    expect(scene.end).toBe("done");
  });

  it("fills the window to its last byte without harm", () => {
    const scene = new World({ policy: { grant: { frameMax: 65_536, windowMessages: 2, windowBytes: 1_000 } } }).opened({ handle: false });
    expect(scene.say(data("x".repeat(600)), data("x".repeat(400)), ping(1, { sent: 2 })).last?.type).toBe("pong");
  });

  it("has a window of its own again once it is acknowledged", () => {
    const scene = new World({ policy: { grant: { frameMax: 65_536, windowMessages: 4, windowBytes: 1_000 } } }).opened();
    for (let at = 0; at < 20; at += 1) scene.say(data("x".repeat(200)));
    expect(scene.handedOver).toHaveLength(20);
    expect(scene.end).toBeUndefined();
  });
});

describe("a handler", () => {
  it("has its answers committed in the step that acknowledges the message", () => {
    const scene = new World().opened({ handle: echo }).say(data("a"), data("b"));
    expect(scene.commits).toMatchObject([{ change: { received: 2, append: ["re: a", "re: b"] } }]);
  });

  it("that is at work keeps back its answers, and nobody else's", () => {
    const scene = new World().opened({ handle: false }).say(data("a"));
    scene.machine.reply("answer", 1, scene.now);
    scene.send("news");
    expect(scene.texts).toEqual(["news"]);
    scene.handled(1);
    expect(scene.texts).toEqual(["news", "answer"]);
    expect(scene.commits).toMatchObject([{ change: { append: ["news"] } }, { change: { received: 1, append: ["answer"] } }]);
  });

  it("that fails ends the channel; its answers are forgotten, and the message comes again", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("a"), data("b"));
    scene.machine.reply("answer", 1, scene.now);
    scene.machine.handlerFailed(1, 1, new Error("oh"), scene.now);
    scene.settle();
    expect(scene.end).toMatchObject({ code: "HF_SESSION_HANDLER" });
    expect(scene.machine.phase).toBe("over");
    expect(scene.commits).toEqual([]);
    const again = world.attached(scene.credential, { sent: 2 });
    expect(again.last).toMatchObject({ type: "attached", received: 0 });
    expect(again.texts).toEqual([]);
  });

  it("that fails too often at one message ends the session", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("a"));
    scene.machine.handlerFailed(1, 3, new Error("oh"), scene.now);
    expect(scene.last).toMatchObject({ type: "close", code: codes.normal, received: 0 });
    expect(scene.reports.at(-1)).toEqual({ type: "ended", why: "handler" });
    expect(world.attached(scene.credential).last).toMatchObject({ type: "refused", code: codes.unknownSession });
  });

  it("that is at work when the channel breaks is heard to the end: its message is not handled twice", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("a"), data("b"));
    scene.machine.ended(scene.now);
    expect(scene.machine.phase).toBe("leaving");
    scene.machine.reply("answer", 1, scene.now);
    scene.handled(1);
    expect(scene.machine.phase).toBe("over");
    expect(scene.handedOver).toEqual([["a", 1]]);
    const again = world.attached(scene.credential, { sent: 2 });
    expect(again.frames[0]).toMatchObject({ type: "attached", received: 1 });
    expect(again.texts).toEqual(["answer"]);
  });

  it("that is at work when somebody else has taken the session over commits nothing", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("a"));
    scene.machine.ended(scene.now);
    const again = world.attached(scene.credential, { sent: 1 });
    scene.machine.reply("answer", 1, scene.now);
    scene.handled(1);
    expect(scene.machine.phase).toBe("over");
    expect(again.say(data("a")).handedOver).toEqual([["a", 1]]);
    expect(again.texts).toEqual([]);
    expect(scene.reports.filter(({ type }) => type === "leftover")).toEqual([]);
  });
});

describe("a message for the client", () => {
  it("goes out after the store has committed it", () => {
    const scene = new World().opened({ hold: ["commit"] }).send("one");
    expect(scene.texts).toEqual([]);
    expect(scene.answer("commit").texts).toEqual(["one"]);
  });

  it("waits while as many are under way as the client has granted", () => {
    const scene = new World().opened({}, { windowMessages: 2 });
    for (const text of ["a", "b", "c", "d", "e"]) scene.send(text);
    expect(scene.texts).toEqual(["a", "b"]);
    expect(scene.say(ack(1)).texts).toEqual(["a", "b", "c"]);
    expect(scene.say(ack(3)).texts).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("is one at a time for a client that grants none", () => {
    const scene = new World().opened({}, { windowMessages: 0 }).send("a").send("b");
    expect(scene.texts).toEqual(["a"]);
    expect(scene.say(ack(1)).texts).toEqual(["a", "b"]);
  });

  it("waits for room in bytes, but one may always be under way", () => {
    const scene = new World().opened({}, { windowBytes: 10 });
    for (const text of ["12345678", "1234", "1"]) scene.send(text);
    expect(scene.texts).toEqual(["12345678"]);
    expect(scene.say(ack(1)).texts).toEqual(["12345678", "1234", "1"]);
  });

  it("waits while the channel asks to wait; answers to pings do not", () => {
    const scene = new World().opened();
    scene.congested = true;
    scene.send("one").send("two").say(ping(1));
    expect(scene.texts).toEqual(["one"]);
    expect(scene.last?.type).toBe("pong");
    scene.congested = false;
    scene.machine.drained(scene.now);
    expect(scene.texts).toEqual(["one", "two"]);
  });

  it("goes out in fragments of what the client reads", () => {
    const scene = new World().opened({}, { frameMax: 256 }).send("x".repeat(600));
    expect(scene.raw.slice(1).map(({ length }) => length)).toEqual([256, 256, 91]);
    expect(scene.say(ack(1)).end).toBeUndefined();
  });

  it("that others appended is read from the store and goes out in order", () => {
    const world = new World();
    const scene = world.opened();
    const id = "01".repeat(16);
    void world.store.append(id, ["from elsewhere"]);
    scene.send("from here");
    expect(scene.texts).toEqual(["from elsewhere", "from here"]);
    void world.store.append(id, ["later"]);
    scene.machine.appended(3, scene.now);
    expect(scene.texts).toEqual(["from elsewhere", "from here", "later"]);
  });

  it("is not read from the store before the client has room for it", () => {
    const world = new World();
    const scene = world.opened({}, { windowMessages: 2 });
    for (let at = 1; at <= 5; at += 1) void world.store.append("01".repeat(16), [`m${at}`]);
    scene.machine.appended(5, scene.now);
    expect(scene.texts).toEqual(["m1", "m2"]);
    scene.say(ack(2)).say(ack(4)).say(ack(5));
    expect(scene.texts).toEqual(["m1", "m2", "m3", "m4", "m5"]);
    expect(scene.asked.filter(({ type }) => type === "read")).toMatchObject([{ from: 1, limit: 2 }, { from: 3, limit: 2 }, { from: 5, limit: 1 }]);
  });

  it("is refused where the client has not acknowledged as many bytes as may wait", () => {
    const scene = new World({ policy: { maxBytes: 10 } }).opened();
    expect(scene.machine.send("12345678", scene.now)).toBe("taken");
    expect(scene.machine.send("1234", scene.now)).toBe("full");
    scene.settle().say(ack(1));
    expect(scene.machine.send("1234", scene.now)).toBe("taken");
  });

  it("is refused where the client could never read it", () => {
    const scene = new World().opened({}, { frameMax: 256, windowBytes: 100_000 });
    expect(scene.machine.send("x".repeat(64 * 247), scene.now)).toBe("taken");
    expect(scene.machine.send("x".repeat(64 * 247 + 1), scene.now)).toBe("tooLong");
  });

  it("is trimmed from the store once the client has acknowledged it", () => {
    const world = new World();
    const scene = world.opened().send("a").send("b").say(ack(1));
    expect(scene.commits.at(-1)).toMatchObject({ change: { acked: 1 } });
    expect(world.store.read("01".repeat(16), 1, 10)).toMatchObject([{ sequence: 2 }]);
  });

  it("waits for acknowledgements where the store is full, together with what it answers", () => {
    const scene = new World().opened({ handle: echo, hold: ["commit"] }).send("old").answer("commit").say(data("a"));
    scene.answer("commit", { ok: "full" });
    expect(scene.orders).toEqual([]);
    scene.say(ack(1));
    expect(scene.orders).toMatchObject([{ change: { acked: 1 } }]);
    expect(scene.orders[0]).not.toHaveProperty("change.received");
    scene.answer("commit");
    expect(scene.orders).toMatchObject([{ change: { received: 1, append: ["re: a"] } }]);
    expect(scene.answer("commit").texts).toEqual(["old", "re: a"]);
  });

  it("is tried again after a second where the store is full for other reasons", () => {
    const scene = new World().opened({ hold: ["commit"] }).send("a").answer("commit", { ok: "full" });
    scene.later(1_000);
    expect(scene.orders).toMatchObject([{ change: { append: ["a"] } }]);
  });

  it("is not lost with the channel: it is committed all the same", () => {
    const world = new World();
    const scene = world.opened({ hold: ["commit"] }).send("one").send("two");
    scene.machine.ended(scene.now);
    scene.answer("commit").answer("commit");
    expect(scene.machine.phase).toBe("over");
    expect(world.attached(scene.credential).texts).toEqual(["one", "two"]);
  });

  it("is tried again where the channel ends before anybody was woken to try a store that was full", () => {
    const world = new World();
    const scene = world.opened({ hold: ["commit"] }).send("one").answer("commit", { ok: "full" });
    world.clock.advance(1_500); // The process stood still.
    scene.machine.ended(scene.now);
    scene.settle().answer("commit");
    expect(scene.machine.phase).toBe("over");
    expect(world.attached(scene.credential).texts).toEqual(["one"]);
  });

  it("is told of as left over where somebody else owns the session", () => {
    const world = new World();
    const scene = world.opened({ hold: ["commit"] }).send("one").send("two");
    world.attached(scene.credential);
    scene.answer("commit");
    expect(scene.reports.at(-1)).toEqual({ type: "leftover", messages: ["one", "two"], uncertain: false });
    expect(scene.machine.phase).toBe("over");
  });

  it("is told of only once it is known what became of it", () => {
    const world = new World();
    const scene = world.opened({ hold: ["commit"] }).send("one").send("two");
    scene.machine.expelled(2, scene.now);
    expect(scene.last).toEqual({ type: "moved", epoch: 2 });
    expect(scene.reports.filter(({ type }) => type === "leftover")).toEqual([]);
    scene.answer("commit"); // It was taken: the store heard of it before the other one came.
    expect(scene.reports.at(-1)).toEqual({ type: "leftover", messages: ["two"], uncertain: false });
    expect(scene.machine.phase).toBe("over");
  });

  it("is told of as uncertain where the store does not answer", () => {
    const scene = new World().opened({ hold: ["commit"] }).send("one").send("two").fail("commit");
    expect(scene.reports.slice(-2)).toEqual([{ type: "leftover", messages: ["one"], uncertain: true }, { type: "leftover", messages: ["two"], uncertain: false }]);
    expect(scene.end).toMatchObject({ code: "HF_SESSION_STORE" });
    expect(scene.machine.phase).toBe("over");
  });
});

describe("an acknowledgement of the client", () => {
  it.each([["above what was sent", ack(3)], ["that goes back", ack(1)], ["above what was sent, along with a message", data("x", 3)]])("%s ends the channel", (_, frame) => {
    const scene = new World().opened().send("a").send("b").say(ack(2)).say(frame);
    expect(scene.last).toMatchObject({ type: "close", code: codes.protocol });
    expect(scene.handedOver).toEqual([]);
  });

  it("above what was sent on this channel ends it, though the store has more", () => {
    const world = new World();
    const scene = world.opened({}, { windowMessages: 1 }).send("a").send("b").say(ack(2));
    expect(scene.last).toMatchObject({ type: "close", code: codes.protocol });
  });
});

describe("a message without a number", () => {
  it("goes both ways, and nothing is committed", () => {
    const scene = new World().opened().say(encode({ type: "volatile", text: true, payload: bytesOf("in") }));
    expect(scene.volatiles).toEqual(["in"]);
    expect(scene.machine.sendVolatile("out", scene.now)).toBe(true);
    expect(scene.last).toMatchObject({ type: "volatile", payload: bytesOf("out") });
    expect(scene.commits).toEqual([]);
  });

  it("is dropped while the channel asks to wait, and where the client does not read so long a frame", () => {
    const scene = new World().opened({}, { frameMax: 256 });
    expect(scene.machine.sendVolatile("x".repeat(256), scene.now)).toBe(false);
    scene.congested = true;
    expect(scene.machine.sendVolatile("last", scene.now)).toBe(true);
    expect(scene.machine.sendVolatile("too many", scene.now)).toBe(false);
  });

  it("does not come inside of another message", () => {
    const scene = new World().opened().say(...fragments("x".repeat(300), 256).slice(0, 1), encode({ type: "volatile", text: false, payload: new Uint8Array(1) }));
    expect(scene.last).toMatchObject({ type: "close", code: codes.protocol });
  });
});

describe("a copy of the state", () => {
  it("is another machine that goes on in the same way", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("a"), ...fragments("x".repeat(300), 256).slice(0, 1));
    const copy = structuredClone(scene.machine.state);
    const other = world.channel();
    Object.assign(other.machine.state, copy);
    other.say(...fragments("x".repeat(300), 256).slice(1));
    other.handled(1);
    expect(other.handedOver).toEqual([["x".repeat(300), 2]]);
    expect(attachFrame(scene.credential).length).toBeGreaterThan(0);
  });
});
