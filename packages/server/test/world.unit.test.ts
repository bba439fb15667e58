import { framed, Link, type Frame } from "@holdfast/core";
import { simulate, type SimWorld } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { keepDiary, where } from "./scene.ts";

/** A server, and alice, who logs in whenever she is connected. */
async function meeting(world: SimWorld): Promise<{ server: Server<Frame, Frame>; alice: Link<Frame, Frame>; diary: string[] }> {
  const { clock, random } = world;
  const shared = { protocol: framed(), clock, random, heartbeat: "lan" } as const;
  const server = new Server<Frame, Frame>({ ...shared, identify: String });
  const diary = keepDiary(server);
  await server.listen(world.host("server").transport, where);
  const alice = new Link<Frame, Frame>({ ...shared, endpoints: where, transports: [world.client("alice")], dialTimeout: 2_000, logger: false });
  alice.on("connected", () => { alice.send("alice"); });
  alice.open().catch(() => { /* It goes on dialling. */ });
  return { server, alice, diary };
}

describe("in any world", () => {
  it("a server and a link see each other die within the detection bound, whenever the network goes", () => simulate({ runs: 100 }, async (world) => {
    const { server, alice, diary } = await meeting(world);
    await world.run(1_000 + world.random() * 10_000);
    const peer = server.peers.get("alice");
    const bounds = [alice.detectionBound(), peer?.detectionBound() ?? 0];
    const died: number[] = [];
    const since = world.clock.now();
    alice.once("disconnected", () => { died[0] = world.clock.now() - since; });
    server.once("peerGone", () => { died[1] = world.clock.now() - since; });
    world.faults.blackHole();
    await world.run(10_000);
    expect(diary.slice(-1)).toEqual(["gone alice: heartbeat"]);
    expect(died[0]).toBeLessThanOrEqual(bounds[0] ?? 0);
    expect(died[1]).toBeLessThanOrEqual(bounds[1] ?? 0);
  }));

  it("one who comes back while her dead self is still here replaces it", () => simulate({ runs: 100 }, async (world) => {
    const { server, alice, diary } = await meeting(world);
    await world.run(1_000 + world.random() * 10_000);
    world.faults.blackHole();
    alice.suspect("the application knows it first");
    world.faults.mend();
    await world.run(3_500);
    expect(diary[0]).toBe("peer alice");
    expect(diary[1]).toMatch(/^gone alice: replaced/);
    expect(diary[2]).toBe("peer alice");
    expect(diary[3]).toMatch(/^returned alice after/);
    expect(server.peers.size).toBe(1);
  }));

  it("with cuts, black holes and jams, she comes and goes in turn, is never here twice, and is known each time", () => simulate({ runs: 100, faults: { cut: 0.5, blackHole: 0.4, faultAfter: 5_000, clog: 0.01, mute: 0.1 } }, async (world) => {
    const { server, alice, diary } = await meeting(world);
    await world.run(60_000);
    const came = diary.filter((line) => line === "peer alice").length;
    const gone = diary.filter((line) => line.startsWith("gone alice")).length;
    expect(came - gone).toBe(server.peers.size);
    expect(diary.filter((line) => line.startsWith("returned")).length).toBe(came - 1);
    alice.abort();
    await world.run(20_000);
    await Promise.all([server.close(), world.run(10_000)]);
    expect([server.peers.size, world.clock.pending]).toEqual([0, 0]);
  }));
});
