import { parseEndpoint, type Channel, type ChannelHandler, type Frame, type Transport } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { memory, memoryNetwork, seededRandom, SimClock, type MemoryNetworkOptions } from "../src/index.ts";

const never = new AbortController().signal;
const server = parseEndpoint("memory://server");

/** Writes down what it hears. */
function listenTo(channel: Channel, log: string[] = []): string[] {
  const handler: ChannelHandler = {
    frame: (frame) => { log.push(show(frame)); },
    drained: () => { log.push("drained"); },
    pong: () => { log.push("pong"); },
    closed: (error) => { log.push(error === undefined ? "closed" : `closed: ${error.message}`); },
  };
  channel.receive(handler);
  return log;
}

const show = (frame: Frame): string => typeof frame === "string" ? frame : `<${[...frame].join(" ")}>`;

/** Two ends on a network with a simulated clock. */
async function pair(options: MemoryNetworkOptions = {}): Promise<{ clock: SimClock; near: Channel; far: Channel; open: () => number }> {
  const clock = new SimClock({ start: 0 });
  const network = memoryNetwork({ clock, ...options });
  const accepted: Channel[] = [];
  await network.transport.listen?.(server, { accept: (channel) => accepted.push(channel) });
  const dialled = network.transport.dial(server, { signal: never });
  await clock.runUntilIdleAsync();
  return { clock, near: await dialled, far: accepted[0] as Channel, open: () => network.open };
}

const listen = async (transport: Transport, accept: (channel: Channel) => void): Promise<void> => {
  await transport.listen?.(server, { accept });
};

describe("a memory network with a simulated clock", () => {
  it("takes one latency each way to dial, and one per frame", async () => {
    const { clock, near, far } = await pair({ latency: 30 });
    expect(clock.now()).toBe(60);
    const log = listenTo(far);
    near.send("hello");
    clock.advance(29);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(["hello"]);
  });

  it("keeps the order of frames however the delays vary", async () => {
    const random = seededRandom(5);
    const { clock, near, far } = await pair({ latency: () => random() * 100 });
    const log = listenTo(far);
    const sent = Array.from({ length: 500 }, (_, number) => String(number));
    for (const frame of sent) {
      near.send(frame);
      clock.advance(random() * 10);
    }
    clock.runUntilIdle();
    expect(log).toEqual(sent);
  });

  it("says stop at the high-water mark and go on at half of it", async () => {
    const { clock, near, far } = await pair({ highWater: 1_000 });
    const log = listenTo(near);
    const frame = new Uint8Array(84); // 100 with what a frame costs.
    expect(Array.from({ length: 10 }, () => near.send(frame))).toEqual([...Array.from({ length: 9 }, () => true), false]);
    clock.runUntilIdle();
    expect(log).toEqual([]);
    listenTo(far);
    clock.runUntilIdle();
    expect(log).toEqual(["drained"]);
    expect(near.send(frame)).toBe(true);
  });

  it("goes on saying stop until it says drained, also to whoever sends meanwhile", async () => {
    const { clock, near, far } = await pair({ highWater: 1_000 });
    const log = listenTo(near);
    const heard: number[] = [];
    far.receive({
      // Three of ten: below the high-water mark again, and not yet at half of it.
      frame: (frame) => { if (heard.push(frame.length) === 3) far.pause?.(); },
      drained: () => undefined, pong: () => undefined, closed: () => undefined,
    });
    for (let sent = 0; sent < 10; sent += 1) near.send(new Uint8Array(84));
    clock.runUntilIdle();
    expect([heard.length, near.send("a small one"), log]).toEqual([3, false, []]);
    far.resume?.();
    clock.runUntilIdle();
    expect([heard.length, log, near.send("the next")]).toEqual([11, ["drained"], true]);
  });

  it("cuts off a sender that never waits", async () => {
    const { clock, near } = await pair({ highWater: 100 });
    const log = listenTo(near);
    for (let sent = 0; sent < 300; sent += 1) near.send(new Uint8Array(84));
    clock.runUntilIdle();
    expect(log).toEqual([expect.stringContaining("closed: memory://server: 25700 bytes wait")]);
  });

  it("tells both ends of a goodbye, once it has arrived", async () => {
    const { clock, near, far, open } = await pair({ latency: 10 });
    const [nearLog, farLog] = [listenTo(near), listenTo(far)];
    near.send("last");
    near.close();
    clock.advance(10);
    expect([nearLog, farLog]).toEqual([[], ["last", "closed"]]);
    expect(open()).toBe(1);
    clock.advance(10);
    expect([nearLog, farLog]).toEqual([["closed"], ["last", "closed"]]);
    expect([open(), clock.pending, clock.arriving]).toEqual([0, 0, 0]);
  });

  it("keeps the end for a reader that has not come yet", async () => {
    const { clock, near, far } = await pair();
    near.send("early");
    near.close();
    clock.runUntilIdle();
    const log = listenTo(far);
    clock.runUntilIdle();
    expect(log).toEqual(["early", "closed"]);
  });

  it("gives the receiver memory of its own", async () => {
    const { clock, near, far } = await pair();
    const log = listenTo(far);
    const bytes = new Uint8Array([1, 2, 3]);
    near.send(bytes);
    bytes.fill(9);
    clock.runUntilIdle();
    expect(log).toEqual(["<1 2 3>"]);
  });

  it("shows servers the name of the member who dialled", async () => {
    const clock = new SimClock();
    const network = memoryNetwork({ clock });
    const names: string[] = [];
    await listen(network.transport, (channel) => { names.push(channel.remote.label); });
    void network.join({ name: "alice" }).dial(server, { signal: never });
    await clock.runUntilIdleAsync();
    expect(names).toEqual(["memory://alice"]);
  });

  it("serves the schemes of your own URIs by host and port", async () => {
    const clock = new SimClock();
    const { transport } = memoryNetwork({ clock, schemes: ["ws"] });
    await transport.listen?.(parseEndpoint("ws://10.0.0.1:8080/feed"), { accept: () => undefined });
    const dials = Promise.allSettled(["ws://10.0.0.1:8080/", "ws://10.0.0.1:8081/"].map((uri) => transport.dial(parseEndpoint(uri), { signal: never })));
    await clock.runUntilIdleAsync();
    expect((await dials).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a memory network in real time", () => {
  it("delivers in microtasks", async () => {
    const transport = memory();
    const log: string[] = [];
    await listen(transport, (channel) => { listenTo(channel, log); });
    const channel = await transport.dial(server, { signal: never });
    channel.send("hello");
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(log).toEqual(["hello"]);
  });

  it("lets timers run although two peers answer each other for ever", async () => {
    const transport = memory();
    const echo = (channel: Channel): void => {
      channel.receive({ frame: (frame) => { channel.send(frame); }, drained: () => undefined, pong: () => undefined, closed: () => undefined });
    };
    await listen(transport, echo);
    const channel = await transport.dial(server, { signal: never });
    echo(channel);
    channel.send("ping-pong");
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    channel.abort(new Error("enough"));
    expect(channel.send("after")).toBe(false);
  });

  it("refuses a latency, for it has no clock to wait with", () => {
    expect(() => memory({ latency: 10 })).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });
});

it("leaves the methods out that the traits deny", async () => {
  const transport = memory({ traits: { pings: false, pauses: false } });
  await listen(transport, () => undefined);
  const channel = await transport.dial(server, { signal: never });
  expect(["ping", "pause", "resume", "send"].map((method) => method in channel)).toEqual([false, false, false, true]);
  expect("listen" in memory({ traits: { listens: false } })).toBe(false);
});
