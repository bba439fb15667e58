import { framed, text, type Frame } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { faultProxy } from "@holdfast/testkit/proxy";
import { websocket } from "@holdfast/websocket";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Server } from "../src/index.ts";
import { LoopLateness } from "../../bench/src/lateness.ts";
import { hello } from "./scene.ts";
import { brisk, gone, inOrder, kinds, next, several, socket, stand } from "./real.ts";

const [overTcp, overWs] = [{ scheme: "tcp", transport: () => tcp() }, { scheme: "ws", transport: () => websocket() }];

describe.each(kinds)("a server over $scheme", (kind) => {
  it("and its client both see the other die in a black hole, within the detection bound", async () => {
    await using place = await stand(kind, { heartbeat: brisk });
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: place.port } });
    const link = place.link({ endpoints: proxy.uri(kind.scheme), heartbeat: brisk, backoff: { delay: () => 60_000 } });
    await Promise.all([next(place.server, "peer"), link.ready()]);
    const bounds = [link.detectionBound(), place.server.peers.get(1)?.detectionBound() ?? 0];
    const lost = new Promise<string>((resolve) => { link.once("disconnected", ({ cause }) => { resolve(cause); }); });
    const loop = new LoopLateness();
    const started = performance.now();
    proxy.blackHole();
    const after = (cause: string): { cause: string; ms: number } => ({ cause, ms: performance.now() - started - loop.total });
    const [ours, theirs] = await Promise.all([next(place.server, "peerGone").then(({ cause }) => after(cause)), lost.then(after)]);
    loop.stop();
    expect([ours.cause, theirs.cause]).toEqual(["heartbeat", "heartbeat"]);
    expect(bounds).toEqual([400, 400]);
    // A loop that was asleep at the moment of the verdict asks once more.
    for (const { ms } of [ours, theirs]) expect(ms).toBeLessThan(400 + (loop.total > 0 ? 100 : 0) + 50);
    link.abort();
  });

  it("hears and answers, and sends to all", async () => {
    await using place = await stand(kind);
    place.server.on("peer", ({ peer }) => peer.on("message", (message) => { peer.send(`echo ${String(message)}`); }));
    const links = [place.link(), place.link(), place.link()];
    const heard: Frame[][] = links.map((link) => {
      const words: Frame[] = [];
      link.on("message", (message) => { words.push(message); });
      return words;
    });
    await Promise.all([several(3, place.server, "peer"), ...links.map((link) => link.ready())]);
    links[0]?.send("hi");
    const answered = new Promise((resolve) => { links[0]?.once("message", resolve); });
    await answered;
    expect(place.server.broadcast(Uint8Array.of(1, 2, 3))).toBe(3);
    await Promise.all(links.map((link) => new Promise((resolve) => { link.once("message", resolve); })));
    expect(heard.map((words) => words.map((word) => typeof word === "string" ? word : [...word]))).toEqual([["echo hi", [1, 2, 3]], [[1, 2, 3]], [[1, 2, 3]]]);
  });

  it("drains: its peers go to the other server, spread over time, and none is lost on the way", async () => {
    await using old = await stand(kind);
    await using fresh = await stand(kind);
    const links = Array.from({ length: 10 }, () => old.link({ endpoints: `${old.uri},${fresh.uri}`, ...inOrder }));
    await Promise.all([several(10, old.server, "peer"), ...links.map((link) => link.ready())]);
    const arrived = several(10, fresh.server, "peer");
    await old.server.drain({ within: 2_000, spread: 400 });
    await arrived;
    expect(old.diary.filter((line) => line.endsWith("drained")).length).toBe(10);
    expect([old.server.peers.size, fresh.server.peers.size]).toEqual([0, 10]);
  });

  it("closes: what was sent arrives, and no socket, timer or listener is left", async () => {
    while (active("TCP") > 0) await nextTurn(); // Those of the test before.
    const timers = active("Timeout");
    const place = await stand(kind);
    const link = place.link({ maxAttempts: 1 });
    let bytes = 0;
    link.on("message", (message) => { bytes += message.length; });
    await next(place.server, "peer");
    const block = "x".repeat(100_000);
    for (let index = 0; index < 10; index += 1) place.server.broadcast(block);
    await place.server.close();
    await link.closed;
    expect(bytes).toBe(1_000_000);
    while (active("TCP") > 0 || active("Timeout") > timers) await nextTurn();
    expect(place.diary.at(-1)).toBe("closed");
  });

  it("cuts a peer that does not read, and nobody else", async () => {
    await using place = await stand(kind, { heartbeat: false, limits: { stalledAfter: 300 } });
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: place.port }, maxBuffer: 1 });
    const reader = place.link({ heartbeat: false });
    const deaf = place.link({ endpoints: proxy.uri(kind.scheme), heartbeat: false, maxAttempts: 1 });
    await Promise.all([several(2, place.server, "peer"), reader.ready(), deaf.ready()]);
    proxy.hold("inward");
    let read = 0;
    reader.on("message", () => { read += 1; });
    let sent = 0;
    const feed = setInterval(() => { // Until the buffers of the system are full, however large they are.
      for (let index = 0; index < 8; index += 1) sent += place.server.broadcast("x".repeat(250_000)) > 0 ? 1 : 0;
    }, 25); // Not faster than a busy machine reads.
    const { cause } = await next(place.server, "peerGone");
    clearInterval(feed);
    expect(cause).toBe("stalled");
    expect(place.server.peers.size).toBe(1);
    while (read < sent) await nextTurn();
    expect(read).toBe(sent);
  });
});

