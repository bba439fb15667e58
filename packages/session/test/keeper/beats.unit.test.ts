import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { encode } from "../../src/frames/encode.ts";
import { World } from "./scene.ts";
import { ack, attachFrame, data, goodbye, openFrame, ping, pong } from "./scripted-client.ts";

describe("PING", () => {
  it("is answered with what was committed and what was sent", () => {
    const scene = new World().opened().send("a").say(data("one"), data("two")).say(ping(7, { acked: 1, sent: 2 }));
    expect(scene.last).toEqual({ type: "pong", nonce: 7, acked: 2, sent: 1 });
  });

  it("is answered only after the store has renewed the deadline, once that is a sixth of the timeout ago", () => {
    const scene = new World().opened({ hold: ["touch"] }).later(4_999).say(ping(1));
    expect(scene.last).toMatchObject({ type: "pong", nonce: 1 });
    scene.later(1).say(ping(2));
    expect(scene.orders).toMatchObject([{ type: "touch", epoch: 1 }]);
    expect(scene.last).toMatchObject({ nonce: 1 });
    expect(scene.answer("touch").last).toMatchObject({ type: "pong", nonce: 2 });
  });

  it("has the deadline renewed anew a sixth of the timeout after the last time that it was asked for, not answered", () => {
    const scene = new World().opened({ hold: ["touch"] }).later(6_000).say(ping(1)).later(3_000).answer("touch").later(1_999).say(ping(2));
    expect(scene.last).toMatchObject({ type: "pong", nonce: 2 });
    scene.later(1).say(ping(3));
    expect(scene.orders).toHaveLength(1);
  });

  it("is answered without a touch after a commit", () => {
    const scene = new World().opened().later(6_000).say(data("x")).say(ping(1, { sent: 1 }));
    expect(scene.asked.some(({ type }) => type === "touch")).toBe(false);
    expect(scene.last?.type).toBe("pong");
  });

  it("has one answer for all that wait for the store: to the last of them", () => {
    const scene = new World().opened({ hold: ["touch"] }).later(6_000).say(ping(1), ping(2), ping(3));
    expect(scene.orders).toHaveLength(1);
    scene.answer("touch");
    expect(scene.frames.slice(1)).toEqual([{ type: "pong", nonce: 3, acked: 0, sent: 0 }]);
  });

  it("is answered with MOVED where somebody else owns the session", () => {
    const world = new World();
    const scene = world.opened();
    world.attached(scene.credential);
    scene.later(6_000).say(ping(1));
    expect(scene.last).toEqual({ type: "moved", epoch: 2 });
    expect(scene.end).toBe("done");
    expect(scene.reports.at(-1)).toEqual({ type: "moved", epoch: 2 });
    expect(scene.machine.phase).toBe("over");
  });

  it("is a checkpoint: another count than ours ends the channel", () => {
    const scene = new World().opened().say(data("one")).say(ping(1, { sent: 2 }));
    expect(scene.frames.at(-2)).toEqual({ type: "ack", acked: 1 });
    expect(scene.last).toMatchObject({ type: "close", code: codes.sequenceMismatch, received: 1 });
    expect(scene.end).toBe("done");
  });

  it("counts on from what was committed before, on a later channel", () => {
    const world = new World();
    const { credential } = world.opened().say(data("one"), data("two"));
    expect(world.attached(credential, { sent: 2 }).say(ping(1, { sent: 2 })).last).toMatchObject({ type: "pong" });
  });

  it("comes at most twice a second, five at once", () => {
    const scene = new World().opened();
    for (let nonce = 1; nonce <= 5; nonce += 1) scene.say(ping(nonce));
    expect(scene.last?.type).toBe("pong");
    for (let nonce = 6; nonce <= 9; nonce += 1) scene.later(500).say(ping(nonce));
    expect(scene.last?.type).toBe("pong");
    expect(scene.say(ping(10)).last).toMatchObject({ type: "close", code: codes.rate });
  });

  it("comes at most twice in a heartbeat, where a short timeout makes that more", () => {
    const scene = new World({ policy: { timeoutMin: 1_200 } }).opened({}, { timeout: 1_200 });
    expect(scene.last).toMatchObject({ type: "opened", heartbeat: 200 });
    for (let nonce = 1; nonce <= 5; nonce += 1) scene.say(ping(nonce));
    for (let nonce = 6; nonce <= 40; nonce += 1) scene.later(100).say(ping(nonce));
    expect(scene.last).toMatchObject({ type: "pong", nonce: 40 });
    expect(scene.say(ping(41)).last).toMatchObject({ type: "close", code: codes.rate });
  });
});

