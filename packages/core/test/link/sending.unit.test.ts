import { describe, expect, it } from "vitest";
import { BackpressureError } from "../../src/errors/backpressure-error.ts";
import { json } from "../../src/protocol/json.ts";
import { connected, rig } from "./rig.ts";

describe("sending", () => {
  it("goes straight to the channel while it takes messages", async () => {
    const { link, channel } = await connected();
    expect([link.send("1"), link.send("2")]).toEqual([true, true]);
    expect(channel.sent).toEqual(["1", "2"]);
  });

  it("waits in the outbox while nobody is there, and goes out in order", async () => {
    const { link, accept, told } = rig();
    expect([link.send("1"), link.send("2")]).toEqual([false, false]);
    expect(link.snapshot().outbox).toEqual({ messages: 2, bytes: 2 });
    void link.open();
    const channel = await accept();
    link.send("3");
    expect(channel.sent).toEqual(["1", "2", "3"]);
    expect(told).toEqual(["connecting a attempt 1", "connected a", "drained"]);
  });

  it("lets what listeners of `connected` send go out before what waited", async () => {
    const { link, accept } = rig();
    link.send("waited");
    link.on("connected", () => { link.send("login"); });
    void link.open();
    expect((await accept()).sent).toEqual(["login", "waited"]);
  });

  it("waits when the channel asks, and goes on when it drained", async () => {
    const { link, channel, told } = await connected();
    channel.room = 1;
    expect([link.send("1"), link.send("2"), link.send("3")]).toEqual([false, false, false]);
    expect(channel.sent).toEqual(["1"]);
    channel.drain();
    expect(channel.sent).toEqual(["1", "2", "3"]);
    expect(told.at(-1)).toBe("drained");
    expect(link.send("4")).toBe(true);
  });

  it("says drained only when the channel takes more", async () => {
    const { link, channel, told } = await connected();
    channel.room = 1;
    for (const message of ["1", "2", "3"]) link.send(message);
    channel.drain(2); // Takes 2 and 3, and asks to wait again with the last of them.
    expect(channel.sent).toEqual(["1", "2", "3"]);
    expect(told).not.toContain("drained");
    channel.drain();
    expect(told.filter((event) => event === "drained")).toHaveLength(1);
  });

  it("respects a channel that asked to wait while `connected` was being told", async () => {
    const { link, transport, settle, told } = rig();
    link.send("waited");
    link.on("connected", () => { link.send("login"); });
    void link.open();
    const channel = transport.last.accept();
    channel.room = 1;
    await settle();
    expect(channel.sent).toEqual(["login"]);
    channel.drain();
    expect(channel.sent).toEqual(["login", "waited"]);
    expect(told.filter((event) => event === "drained")).toHaveLength(1);
  });

  it("keeps the order over a loss", async () => {
    const { link, channel, accept } = await connected();
    channel.room = 2;
    for (const message of ["1", "2", "3", "4"]) link.send(message);
    channel.end();
    const next = await accept();
    expect([channel.sent, next.sent]).toEqual([["1", "2"], ["3", "4"]]);
  });

  it("throws, and takes nothing, when the outbox is full", () => {
    const { link } = rig({ outbox: { maxMessages: 1 } });
    link.send("1");
    expect(() => link.send("2")).toThrow(BackpressureError);
    expect(() => link.send("2")).toThrow(/the outbox is full \(1 messages, 1 bytes wait for a connection\).*write\(\)/);
    expect(link.snapshot().outbox.messages).toBe(1);
  });

  it.each([
    ["dropOldest", ["dropped message 1 why overflow"], ["2", "3"]],
    ["dropNewest", ["dropped message 3 why overflow"], ["1", "2"]],
  ] as const)("tells what it gave up with overflow %s", async (overflow, dropped, sent) => {
    const { link, told, accept } = rig({ outbox: { maxMessages: 2, overflow } });
    for (const message of ["1", "2", "3"]) link.send(message);
    expect(told).toEqual(dropped);
    void link.open();
    expect((await accept()).sent).toEqual(sent);
  });

  it("tells which messages expired while they waited", async () => {
    const { link, told, clock, accept } = rig({ outbox: { ttl: 1_000 } });
    link.send("1");
    await clock.advanceAsync(600);
    link.send("2");
    await clock.advanceAsync(400);
    expect(told).toEqual(["dropped message 1 why expired"]);
    void link.open();
    expect((await accept()).sent).toEqual(["2"]);
    link.abort();
    expect(clock.pending).toBe(0);
  });

  it("throws at once at what cannot be encoded, and tells where it had waited", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const { link, told, accept } = rig<unknown, unknown>({ protocol: json() });
    expect(() => link.send(circle)).toThrow(TypeError); // It cannot be measured.
    link.send(undefined);
    void link.open();
    const channel = await accept();
    expect(told).toContain("dropped message undefined why unsendable HF_BAD_FRAME");
    expect(() => link.send(undefined)).toThrow("no JSON form");
    link.send(1);
    expect(channel.sent).toEqual(["1"]);
    expect(link.snapshot().unconfirmed).toBe(1);
  });

  it("loses no count where the channel ends inside the send", async () => {
    const { link, channel, told } = await connected();
    channel.onSend = () => { channel.end(); };
    link.send("1");
    expect(told).toContain("disconnected a closed unconfirmed 1");
  });

  it("stops flushing into a channel that ends meanwhile", async () => {
    const { link, transport, settle, told } = rig();
    for (const message of ["1", "2", "3"]) link.send(message);
    void link.open();
    const channel = transport.last.accept();
    channel.onSend = () => { channel.end(); };
    await settle();
    expect(channel.ignored).toEqual([]);
    expect(told).toContain("disconnected a closed unconfirmed 1");
    expect(link.snapshot().outbox.messages).toBe(2);
  });
});

