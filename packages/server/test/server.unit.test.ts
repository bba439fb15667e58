import { parseEndpoint, text, type Frame } from "@holdfast/core";
import { memoryNetwork, SimClock } from "@holdfast/testkit";
import { describe, expect, it, vi } from "vitest";
import { Server } from "../src/index.ts";
import { framedScene, hello, keepDiary, scene, where } from "./scene.ts";

describe("a server", () => {
  it("announces a peer that has greeted, then its messages, and answers on the same channel", async () => {
    const { server, link, pass } = await framedScene();
    const seen: string[] = [];
    server.on("peer", ({ peer }) => {
      seen.push(`peer ${peer.id} from ${peer.remote.label}`);
      peer.on("message", (message) => {
        seen.push(String(message));
        peer.send(`you said ${String(message)}`);
      });
      peer.send("welcome");
    });
    const alice = link("alice");
    const heard: Frame[] = [];
    alice.on("message", (message) => { heard.push(message); });
    alice.send("hi");
    await pass(100);
    expect(seen).toEqual(["peer 1 from memory://alice", "hi"]);
    expect(heard).toEqual(["welcome", "you said hi"]);
    expect(server.peers.get(1)?.id).toBe(1);
  });

  it("hands messages to a loop, which ends when the peer is gone, for whatever reason", async () => {
    const { server, link, pass } = await framedScene();
    const read: Frame[] = [];
    const loops: Promise<void>[] = [];
    server.on("peer", ({ peer }) => {
      loops.push((async () => { for await (const message of peer) read.push(message); })());
    });
    const alice = link("alice");
    alice.send("one");
    alice.send("two");
    await pass(100);
    alice.abort();
    await pass(100);
    await Promise.all(loops);
    expect(read).toEqual(["one", "two"]);
  });

  it("keeps messages that nobody listens to for the first reader, and reports what is too much", async () => {
    const { server, link, pass } = await framedScene({ limits: { maxUnread: 2 } });
    const dropped: unknown[] = [];
    server.on("peer", ({ peer }) => peer.on("dropped", (event) => { dropped.push(event); }));
    const alice = link("alice");
    for (const word of ["one", "two", "three"]) alice.send(word);
    await pass(100);
    expect(dropped).toEqual([{ message: "three", why: "unread" }]);
    const reader = server.peers.get(1)?.[Symbol.asyncIterator]();
    expect(await reader?.next()).toEqual({ value: "one", done: false });
    expect(await reader?.next()).toEqual({ value: "two", done: false });
  });

  it("pauses the channel of a peer whose loop is slow, and loses nothing", async () => {
    const { server, link, pass } = await framedScene({ limits: { maxUnread: 8 } });
    server.on("peer", ({ peer }) => { readers.push(peer[Symbol.asyncIterator]()); });
    const readers: AsyncIterableIterator<Frame>[] = [];
    const alice = link("alice", { outbox: { maxMessages: 10_000, maxBytes: 1e9 } });
    await pass(20);
    const block = "x".repeat(1_000);
    for (let index = 0; index < 500; index += 1) alice.send(`${index} ${block}`);
    await pass(100);
    expect(alice.snapshot().outbox.messages).toBeGreaterThan(300);
    const read: number[] = [];
    for (let index = 0; index < 500; index += 1) {
      const next = readers[0]?.next();
      await pass(20);
      read.push(Number.parseInt(String((await next)?.value), 10));
    }
    expect(read).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(server.peers.size).toBe(1);
  });

  it("sends to all, but to one, and says how many took it", async () => {
    const { server, link, pass } = await framedScene();
    const heard: string[] = [];
    for (const name of ["alice", "bob", "carol"]) link(name).on("message", (message) => { heard.push(`${name} ${String(message)}`); });
    await pass(50);
    expect(server.broadcast("all")).toBe(3);
    const first = server.peers.get(1);
    if (first === undefined) throw new Error("nobody came");
    expect(server.broadcast("rest", { except: first })).toBe(2);
    await pass(50);
    expect(heard.toSorted()).toEqual(["alice all", "bob all", "bob rest", "carol all", "carol rest"]);
  });

  it("tells of a broadcast one peer cannot take at that peer, and sends it to the others", async () => {
    const { server, link, dial, pass } = await framedScene({ outbox: { maxMessages: 1 } });
    const reader = link("reader");
    let heard = 0;
    reader.on("message", () => { heard += 1; });
    const { channel } = await dial("deaf");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const dropped: unknown[] = [];
    for (const peer of server.peers.values()) peer.on("dropped", ({ why }) => { dropped.push(`${peer.id} ${why}`); });
    const block = "x".repeat(70_000);
    const taken: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      taken.push(server.broadcast(block));
      await pass(20);
    }
    expect(taken).toEqual([2, 2, 1, 1]);
    expect(dropped).toEqual(["2 overflow", "2 overflow"]);
    expect(heard).toBe(4);
  });

  it("throws a BackpressureError that names the peer when its outbox is full, and lets write() wait for room", async () => {
    const { server, dial, pass } = await framedScene({ outbox: { maxMessages: 1 } });
    const { channel, heard } = await dial("slow");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const peer = server.peers.get(1);
    const block = "x".repeat(70_000);
    expect(peer?.send(block)).toBe(false);
    expect(peer?.send("waits")).toBe(false);
    expect(() => peer?.send("too much")).toThrow(/peer 1 \(memory:\/\/slow\) reads too slowly: its outbox is full \(1 messages, 5 bytes\)/);
    let drained = 0;
    peer?.on("drained", () => { drained += 1; });
    const written = peer?.write("patient");
    await pass(50);
    expect(peer?.outbox).toEqual({ messages: 1, bytes: 5 });
    channel.resume?.();
    await pass(50);
    await written;
    expect(drained).toBe(1);
    expect(heard.length).toBe(4); // hello and three messages.
  });

  it("goes on when a listener throws, and lets the error surface", async () => {
    const thrown: unknown[] = [];
    vi.stubGlobal("queueMicrotask", (run: () => void) => {
      try { run(); } catch (error) { thrown.push(error); }
    });
    try {
      const { server, dial, pass } = await scene({ protocol: text() });
      server.on("peer", ({ peer }) => {
        peer.on("message", () => { throw new Error("mine too"); });
        throw new Error("mine");
      });
      const { channel } = await dial("alice");
      channel.send("hi");
      await pass(50);
      expect(thrown).toEqual([new Error("mine"), new Error("mine too")]);
      expect(server.peers.size).toBe(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("says with the peer's id and unconfirmed count why it is gone", async () => {
    const { server, link, pass, diary } = await framedScene();
    const alice = link("alice");
    await pass(50);
    server.peers.get(1)?.send("never confirmed");
    alice.abort();
    await pass(50);
    const bob = link("bob");
    await pass(50);
    await Promise.all([bob.close(), pass(50)]);
    expect(diary).toEqual(["peer 1", "gone 1: reset, 1 unconfirmed", "peer 2", "gone 2: closed"]);
  });

  it("finds a peer dead that no longer answers, by the rule links have", async () => {
    const { clock, server, dial, pass, diary } = await framedScene({ heartbeat: "lan" });
    const { channel } = await dial("silent");
    channel.send(hello);
    await pass(10);
    const bound = server.peers.get(1)?.detectionBound();
    const met = clock.now();
    const events: string[] = [];
    server.peers.get(1)?.on("missed", ({ misses, of }) => { events.push(`missed ${misses}/${of}`); });
    server.peers.get(1)?.on("gone", ({ cause }) => { events.push(`${cause} after ${Math.ceil((clock.now() - met) / 1_000)} s at most`); });
    await pass(10_000);
    expect(bound).toBe(4_000);
    expect(events).toEqual(["missed 1/3", "missed 2/3", "missed 3/3", "heartbeat after 4 s at most"]);
    expect(diary).toEqual(["peer 1", "gone 1: heartbeat"]);
  });

  it("serves several listeners at once, and closing one keeps its peers", async () => {
    const clock = new SimClock();
    const network = memoryNetwork({ clock });
    const server = new Server({ protocol: text(), clock });
    const diary = keepDiary(server);
    const first = await server.listen(network.transport, "memory://first");
    await server.listen(network.transport, "memory://second");
    const signal = new AbortController().signal;
    const dialled = [network.transport.dial(parseEndpoint("memory://first"), { signal }), network.transport.dial(parseEndpoint("memory://second"), { signal })];
    await clock.advanceAsync(10);
    await first.close();
    await Promise.all(dialled);
    expect(network.listening).toBe(1);
    expect(diary).toEqual(["peer 1", "peer 2"]);
    expect(server.peers.size).toBe(2);
  });

  it("logs what it tells, without objects and with quoted names", async () => {
    const records: Record<string, unknown>[] = [];
    const { link, pass } = await framedScene({ identify: () => "eve\n[INFO] admin", logger: (record) => { records.push({ ...record }); } });
    const eve = link("eve");
    eve.send("hi");
    await pass(50);
    eve.abort();
    await pass(50);
    expect(records).toEqual([
      { event: "listening", level: "info", message: "listening", endpoint: where },
      { event: "peer", level: "info", message: "peer", peer: "eve\n[INFO] admin", remote: "memory://eve" },
      expect.objectContaining({ event: "peerGone", level: "warn", peer: "eve\n[INFO] admin", cause: "reset", remote: "memory://eve" }),
    ]);
    expect(String(records[2]?.["message"])).not.toContain("\n");
  });
});
