import { describe, expect, it } from "vitest";
import { connect } from "node:net";
import { LinkError, OptionError } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { lengthPrefix, lines, raw, tcp, varint } from "../src/index.ts";
import { Ear } from "./ear.ts";
import { bare, dial, listen, pair } from "./pair.ts";

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe("a TCP channel", () => {
  it("carries frames both ways, whole and in order", async () => {
    await using both = await pair();
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.receive(far);
    for (let index = 0; index < 1000; index++) {
      both.near.send(`question ${index}`);
      both.far.send(new TextEncoder().encode(`answer ${index}`));
    }
    await Promise.all([near.until((heard) => heard.length === 1000), far.until((heard) => heard.length === 1000)]);
    expect(far.frames).toEqual(Array.from({ length: 1000 }, (_, index) => `question ${index}`));
    expect(near.frames).toEqual(Array.from({ length: 1000 }, (_, index) => `answer ${index}`));
  });

  it("gives frames as plain Uint8Arrays, as in a browser", async () => {
    await using both = await pair();
    const far = new Ear();
    both.far.receive(far);
    both.near.send("a");
    await far.until((heard) => heard.length === 1);
    expect(far.bytes[0]?.constructor).toBe(Uint8Array);
  });

  it("carries frames of all sizes up to maxFrameBytes", async () => {
    const maxFrameBytes = 300_000;
    await using both = await pair(tcp({ framing: varint(), maxFrameBytes }));
    const far = new Ear();
    both.far.receive(far);
    const sizes = [0, 1, 8191, 8192, 8193, 16_383, 16_384, 3, 65_536, maxFrameBytes, 0];
    sizes.forEach((size, index) => { both.near.send(new Uint8Array(size).fill(97 + index)); });
    await far.until((heard) => heard.length === sizes.length);
    expect(far.bytes.map((frame) => frame.length)).toEqual(sizes);
    expect(far.bytes.every((frame, index) => frame.every((byte) => byte === 97 + index))).toBe(true);
  });

  it("is not confused by a caller that reuses its buffer at once", async () => {
    await using both = await pair(tcp({ framing: raw() }));
    const received = new Ear();
    both.far.receive(received);
    const small = new Uint8Array(10).fill(97);
    const large = new Uint8Array(20_000).fill(97);
    both.near.send(small);
    both.near.send(large);
    small.fill(98);
    large.fill(98);
    await received.until(() => received.frames.join("").length === 20_010);
    expect(received.frames.join("")).toBe("a".repeat(20_010));
  });

  it("joins the frames of one turn into one write", async () => {
    await using server = await bare();
    const channel = await dial(tcp(), server.uri);
    const socket = await server.socket;
    const chunks: string[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk.toString());
        if (chunks.join("").endsWith("last\n")) resolve();
      });
    });
    for (let index = 0; index < 100; index++) channel.send(String(index));
    channel.send("last");
    await done;
    expect(chunks.length).toBe(1);
    channel.abort(new Error("the test is over"));
  });

  it("loses nothing that arrives before receive", async () => {
    await using both = await pair();
    both.near.send("early");
    both.near.send("bird");
    both.near.close();
    await turn();
    const far = new Ear();
    both.far.receive(far);
    expect(far.heard).toEqual([]); // Not from inside the call.
    await far.end();
    expect(far.heard).toEqual(["frame early", "frame bird", "closed"]);
  });

  it("does not lose what arrived before a reset, although nobody received yet", async () => {
    await using server = await bare();
    const channel = await dial(tcp(), server.uri);
    const socket = await server.socket;
    await new Promise((resolve) => { socket.write("early\n", resolve); });
    socket.resetAndDestroy();
    for (let turns = 0; turns < 10; turns++) await turn();
    const ear = new Ear();
    channel.receive(ear);
    await ear.end();
    expect(ear.heard).toEqual(["frame early", "closed HF_RESET"]);
  });

  it("may be received only once", async () => {
    await using both = await pair();
    both.near.receive(new Ear());
    expect(() => { both.near.receive(new Ear()); }).toThrow(OptionError);
  });

  it("delivers no frame while it is paused, and all of them afterwards", async () => {
    await using both = await pair();
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.pause?.();
    both.far.receive(far);
    for (let index = 0; index < 10; index++) both.near.send(String(index));
    both.far.send("a round trip later");
    await near.until((heard) => heard.length === 1);
    await turn();
    expect(far.heard).toEqual([]);
    both.far.resume?.();
    await far.until((heard) => heard.length === 10);
    both.far.pause?.();
    both.near.send("more");
    both.far.send("another round trip later");
    await near.until((heard) => heard.length === 2);
    await turn();
    expect(far.heard.length).toBe(10);
  });

  it("holds a bounded amount while it is paused: the sender is told to stop", async () => {
    await using both = await pair(tcp({ framing: varint() }));
    both.near.receive(new Ear());
    both.far.receive(new Ear());
    both.far.pause?.();
    const frame = new Uint8Array(50_000);
    let sent = 0;
    for (let idle = 0; idle < 20;) { // Some turns long nothing more was taken: the system's buffers are full as well.
      if (both.near.send(frame)) { sent++; idle = 0; } else { idle++; await turn(); }
      if (sent * frame.length > 200_000_000) throw new Error("nobody stops the sender");
    }
    expect(both.near.send("x")).toBe(false);
  });

  it("returns false above the high-water mark, and says drained once there is room", async () => {
    await using both = await pair(tcp({ framing: varint() }));
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    const frame = new Uint8Array(50_000).fill(97);
    let sent = 1;
    for (let going = true; going; sent++) {
      going = both.near.send(frame);
      await turn();
    }
    expect(near.heard).toEqual([]);
    both.far.receive(far);
    await near.until((heard) => heard.length === 1);
    expect(near.heard).toEqual(["drained"]);
    await far.until(() => far.bytes.reduce((sum, { length }) => sum + length, 0) === (sent - 1) * frame.length);
    expect(both.near.send("x")).toBe(true);
  });

  it("does not say drained before there is room", async () => {
    await using both = await pair(tcp({ framing: varint() }));
    const near = new Ear();
    both.near.receive(near);
    let bounded = 0;
    while (both.near.send(new Uint8Array(500)) && bounded < 2e8) bounded += 500;
    expect(bounded).toBeLessThan(2e8);
    await turn();
    expect(near.heard).toEqual([]);
  });

  it.each([50, 50_000])("says drained to a handler that comes after the room, with frames of %i bytes", async (size) => {
    await using both = await pair(tcp({ framing: varint() }));
    both.far.receive(new Ear());
    let bounded = 0;
    while (both.near.send(new Uint8Array(size)) && bounded < 2e8) bounded += size;
    expect(bounded).toBeLessThan(2e8);
    const near = new Ear();
    // The other side reads all of it meanwhile, and there is nobody to tell.
    for (let turns = 0; turns < 1000; turns++) await turn();
    both.near.receive(near);
    await near.until((heard) => heard.length === 1);
    expect(near.heard).toEqual(["drained"]);
  });

  it("flushes at close, hangs up, and ends orderly on both sides", async () => {
    await using both = await pair();
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.receive(far);
    both.near.send("last words");
    both.near.close();
    expect(both.near.send("too late")).toBe(false);
    await Promise.all([near.end(), far.end()]);
    expect(far.heard).toEqual(["frame last words", "closed"]);
    expect(near.heard).toEqual(["closed"]);
  });

  it("still delivers at close what the peer sent before it knew", async () => {
    await using both = await pair();
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.receive(far);
    both.far.send("on its way");
    both.near.close();
    await Promise.all([near.end(), far.end()]);
    expect(near.heard).toEqual(["frame on its way", "closed"]);
  });

  it("ends orderly when it is closed before it was received, and while it is paused", async () => {
    await using both = await pair();
    const near = new Ear();
    const far = new Ear();
    both.far.receive(far);
    both.near.receive(near);
    both.far.send("unwanted");
    both.near.pause?.();
    both.near.close();
    await Promise.all([near.end(), far.end()]);
    expect(near.heard).toEqual(["closed"]);

    await using others = await pair();
    others.far.receive(new Ear());
    others.far.send("unwanted");
    others.near.close();
    await turn();
    const late = new Ear();
    others.near.receive(late);
    await late.end();
    expect(late.heard).toEqual(["closed"]);
  });

  it("writes what is left to a peer that hung up first, and reports the end at once", async () => {
    await using server = await bare();
    const channel = await dial(tcp(), server.uri);
    const ear = new Ear();
    channel.receive(ear);
    const socket = await server.socket;
    socket.end("bye\n");
    const rest: string[] = [];
    const over = new Promise<void>((resolve) => { socket.on("data", (chunk: Buffer) => { rest.push(chunk.toString()); }).on("end", resolve); });
    channel.send("unanswered");
    await ear.end();
    expect(ear.heard).toEqual(["frame bye", "closed"]);
    expect(channel.send("too late")).toBe(false);
    await over;
    expect(rest.join("")).toBe("unanswered\n");
  });

  it("reports the end at once also when a peer that hung up does not read, and cuts it after closeTimeout", async () => {
    const clock = new SimClock();
    await using server = await bare();
    const channel = await dial(tcp({ clock, framing: varint() }), server.uri);
    const ear = new Ear();
    channel.receive(ear);
    const socket = await server.socket;
    for (let idle = 0; idle < 20;) {
      if (channel.send(new Uint8Array(100_000))) idle = 0;
      else { idle++; await turn(); }
    }
    socket.pause().end();
    await ear.end();
    expect(ear.heard.at(-1)).toBe("closed");
    const cut = new Promise<string | undefined>((resolve) => { socket.on("error", (error: Error & { code?: string }) => { resolve(error.code); }); });
    clock.advance(5_000);
    socket.resume();
    expect(await cut).toBe("ECONNRESET");
  });

  it("calls half a frame at the end an error, and drops it", async () => {
    await using server = await bare();
    const channel = await dial(tcp({ framing: lengthPrefix() }), server.uri);
    const ear = new Ear();
    channel.receive(ear);
    (await server.socket).end(Buffer.from([0, 0, 0, 2, 97, 98, 0, 0, 0, 9, 99]));
    await ear.end();
    expect(ear.heard).toEqual(["frame ab", "closed HF_CLOSED_BY_PEER"]);
    expect(ear.error?.message).toContain("5 bytes had arrived");
  });

  it("ends at a reset in the middle of a frame, and the next channel starts clean", async () => {
    await using server = await bare();
    const transport = tcp({ framing: lengthPrefix() });
    const channel = await dial(transport, server.uri);
    const ear = new Ear();
    channel.receive(ear);
    const socket = await server.socket;
    socket.write(Buffer.from([0, 0, 0, 9, 99]), () => { socket.resetAndDestroy(); });
    await ear.end();
    expect(ear.heard).toEqual(["closed HF_RESET"]);
    expect(ear.error).toBeInstanceOf(LinkError);

    await using both = await pair(transport);
    const far = new Ear();
    both.far.receive(far);
    both.near.send("clean");
    await far.until((heard) => heard.length === 1);
    expect(far.heard).toEqual(["frame clean"]);
  });

  it("ends at a length of four gigabytes, without setting memory aside", async () => {
    await using server = await bare();
    const channel = await dial(tcp({ framing: lengthPrefix() }), server.uri);
    const ear = new Ear();
    channel.receive(ear);
    const socket = await server.socket;
    const reset = new Promise<string | undefined>((resolve) => { socket.on("error", (error: Error & { code?: string }) => { resolve(error.code); }).resume(); });
    const before = process.memoryUsage().arrayBuffers;
    socket.write(Buffer.from([0, 0, 0, 1, 97, 0xff, 0xff, 0xff, 0xff]));
    await ear.end();
    expect(ear.heard).toEqual(["frame a", "closed HF_FRAME_TOO_LONG"]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(await reset).toBe("ECONNRESET");
  });

  it("throws for a frame that cannot be sent, and goes on without it", async () => {
    await using both = await pair(tcp({ maxFrameBytes: 100 }));
    const far = new Ear();
    both.far.receive(far);
    both.near.send("before");
    expect(() => both.near.send("two\nlines")).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
    expect(() => both.near.send("x".repeat(101))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
    both.near.send("after");
    await far.until((heard) => heard.length === 2);
    expect(far.frames).toEqual(["before", "after"]);
  });

  it("aborts with the given error, says nothing after it, and resets the peer", async () => {
    await using both = await pair();
    const far = new Ear();
    both.far.receive(far);
    const near = new Ear((frame) => { if (frame === "2") both.near.abort(new Error("enough")); });
    both.near.receive(near);
    for (const frame of ["1", "2", "3"]) both.far.send(frame);
    await Promise.all([near.end(), far.end()]);
    expect(near.heard).toEqual(["frame 1", "frame 2", "closed enough"]);
    expect(far.heard).toEqual(["closed HF_RESET"]);
    expect(both.near.send("too late")).toBe(false);
    both.near.close();
    both.near.abort(new Error("again"));
    await turn();
    expect(near.heard.length).toBe(3);
  });

  it("drops at abort what was not flushed", async () => {
    await using both = await pair();
    const far = new Ear();
    both.far.receive(far);
    both.near.send("unsaid");
    both.near.abort(new Error("enough"));
    await far.end();
    expect(far.heard).toEqual(["closed HF_RESET"]);
  });

  it("calls closed once, also when it is aborted after close and before receive", async () => {
    await using both = await pair();
    both.near.close();
    both.near.abort(new Error("enough"));
    await turn();
    const near = new Ear();
    both.near.receive(near);
    await near.end();
    await turn();
    expect(near.heard).toEqual(["closed enough"]);
  });

  it("cuts a peer that never hangs up after closeTimeout, and ends orderly if everything was written", async () => {
    const clock = new SimClock();
    await using server = await bare();
    const channel = await dial(tcp({ clock, closeTimeout: 3000 }), server.uri);
    const socket = await server.socket;
    const ear = new Ear();
    channel.receive(ear);
    channel.send("last words");
    channel.close();
    await new Promise((resolve) => { socket.on("end", resolve).resume(); });
    await turn();
    clock.advance(2999);
    await turn();
    expect(ear.heard).toEqual([]);
    clock.advance(1);
    await ear.end();
    expect(ear.heard).toEqual(["closed"]);
  });

  it("cuts a peer that never reads after closeTimeout, and says what was lost", async () => {
    const clock = new SimClock();
    await using server = await bare();
    const channel = await dial(tcp({ clock, framing: varint() }), server.uri);
    (await server.socket).pause();
    const ear = new Ear();
    channel.receive(ear);
    for (let idle = 0; idle < 20;) {
      if (channel.send(new Uint8Array(100_000))) idle = 0;
      else { idle++; await turn(); }
    }
    channel.close();
    await turn();
    clock.advance(5000);
    await ear.end();
    expect(ear.heard.at(-1)).toBe("closed HF_RESET");
    expect(ear.error?.message).toMatch(/did not read \d+ bytes within 5000 ms after close\(\)/);
  });

  it.each([new Error("cannot read this"), new LinkError("HF_CLOSED", "cannot read this")])("ends when its handler throws (%s), since the rest of the chunk is lost", async (fault) => {
    await using both = await pair();
    const far = new Ear();
    both.far.receive(far);
    const near = new Ear(() => { throw fault; });
    const thrown = new Promise<Error>((resolve) => { process.once("uncaughtException", resolve); });
    const listeners = process.listeners("uncaughtException").slice(0, -1); // vitest's own would fail the test.
    for (const listener of listeners) process.off("uncaughtException", listener);
    both.near.receive(near);
    both.far.send("this");
    both.far.send("that");
    const error = await thrown;
    for (const listener of listeners) process.on("uncaughtException", listener);
    await far.end();
    expect(error).toBe(fault);
    expect(near.heard).toEqual(["frame this", "closed HF_ABORTED"]);
    expect(near.error?.cause).toBe(error);
  });

  it("uses the framing of the dial and of the listener before that of the transport", async () => {
    const transport = tcp({ framing: lines() });
    const far = new Ear();
    const server = await transport.listen?.((await listen(transport, "tcp://127.0.0.1:0", () => {}).then(async (listener) => { await listener.close(); return listener.endpoint; })), {
      framing: lengthPrefix({ bytes: 1 }), accept: (channel) => { channel.receive(far); },
    });
    const socket = connect(server?.endpoint.port ?? 0, "127.0.0.1", () => { socket.end(Buffer.from([3, 97, 10, 98])); });
    await far.end();
    expect(far.heard).toEqual(["frame a\nb", "closed"]);
    await server?.close();
  });
});
