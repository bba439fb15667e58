import { framed, text, type Frame, type Transport } from "@holdfast/core";
import { memoryNetwork, seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { framedScene, hello, scene, stubborn, where, type Scene } from "./scene.ts";

describe("drain()", () => {
  it("asks framed peers to move, and they go elsewhere one by one within the spread", async () => {
    const { server, clock, link, pass, network, diary } = await framedScene();
    const spare = new Server({ protocol: framed(), clock });
    await spare.listen(network.join(), "memory://spare");
    const asked: number[] = [];
    const links = Array.from({ length: 20 }, (_, index) => {
      const one = link(`client${index}`, { endpoints: [where, "memory://spare"], shuffle: false, random: seededRandom(index) });
      return one.on("draining", ({ within }) => { asked.push(within); });
    });
    await pass(100);
    expect(server.peers.size).toBe(20);
    const left: number[] = [];
    const started = clock.now();
    server.on("peerGone", () => { left.push(clock.now() - started); });
    const drained = server.drain({ within: 10_000, spread: 4_000 });
    expect(server.phase).toBe("draining");
    expect(network.listening).toBe(1);
    await pass(4_100);
    await drained;
    expect(asked).toEqual(links.map(() => 10_000));
    expect(diary.filter((line) => line.endsWith("drained")).length).toBe(20);
    expect(spare.peers.size).toBe(20);
    // Spread, not bunched: in each quarter of the time somebody leaves.
    const quarters = new Set(left.map((ms) => Math.floor(ms / 1_006)));
    expect(quarters).toEqual(new Set([0, 1, 2, 3]));
    for (const one of links) one.abort();
  });

  it("closes peers whose protocol has no word for it, at random moments of the spread", async () => {
    const { server, clock, dialMany, pass, diary } = await scene({ protocol: text() });
    const clients = await dialMany("browser", 20);
    await pass(10);
    const left: number[] = [];
    const started = clock.now();
    server.on("peerGone", () => { left.push(clock.now() - started); });
    const drained = server.drain({ within: 10_000, spread: 4_000 });
    await pass(1_000);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(20);
    await pass(3_100);
    await drained;
    expect(clients.map(({ ended }) => ended)).toEqual(clients.map(() => ["closed"]));
    expect(diary.filter((line) => line.endsWith("drained")).length).toBe(20);
    expect(clock.pending).toBe(0);
  });

  it("closes who is still here when the time is over", async () => {
    const { server, dial, pass, diary } = await framedScene({ heartbeat: false });
    const { channel, ended } = await dial("stubborn");
    channel.send(hello);
    await pass(50);
    const drained = server.drain({ within: 1_000 });
    await pass(900);
    expect(ended).toEqual([]);
    await pass(200);
    await drained;
    expect(ended).toEqual(["closed"]);
    expect(diary).toEqual(["peer 1", "gone 1: drained"]);
  });

  it("turns away who has not greeted, and who comes now", async () => {
    const { server, dial, pass, diary, network } = await framedScene();
    const half = await dial("half");
    const late = network.join({ name: "late" });
    const other = await server.listen(network.join(), "memory://other");
    void server.drain();
    await pass(50);
    expect(half.ended).toEqual(["closed"]);
    expect(half.heard).toEqual([]); // No goodbye in words that come before a greeting.
    expect(diary).toEqual(["refused half: draining"]);
    await expect(server.listen(late, "memory://late")).rejects.toThrow("this server is draining or closed");
    await other.close();
  });

  it("resolves at once where nobody is, and may be asked twice", async () => {
    const { server } = await framedScene();
    await Promise.all([server.drain(), server.drain()]);
    expect(server.phase).toBe("draining");
    await server.close();
    await server.drain();
    expect(server.phase).toBe("closed");
  });

  it("rejects a time that makes no sense", async () => {
    const { server } = await framedScene();
    await expect(server.drain({ within: Infinity })).rejects.toThrow("within must be a number of milliseconds of at least 0, got Infinity");
    await expect(server.drain({ spread: -1 })).rejects.toThrow("spread must be");
    await expect(server.close({ within: Number.NaN })).rejects.toThrow("within must be");
    expect(server.phase).toBe("open");
  });
});

describe("close()", () => {
  it("sends what waits, says goodbye, and leaves no timer, listener or connection", async () => {
    const { server, link, dial, pass, clock, network, diary } = await framedScene();
    const alice = link("alice", { maxAttempts: 1 });
    const heard: string[] = [];
    alice.on("message", (message) => { heard.push(String(message).slice(0, 5)); });
    await dial("mute");
    await pass(50);
    const block = "x".repeat(30_000);
    for (let index = 0; index < 9; index += 1) server.broadcast(`${index} ${block}`);
    const closed = server.close();
    expect(server.close()).toBe(closed);
    expect(() => server.peers.get(1)?.send("late")).toThrow("peer 1 (memory://alice) is closed or gone");
    await pass(100);
    await closed;
    expect(heard.map((message) => message[0]).join("")).toBe("012345678");
    expect(diary.slice(-1)).toEqual(["closed"]);
    expect(diary).toContain("refused mute: draining");
    expect(diary.some((line) => line.startsWith("gone 1: requested"))).toBe(true);
    alice.abort();
    await pass(0);
    expect([network.listening, server.phase]).toEqual([0, "closed"]);
    expect(clock.pending).toBe(0);
  });

  it("delivers what the peer still had to say", async () => {
    const { server, link, pass } = await framedScene();
    const heard: string[] = [];
    server.on("peer", ({ peer }) => peer.on("message", (message) => { heard.push(String(message)); }));
    const alice = link("alice", { maxAttempts: 1 });
    await pass(50);
    const closed = server.close();
    alice.send("last words");
    await pass(100);
    await closed;
    expect(heard).toEqual(["last words"]);
    alice.abort();
  });

  it("aborts at once when it may take no time", async () => {
    const { server, dial, pass, diary, clock } = await framedScene();
    const { channel, ended } = await dial("alice");
    channel.send(hello);
    await pass(20);
    const closed = server.close({ within: 0 });
    await pass(10);
    await closed;
    expect(diary).toEqual(["peer 1", "gone 1: requested", "closed"]);
    expect(ended.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("is what `await using` does, and refuses to listen afterwards", async () => {
    const { server, network } = await framedScene();
    await server[Symbol.asyncDispose]();
    expect(server.phase).toBe("closed");
    await expect(server.listen(network.transport, "memory://again")).rejects.toThrow(/accepts nobody any more: make a new one/);
    await server.close();
    expect(network.listening).toBe(0);
  });

  it("ends a listen that is under way", async () => {
    const server = new Server({ protocol: framed() });
    const transport: Transport = {
      ...memoryNetwork().transport,
      listen: (_endpoint, { signal }) => new Promise((_resolve, reject) => { signal?.addEventListener("abort", () => { reject(signal.reason as Error); }); }),
    };
    const listening = server.listen(transport, where);
    queueMicrotask(() => { void server.close(); });
    await expect(listening).rejects.toThrow("this server is draining or closed and accepts nobody any more");
  });

  it("closes a listener that opened too late", async () => {
    const { server, network } = await framedScene();
    const open = Promise.withResolvers<void>();
    const member = network.join();
    const slow: Transport = { ...member, listen: async (endpoint, { accept }) => {
      await open.promise;
      return await (member.listen?.(endpoint, { accept }) ?? Promise.reject(new Error("it does not listen")));
    } };
    const listening = server.listen(slow, "memory://slow");
    await server.close();
    queueMicrotask(() => { open.resolve(); });
    await expect(listening).rejects.toThrow("accepts nobody any more");
    expect(network.listening).toBe(0);
  });

  it("may be called by a listener of the last event of a peer, or of the first", async () => {
    for (const name of ["peer", "peerGone"] as const) {
      const { server, link, pass, diary, clock } = await framedScene();
      server.on(name, () => { void server.close(); });
      const alice = link("alice", { maxAttempts: 1 });
      await pass(50);
      alice.abort();
      await pass(100);
      expect(server.phase).toBe("closed");
      expect(diary.at(-1)).toBe("closed");
      expect(clock.pending).toBe(0);
    }
  });

  it("takes over from a drain that is under way", async () => {
    const { server, dial, pass, diary } = await framedScene({ heartbeat: false });
    const { channel } = await dial("stubborn");
    channel.send(hello);
    await pass(50);
    const drained = server.drain({ within: 60_000 });
    const closed = server.close();
    await pass(100);
    await Promise.all([drained, closed]);
    expect(diary).toEqual(["peer 1", "gone 1: requested", "closed"]);
  });
});

describe("whoever does not take a goodbye", () => {
  it("is aborted after the drain timeout, as a peer", async () => {
    const { server, dial, pass, diary, clock } = await framedScene({ heartbeat: false, limits: { drainTimeout: 500 } }, {}, stubborn);
    const { channel, ended } = await dial("deaf");
    channel.send(hello);
    await pass(20);
    const errors: (string | undefined)[] = [];
    server.on("peerGone", ({ error }) => { errors.push(error?.message); });
    const closed = server.peers.get(1)?.close();
    await pass(490);
    expect(diary).toEqual(["peer 1"]);
    await pass(20);
    await closed;
    expect(diary).toEqual(["peer 1", "gone 1: requested"]);
    expect(errors).toEqual(["peer 1 (memory://deaf) did not take our goodbye in time: aborted"]);
    expect(ended).toEqual(["memory://server reset the connection"]);
    expect(clock.pending).toBe(0);
  });

  it("is aborted after the drain timeout, when it was refused", async () => {
    const { dial, pass, clock, diary } = await framedScene({ limits: { greetingTimeout: 1_000, drainTimeout: 500 } }, {}, stubborn);
    const { ended } = await dial("mute");
    await pass(1_400);
    expect(ended).toEqual([]);
    await pass(200);
    expect(ended).toEqual(["memory://server reset the connection"]);
    expect(diary).toEqual(["refused mute: greetingTimeout"]);
    expect(clock.pending).toBe(0);
  });

  it("is cut after a second, when there was no seat for it", async () => {
    const { dial, pass } = await framedScene({ limits: { maxPeers: 1 } }, {}, stubborn);
    await dial("first");
    const { ended } = await dial("second");
    await pass(900);
    expect(ended).toEqual([]);
    await pass(200);
    expect(ended).toEqual(["memory://server reset the connection"]);
  });

  it.each([
    ["peers", async ({ dial }: Scene<Frame, Frame>) => { (await dial("peer")).channel.send(hello); }],
    ["those who have not greeted", async ({ dial }: Scene<Frame, Frame>) => { await dial("mute"); }],
    ["those who said goodbye and linger", async ({ dial }: Scene<Frame, Frame>) => {
      const { channel } = await dial("peer");
      channel.send(hello);
      channel.send(Uint8Array.of(4));
    }],
    ["those who are being closed", async ({ dial, server, pass }: Scene<Frame, Frame>) => {
      (await dial("peer")).channel.send(hello);
      await pass(10);
      void server.peers.get(1)?.close();
    }],
    ["those who are being refused", async ({ dial }: Scene<Frame, Frame>) => {
      (await dial("peer")).channel.send(Uint8Array.of(1));
      await dial("second");
    }],
  ])("does not hold up close(): %s", async (_who, arrange) => {
    const stage = await framedScene({ heartbeat: false, limits: { maxPeers: 1, drainTimeout: 60_000, greetingTimeout: 60_000 } }, {}, stubborn);
    await arrange(stage);
    await stage.pass(50);
    const closed = stage.server.close({ within: 300 });
    await stage.pass(310);
    await closed;
    expect(stage.server.phase).toBe("closed");
    expect(stage.clock.pending).toBe(0);
  });
});

describe("a peer", () => {
  it("closes politely on request, and says so once", async () => {
    const { server, link, pass, diary, clock } = await framedScene();
    const gone: string[] = [];
    server.on("peer", ({ peer }) => peer.on("gone", ({ cause }) => { gone.push(cause); }));
    const alice = link("alice", { maxAttempts: 1 });
    await pass(50);
    const peer = server.peers.get(1);
    const closed = peer?.close();
    await pass(50);
    await closed;
    await peer?.close();
    peer?.abort();
    expect(gone).toEqual(["requested"]);
    expect(diary).toEqual(["peer 1", "gone 1: requested"]);
    expect(server.peers.size).toBe(0);
    alice.abort();
    await pass(10);
    expect(clock.pending).toBe(0);
    expect(await peer?.[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true });
  });

  it("that is being closed misses a broadcast, and that is no loss to report", async () => {
    const { server, link, pass } = await framedScene();
    const dropped: unknown[] = [];
    server.on("peer", ({ peer }) => peer.on("dropped", (event) => { dropped.push(event); }));
    for (const name of ["alice", "bob"]) link(name, { maxAttempts: 1 });
    await pass(50);
    void server.peers.get(1)?.close();
    expect(server.broadcast("news")).toBe(1);
    await pass(50);
    expect(dropped).toEqual([]);
  });

  it("may be aborted by a listener of its own message", async () => {
    const { server, link, pass, diary } = await framedScene();
    const heard: string[] = [];
    server.on("peer", ({ peer }) => peer.on("message", (message) => {
      heard.push(String(message));
      peer.abort(new Error("enough"));
    }));
    const alice = link("alice", { maxAttempts: 1 });
    alice.send("one");
    alice.send("two");
    await pass(100);
    expect(heard).toEqual(["one"]);
    expect(diary).toEqual(["peer 1", "gone 1: requested"]);
  });

  it("is told of in order, however its listeners interrupt each other", async () => {
    const { server, dial, pass } = await scene({ protocol: text() });
    const first: string[] = [];
    const second: string[] = [];
    for (const [log, hasty] of [[first, true], [second, false]] as const) {
      server.on("peer", ({ peer }) => {
        log.push("peer");
        peer.on("message", (message) => {
          log.push(message);
          if (hasty) peer.abort();
        });
        peer.on("gone", () => { log.push("gone"); });
        if (hasty) peer.send("hello");
      });
      server.on("peerGone", () => { log.push("peerGone"); });
    }
    const { channel } = await dial("alice");
    channel.send("one");
    await pass(50);
    expect(first).toEqual(["peer", "one", "gone", "peerGone"]);
    expect(second).toEqual(first);
  });

  it("rejects a write that waits when it goes", async () => {
    const { server, dial, pass } = await framedScene({ outbox: { maxMessages: 1 } });
    const { channel } = await dial("deaf");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const peer = server.peers.get(1);
    for (const message of ["x".repeat(70_000), "waits"]) peer?.send(message);
    const written = peer?.write("patient");
    queueMicrotask(() => { peer?.abort(); });
    await expect(written).rejects.toThrow("peer 1 (memory://deaf) is closed or gone");
  });
});
