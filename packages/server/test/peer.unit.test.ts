import { text } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { framedScene, hello, scene } from "./scene.ts";

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