describe("PONG", () => {
  it("is told with its nonce, checked, and renews the deadline", () => {
    const scene = new World().opened().later(6_000);
    scene.machine.ping(42, scene.now);
    expect(scene.last).toEqual({ type: "ping", nonce: 42, acked: 0, sent: 0 });
    scene.say(pong(42));
    expect(scene.pongs).toEqual([42]);
    expect(scene.asked.at(-1)?.type).toBe("touch");
    scene.machine.ping(43, scene.now);
    expect(scene.say(pong(43, { sent: 1 })).last).toMatchObject({ type: "close", code: codes.sequenceMismatch });
  });

  it("that nobody asked for counts as a ping", () => {
    const scene = new World().opened();
    for (let nonce = 1; nonce <= 6; nonce += 1) scene.say(pong(nonce));
    expect(scene.last).toMatchObject({ type: "close", code: codes.rate });
  });
});

describe("an ACK", () => {
  it("of nothing new counts as a ping", () => {
    const scene = new World().opened().send("a").say(ack(1));
    for (let at = 0; at < 6; at += 1) scene.say(ack(1));
    expect(scene.last).toMatchObject({ type: "close", code: codes.rate });
  });

  it("of something new does not", () => {
    const scene = new World().opened();
    for (let at = 1; at <= 100; at += 1) scene.send("x").say(ack(at));
    expect(scene.end).toBeUndefined();
  });
});

describe("the end", () => {
  it("of a session by the client comes after what it said before", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("one"), goodbye());
    expect(scene.end).toBeUndefined();
    scene.handled(1);
    expect(scene.frames.slice(1)).toEqual([{ type: "ack", acked: 1 }, { type: "close", code: codes.normal, received: 1, reason: "" }]);
    expect(scene.reports.at(-1)).toEqual({ type: "ended", why: "closed" });
    expect(world.store.find("01".repeat(16))).toMatchObject({ ok: "tombstone", why: "closed", received: 1 });
  });

  it("of a session by the client comes although it hangs up at once", () => {
    const world = new World();
    const scene = world.opened({ handle: false }).say(data("one"), data("two"), goodbye());
    scene.machine.ended(scene.now);
    scene.handled(1).handled(2);
    expect(world.store.find("01".repeat(16))).toMatchObject({ ok: "tombstone", received: 2 });
    expect(scene.machine.phase).toBe("over");
  });

  it("of a session by us comes after what was said to the client", () => {
    const scene = new World().opened({}, { windowMessages: 1 });
    scene.machine.send("a", scene.now);
    scene.machine.send("b", scene.now);
    scene.machine.closeSession(scene.now);
    scene.settle();
    expect(scene.texts).toEqual(["a"]);
    expect(scene.end).toBeUndefined();
    scene.say(ack(1));
    expect(scene.texts).toEqual(["a", "b"]);
    expect(scene.last).toMatchObject({ type: "close", code: codes.normal });
  });

  it("of a session by us waits for a channel that asks to wait, and comes once, whatever the client says meanwhile", () => {
    const scene = new World().opened({ hold: ["close"] });
    scene.congested = true;
    scene.send("a").send("b");
    scene.machine.closeSession(scene.now);
    expect(scene.orders).toEqual([]);
    scene.congested = false;
    scene.machine.drained(scene.now);
    expect(scene.texts).toEqual(["a", "b"]);
    expect(scene.orders).toHaveLength(1);
    scene.say(data("ignored"), goodbye());
    expect(scene.orders).toHaveLength(1);
    expect(scene.handedOver).toEqual([]);
    expect(scene.answer("close").last).toMatchObject({ type: "close", code: codes.normal });
  });

  it("of a channel by the client leaves the session as it is", () => {
    const world = new World();
    const scene = world.opened().say(encode({ type: "close", code: codes.sequenceMismatch, received: 0, reason: "" }));
    expect(scene.end).toBe("done");
    expect(scene.machine.phase).toBe("over");
    expect(world.attached(scene.credential).last?.type).toBe("attached");
  });

  it.each([codes.protocol, codes.flow])("of a channel by a client that says we broke the rules (%i) is told with its reason", (code) => {
    const scene = new World().opened().say(encode({ type: "close", code, received: 0, reason: "more than the window that was granted" }));
    expect(scene.reports.at(-1)).toMatchObject({ type: "failed", error: { code: "HF_SESSION_PROTOCOL", message: `the client of a session says that we broke the rules (${code}): more than the window that was granted` } });
    expect(scene.end).toBe("done");
  });

  it("of a channel by us says that the server is going away", () => {
    const scene = new World().opened().say(data("one"));
    scene.machine.close(scene.now);
    expect(scene.frames.slice(1)).toEqual([{ type: "ack", acked: 1 }, { type: "close", code: codes.goingAway, received: 1, reason: "" }]);
    expect(scene.machine.phase).toBe("over");
  });

  it("is announced by GOAWAY", () => {
    const scene = new World().opened();
    scene.machine.dismiss({ within: 5_000, spread: 1_000 }, scene.now);
    expect(scene.last).toEqual({ type: "goAway", within: 5_000, spread: 1_000 });
  });

  it.each([["expired", codes.expired], ["unknown", codes.unknownSession], ["closed", codes.normal]] as const)("of a session that the store says is %s is told with %d", (why, code) => {
    const scene = new World().opened({ hold: ["touch"] });
    scene.machine.doubted(scene.now);
    scene.answer("touch", { ok: "ended", why, received: 3 });
    expect(scene.last).toEqual({ type: "close", code, received: 3, reason: "" });
    expect(scene.reports.at(-1)).toEqual({ type: "ended", why });
  });

  it.each(["touch", "read", "commit"] as const)("of a channel comes where the store does not answer to %s", (type) => {
    const world = new World();
    const scene = world.opened({ hold: [type] });
    void world.store.append("01".repeat(16), ["x"]);
    if (type === "touch") scene.machine.doubted(scene.now);
    if (type === "read") scene.machine.appended(1, scene.now);
    if (type === "commit") scene.say(data("one"));
    scene.fail(type);
    expect(scene.end).toMatchObject({ code: "HF_SESSION_STORE", cause: new Error("the store is away") });
    expect(scene.machine.phase).toBe("over");
  });

  it.each([data("x"), ping(1), openFrame(), new Uint8Array([0xff])])("is not followed by anything: %#", (frame) => {
    const scene = new World().opened();
    scene.machine.close(scene.now);
    const { length } = scene.raw;
    scene.say(frame);
    scene.machine.ended(scene.now);
    scene.machine.expelled(9, scene.now);
    scene.machine.closeSession(scene.now);
    expect(scene.machine.send("x", scene.now)).toBe("over");
    expect(scene.raw).toHaveLength(length);
    expect(scene.machine.wakeAt()).toBe(Infinity);
  });
});

