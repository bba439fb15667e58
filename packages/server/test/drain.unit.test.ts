import { framed, parseEndpoint, text, type Channel, type Transport } from "@holdfast/core";
import { updatedList } from "@holdfast/core/failover";
import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { framedScene, hello, scene, stranger, where } from "./scene.ts";

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

  it("tells framed peers where to go, and who accepts that goes there first", async () => {
    const { server, clock, link, pass, network } = await framedScene();
    const spares = await Promise.all(["memory://one", "memory://two"].map(async (uri) => {
      const spare = new Server({ protocol: framed(), clock });
      await spare.listen(network.join(), uri);
      return spare;
    }));
    const transports = [network.join({ name: "client" })];
    const trusting = link("trusting", { transports, endpoints: updatedList({ endpoints: [where, "memory://one"], transports, accept: { hosts: ["two"] }, shuffle: false }) });
    const wary = link("wary", { endpoints: [where, "memory://one"], shuffle: false });
    await pass(100);
    void server.drain({ within: 10_000, spread: 0, to: ["memory://two"] });
    await pass(1_000);
    expect([trusting.endpoint, wary.endpoint]).toEqual(["memory://two", "memory://one"]);
    expect(spares.map(({ peers }) => peers.size)).toEqual([1, 1]);
    trusting.abort();
    wary.abort();
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

  it("turns away who comes through a door that closes slowly, and close() waits for that", async () => {
    const { server, network, pass, diary, clock } = await framedScene();
    const late = Promise.withResolvers<(channel: Channel) => void>();
    const door: Transport = { ...network.transport, listen: (endpoint, { accept }) => { late.resolve(accept); return Promise.resolve({ endpoint, close: () => Promise.resolve() }); } };
    await server.listen(door, "memory://door");
    const accept = await late.promise;
    const side = parseEndpoint("memory://side");
    await network.transport.listen?.(side, { accept });
    await server.drain();
    const first = network.join({ name: "late" }).dial(side, { signal: new AbortController().signal });
    await pass(20);
    const { ended } = stranger(await first);
    await pass(20);
    const second = network.join({ name: "later" }).dial(side, { signal: new AbortController().signal });
    await pass(5);
    await Promise.all([server.close(), pass(50)]);
    expect(diary).toEqual(["refused late: draining", "refused later: draining", "closed"]);
    expect(ended).toEqual(["closed"]);
    expect(clock.pending).toBe(0);
    stranger(await second);
    await pass(20);
    expect(network.open).toBe(0);
  });

  it("rejects a time that makes no sense", async () => {
    const { server } = await framedScene();
    await expect(server.drain({ within: Infinity })).rejects.toThrow("within must be a number of milliseconds of at least 0, got Infinity");
    await expect(server.drain({ spread: -1 })).rejects.toThrow("spread must be");
    await expect(server.drain({ to: "memory://two" as never })).rejects.toThrow("to must be an array of at most 16 URIs");
    await expect(server.drain({ to: Array.from({ length: 17 }, () => "memory://two") })).rejects.toThrow("to must be an array of at most 16 URIs");
    await expect(server.drain({ to: ["two"] })).rejects.toThrow("to must be a URI with a scheme");
    await expect(server.drain({ to: [`unix:/${"x".repeat(8_200)}`] })).rejects.toThrow("to must be at most 8192 bytes in all");
    await expect(server.drain({ to: ["unix:/a b"] })).rejects.toThrow("to must be made of URIs without spaces");
    await expect(server.close({ within: Number.NaN })).rejects.toThrow("within must be");
    expect(server.phase).toBe("open");
  });
});