describe("sending at the end", () => {
  it("hands what waits to the channel before its goodbye", async () => {
    const { link, channel, told, settle } = await connected();
    channel.room = 1;
    for (const message of ["1", "2", "3"]) link.send(message);
    const closed = link.close();
    expect(channel.sent).toEqual(["1", "2", "3"]);
    channel.end();
    await closed;
    await settle();
    expect(channel.ignored).toEqual([]);
    expect(told.slice(2)).toEqual(["disconnected a requested unconfirmed 3", "closed requested"]);
  });

  it("takes nothing more, also while the goodbye is under way", async () => {
    const { link, channel } = await connected();
    const closed = link.close();
    expect(() => link.send("late")).toThrow(expect.objectContaining({ code: "HF_CLOSED", next: "stop" }));
    await expect(link.write("late")).rejects.toMatchObject({ code: "HF_CLOSED" });
    channel.end();
    await closed;
    expect(() => link.send("later")).toThrow(expect.objectContaining({ code: "HF_CLOSED" }));
    expect(channel.ignored).toEqual([]);
  });

  it("tells what could not go out before it tells that it is closed", async () => {
    const { link, told } = rig();
    link.send("1");
    link.send("2");
    await link.close();
    expect(told).toEqual(["dropped message 1 why closed", "dropped message 2 why closed", "closed requested"]);
  });

  it("gives up what waits when it is aborted, and tells", async () => {
    const { link, channel, told } = await connected();
    channel.room = 1;
    for (const message of ["1", "2", "3"]) link.send(message);
    link.abort();
    expect(channel.state).toBe("closed");
    expect(channel.ignored).toEqual([]);
    expect(told.slice(2)).toEqual(["disconnected a requested unconfirmed 1", "dropped message 2 why closed", "dropped message 3 why closed", "closed requested"]);
  });

  it("gives up what waits when the attempts are used up, and tells", async () => {
    const { link, transport, told, settle } = rig({ endpoints: "fake://a", maxAttempts: 1 });
    link.send("1");
    void link.open();
    transport.last.refuse();
    await settle();
    expect(told.slice(1)).toEqual(["failed a attempt 1 HF_DIAL_FAILED", "dropped message 1 why closed", "closed exhausted HF_GAVE_UP"]);
  });
});