describe("another owner", () => {
  it("that the store tells of ends the channel with MOVED at once", () => {
    const scene = new World().opened();
    scene.machine.expelled(1, scene.now);
    expect(scene.end).toBeUndefined();
    scene.machine.expelled(2, scene.now);
    expect(scene.last).toEqual({ type: "moved", epoch: 2 });
    expect(scene.machine.phase).toBe("over");
  });

  it("that a commit meets ends the channel with MOVED; nothing was committed", () => {
    const world = new World();
    const scene = world.opened();
    const second = world.attached(scene.credential);
    scene.say(data("late"));
    expect(scene.last).toEqual({ type: "moved", epoch: 2 });
    expect(world.attached(scene.credential, { attach: 2 }).last).toMatchObject({ received: 0 });
    expect(second.end).toBeUndefined();
  });

  it("is suspected where messages are missing in the store: it is asked, and decides", () => {
    const world = new World();
    const scene = world.opened({ hold: ["read", "touch"] });
    void world.store.append("01".repeat(16), ["a", "b"]);
    scene.machine.appended(2, scene.now);
    scene.answer("read", [{ sequence: 2, message: "b" }]);
    expect(scene.orders).toMatchObject([{ type: "touch" }]);
    scene.answer("touch", { ok: "fenced", epoch: 5 });
    expect(scene.last).toEqual({ type: "moved", epoch: 5 });
    const broken = world.attached(scene.credential, {}, { hold: ["read", "touch"] });
    broken.answer("read", []).answer("touch");
    expect(broken.end).toMatchObject({ code: "HF_SESSION_STORE" });
  });
});

describe("frames that a client does not send", () => {
  it.each([
    ["OPEN", openFrame()], ["ATTACH", attachFrame({ id: new Uint8Array(16), secret: new Uint8Array(32), generation: new Uint8Array(8) })],
    ["MOVED", encode({ type: "moved", epoch: 1 })], ["GOAWAY", encode({ type: "goAway", within: 1, spread: 1 })],
    ["REFUSED", encode({ type: "refused", code: 1, retryAfter: 0, received: 0, attach: 0, reason: "" })], ["noise", new Uint8Array([0x00, 1, 2])], ["a text that is none", new Uint8Array([0x46, 0xff])],
  ])("end the channel: %s", (_, frame) => {
    const scene = new World().opened().say(frame);
    expect(scene.last).toMatchObject({ type: "close", code: codes.protocol });
    expect(scene.reports.at(-1)).toMatchObject({ type: "failed", error: { code: "HF_SESSION_PROTOCOL" } });
  });

  it("are not extensions", () => {
    expect(new World().opened().say(encode({ type: "extension" })).end).toBeUndefined();
  });
});