describe("a server over real sockets", () => {
  it("does not wait for who neither greets nor hangs up", async () => {
    await using place = await stand(overTcp, { limits: { greetingTimeout: 100, drainTimeout: 100 } });
    const mute = await socket(place.port, { greet: false });
    await next(place.server, "refused");
    const started = performance.now();
    await place.server.close({ within: 30_000 });
    expect(performance.now() - started).toBeLessThan(10_000);
    mute.destroy();
    expect(place.diary).toEqual(["refused 127.0.0.1: greetingTimeout", "closed"]);
  });

  it("closes in time although a peer does not hang up", async () => {
    await using place = await stand(overTcp);
    const stubborn = await socket(place.port);
    await next(place.server, "peer");
    const started = performance.now();
    await place.server.close({ within: 100 });
    expect(performance.now() - started).toBeLessThan(5_000); // Never, if it waited for the peer.
    expect(place.diary).toEqual(["peer 1", "gone 1: requested", "closed"]);
    stubborn.destroy();
  });

  it("gives each address its share", async () => {
    await using place = await stand(overTcp, { limits: { maxPeersPerAddress: 2 } });
    const refused = next(place.server, "refused");
    const greedy = await Promise.all([1, 2, 3].map(() => socket(place.port)));
    const { why, error } = await refused;
    const modest = await socket(place.port, { localAddress: "127.0.0.2" });
    while (place.server.peers.size < 3) await next(place.server, "peer");
    expect(why).toBe("maxPeersPerAddress");
    expect(error?.message).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+ was refused: 2 peers are connected from 127\.0\.0\.1/);
    expect([...place.server.peers.values()].map(({ remote }) => remote.host).toSorted()).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.2"]);
    for (const one of [...greedy, modest]) one.destroy();
  });

  it("lets an honest client in at once while hundreds of others dribble", async () => {
    await using place = await stand(overTcp, { limits: { maxPeersPerAddress: 200 } });
    const dribblers = await Promise.all(Array.from({ length: 300 }, () => socket(place.port, { greet: false })));
    for (const one of dribblers) one.write(Uint8Array.of(hello.length));
    const loop = new LoopLateness();
    const started = performance.now();
    const honest = await socket(place.port, { localAddress: "127.0.0.2" });
    await next(place.server, "peer");
    expect(performance.now() - started - loop.total).toBeLessThan(1_000);
    loop.stop();
    expect(place.diary.filter((line) => line.endsWith("maxPeersPerAddress")).length).toBe(100);
    for (const one of [...dribblers, honest]) one.destroy();
  });

  it("tells WebSocket clients why: try again later, come elsewhere, going away", async () => {
    const server = new Server({ protocol: text(), limits: { maxPeers: 1 } });
    const { endpoint } = await server.listen(websocket(), "ws://127.0.0.1:0");
    const first = await opened(endpoint.uri);
    const full = closeCode(await opened(endpoint.uri));
    expect(await full).toEqual([1013, "the server is full"]);
    const moved = closeCode(first);
    await server.drain({ within: 200, spread: 50 });
    expect(await moved).toEqual([1012, "please connect elsewhere"]);
    await server.close();
    const other = new Server({ protocol: text() });
    const { endpoint: there } = await other.listen(websocket(), "ws://127.0.0.1:0");
    const last = closeCode(await opened(there.uri));
    await other.close();
    expect(await last).toEqual([1001, "the server shuts down"]);
  });

  it("keeps plain WebSocket clients whose runtime answers pings, and drops one that does not", async () => {
    const server = new Server({ protocol: text(), heartbeat: brisk });
    const { endpoint } = await server.listen(websocket(), "ws://127.0.0.1:0");
    const alive = await opened(endpoint.uri);
    const dead = await opened(endpoint.uri, { autoPong: false });
    const cause = await new Promise((resolve) => { server.once("peerGone", ({ peer, cause: why }) => { resolve([peer.id, why]); }); });
    expect(cause).toEqual([2, "heartbeat"]);
    expect([alive.readyState, server.peers.size]).toEqual([WebSocket.OPEN, 1]);
    await server.close();
    dead.terminate();
  });

  it("keeps serving while strangers send garbage, oversize frames and half greetings", async () => {
    await using place = await stand(overTcp);
    await place.server.listen(tcp({ maxFrameBytes: 1_000 }), "tcp://127.0.0.1:0").then(async (small) => {
      const bytes = [
        Uint8Array.of(0), Uint8Array.of(255, 255, 255, 255, 255), Uint8Array.of(5, 9), new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
        Uint8Array.of(5, 9, 0x68, 0x66, 1, 2), Uint8Array.of(5, ...hello, 200, 200, 200, 1), Uint8Array.of(5, ...hello, 1, 77),
      ];
      for (const garbage of bytes) {
        const stranger = await socket(small.endpoint.port, { greet: false });
        stranger.end(garbage);
        stranger.resume();
        await gone(stranger);
      }
    });
    expect(place.diary).toEqual([
      "refused 127.0.0.1: greeting", "refused 127.0.0.1: greeting", "refused 127.0.0.1: left", "refused 127.0.0.1: greeting",
      "refused 127.0.0.1: greeting", "peer 6", "gone 6: protocol", "peer 7", "gone 7: protocol",
    ]);
    const link = place.link();
    await next(place.server, "peer");
    const heard = new Promise((resolve) => { link.once("message", resolve); });
    place.server.broadcast("well");
    expect(await heard).toBe("well");
    expect(place.server.peers.size).toBe(1);
  });

  it("takes a thousand peers, reaches them all, and lets them all go", async () => {
    await using place = await stand(overTcp);
    const arrived = several(1_000, place.server, "peer");
    const links = Array.from({ length: 1_000 }, () => place.link());
    await Promise.all([arrived, ...links.map((link) => link.ready())]);
    const heard = Promise.all(links.map((link) => new Promise((resolve) => { link.once("message", resolve); })));
    expect(place.server.broadcast("all")).toBe(1_000);
    expect(new Set(await heard)).toEqual(new Set(["all"]));
    const departed = several(1_000, place.server, "peerGone");
    await Promise.all([departed, ...links.map((link) => link.close())]);
    expect(place.server.peers.size).toBe(0);
    expect(place.diary.filter((line) => line.includes(": closed")).length).toBe(1_000);
  });

  it("listens on several transports at once", async () => {
    const server = new Server({ protocol: framed() });
    const doors = [await server.listen(tcp(), "tcp://127.0.0.1:0"), await server.listen(websocket(), "ws://127.0.0.1:0")];
    await using place = await stand(overWs);
    const links = [place.link({ endpoints: doors[0]?.endpoint.uri ?? "", transports: [tcp()] }), place.link({ endpoints: doors[1]?.endpoint.uri ?? "" })];
    await Promise.all(links.map((link) => link.ready()));
    expect(server.peers.size).toBe(2);
    await server.close();
  });
});

/** What keeps the process alive. */
function active(kind: string): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith(kind)).length;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}

function opened(uri: string, options: { readonly autoPong?: boolean } = {}): Promise<WebSocket> {
  const client = new WebSocket(uri, options);
  return new Promise((resolve) => { client.once("open", () => { resolve(client); }); });
}

function closeCode(client: WebSocket): Promise<[number, string]> {
  return new Promise((resolve) => { client.once("close", (code, reason) => { resolve([code, reason.toString()]); }); });
}
