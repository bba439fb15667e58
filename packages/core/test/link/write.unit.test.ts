import { describe, expect, it } from "vitest";
import { TimeoutError } from "../../src/errors/timeout-error.ts";
import { json } from "../../src/protocol/json.ts";
import { connected, rig } from "./rig.ts";

const one = { maxMessages: 1 };

describe("write", () => {
  it("is done at once where there is room", async () => {
    const { link } = rig({ outbox: one });
    await expect(link.write("1")).resolves.toBeUndefined();
    expect(link.snapshot().outbox.messages).toBe(1);
  });

  it("waits for room, in order, also behind others", async () => {
    const { link, accept } = rig({ outbox: one });
    link.send("1");
    const done: string[] = [];
    const writes = ["2", "3"].map((message) => link.write(message).then(() => done.push(message)));
    void link.open();
    const channel = await accept();
    await Promise.all(writes);
    expect(done).toEqual(["2", "3"]);
    expect(channel.sent).toEqual(["1", "2", "3"]);
  });

  it("waits where an outbox of no messages takes none, until there is a channel", async () => {
    const { link, accept } = rig({ outbox: { maxMessages: 0 } });
    const written = link.write("1");
    void link.open();
    const channel = await accept();
    await written;
    expect(channel.sent).toEqual(["1"]);
  });

  it("comes in when a message that waited has expired", async () => {
    const { link, clock, told } = rig({ outbox: { maxMessages: 1, ttl: 500 } });
    link.send("1");
    const written = link.write("2");
    await clock.advanceAsync(500);
    await written;
    expect(told).toEqual(["dropped message 1 why expired"]);
    expect(link.snapshot().outbox.messages).toBe(1);
    await clock.advanceAsync(500);
    expect(told).toEqual(["dropped message 1 why expired", "dropped message 2 why expired"]);
  });

  it("goes on waiting where what expired made too little room, until more expires", async () => {
    const { link, clock, told } = rig({ outbox: { maxBytes: 10, ttl: 500 } });
    link.send("1");
    await clock.advanceAsync(100);
    link.send("22");
    const written = link.write("333333333");
    await clock.advanceAsync(500);
    await written;
    expect(told).toEqual(["dropped message 1 why expired", "dropped message 22 why expired"]);
    await clock.advanceAsync(500);
    expect(told).toHaveLength(3);
  });

  it("rejects a message that cannot be measured where room comes at last, and goes on", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const { link, clock } = rig<unknown, unknown>({ protocol: json(), outbox: { maxMessages: 1, ttl: 500 } });
    link.send(1);
    const outcomes = Promise.allSettled([link.write(2), link.write(circle), link.write(3)]);
    await clock.advanceAsync(1_000);
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("gives up after its timeout, and the message was not taken", async () => {
    const { link, clock, accept } = rig({ outbox: one });
    link.send("1");
    const written = link.write("2", { timeout: 300 });
    await Promise.all([expect(written).rejects.toThrow(TimeoutError), clock.advanceAsync(300)]);
    void link.open();
    expect((await accept()).sent).toEqual(["1"]);
  });

  it("rejects with the reason of its signal, before and while it waits, and leaves no timer", async () => {
    const { link, clock } = rig({ outbox: one });
    link.send("1");
    const controller = new AbortController();
    const written = link.write("2", { signal: controller.signal, timeout: 60_000 });
    controller.abort("enough");
    await expect(written).rejects.toBe("enough");
    await expect(link.write("3", { signal: controller.signal })).rejects.toBe("enough");
    expect(clock.pending).toBe(0);
  });

  it("rejects what still waits when the link is closed", async () => {
    const { link } = rig({ outbox: one });
    link.send("1");
    const written = link.write("2");
    await Promise.all([expect(written).rejects.toMatchObject({ code: "HF_CLOSED" }), link.close()]);
  });

  it("rejects what cannot be encoded, and lets the next one in", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const { link, accept } = rig<unknown, unknown>({ protocol: json(), outbox: { maxMessages: 1 } });
    link.send(1);
    const writes = [link.write(2), link.write(circle), link.write(3)];
    const outcomes = Promise.allSettled(writes);
    void link.open();
    const channel = await accept();
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(channel.sent).toEqual(["1", "2", "3"]);
    expect(link.phase).toBe("connected");
    link.suspect("the link still obeys");
    expect(link.phase).toBe("connecting");
  });

  it("goes straight to a channel that takes messages", async () => {
    const { link, channel } = await connected();
    await link.write("1");
    expect(channel.sent).toEqual(["1"]);
  });

  it("waits while a channel asks to wait and the outbox is full", async () => {
    const { link, channel } = await connected({ outbox: one });
    channel.room = 1;
    link.send("1");
    link.send("2");
    const written = link.write("3");
    channel.drain();
    await written;
    expect(channel.sent).toEqual(["1", "2", "3"]);
  });
});
