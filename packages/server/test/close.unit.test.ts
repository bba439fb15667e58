import { framed, type Frame, type Transport } from "@holdfast/core";
import { memoryNetwork } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { framedScene, hello, stubborn, where, type Scene } from "./scene.ts";

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
