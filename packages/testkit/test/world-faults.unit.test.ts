import type { Channel } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { SimWorld } from "../src/index.ts";
import { couple, Ear } from "./ear.ts";
import { dialled, listening, server, signal } from "./scene.ts";

describe("faults by hand", () => {
  it("cuts a connection and tells each end when it is told to", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar, farEar } = await couple(world);
    expect(world.faults.cut({ to: "server", notice: 300 })).toBe(1);
    near.send("into the void");
    await world.run(299);
    expect([nearEar.heard, farEar.heard]).toEqual([[], []]);
    await world.run(1);
    expect([nearEar.ends, farEar.ends]).toEqual([[expect.objectContaining({ code: "HF_RESET" })], [expect.objectContaining({ code: "HF_RESET" })]]);
    expect(world.open).toBe(0);
  });

  it("lets the two ends of a cut connection hear of it at different times, at most noticeMax later", async () => {
    const world = new SimWorld({ seed: 1, faults: { noticeMax: 1_000 } });
    const { nearEar, farEar } = await couple(world);
    const start = world.clock.now();
    world.faults.cut();
    await world.run(1_000);
    const [near, far] = [nearEar.at - start, farEar.at - start];
    expect(near).not.toBe(far);
    expect(Math.min(near, far)).toBeGreaterThan(0);
    expect(Math.max(near, far)).toBeLessThanOrEqual(1_000);
  });

  it.each([
    ["outward" as const, [], ["from the server"]],
    ["inward" as const, ["from the client"], []],
    ["both" as const, [], []],
  ])("swallows what travels %s into a black hole, and tells nobody", async (direction, atServer, atClient) => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, nearEar, farEar } = await couple(world);
    world.faults.blackHole({ direction });
    near.send("from the client");
    far.send("from the server");
    await world.run(60_000);
    expect([farEar.heard, nearEar.heard]).toEqual([atServer, atClient]);
  });

  it("answers no dial through a black hole until the route is mended, and then the next knock", async () => {
    const { world } = listening();
    world.faults.blackHole({ to: "server" });
    const dial = dialled(world);
    await world.run(2_500);
    expect(dial).toEqual({});
    world.faults.mend();
    await world.run(1_500);
    expect(dial.channel).toBeDefined();
  });

  it("keeps a connection that was in a black hole lost, also when the route is mended", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, farEar } = await couple(world);
    world.faults.blackHole();
    near.send("lost");
    world.faults.mend();
    near.send("after the gap");
    await world.run(60_000);
    expect(farEar.heard).toEqual([]);
  });

  it("gives a dial up after the 127 seconds that Linux knocks", async () => {
    const { world } = listening();
    world.faults.blackHole({ to: "server" });
    const dial = dialled(world);
    await world.run(126_000);
    expect(dial).toEqual({});
    await world.run(1_001);
    expect(dial.error).toMatchObject({ code: "HF_DIAL_FAILED" });
  });

  it("closes by itself when the goodbye is never confirmed", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar } = await couple(world);
    world.faults.blackHole();
    near.close();
    await world.run(4_999);
    expect(nearEar.heard).toEqual([]);
    await world.run(1);
    expect(nearEar.heard).toEqual(["(lost)"]);
  });

  it("holds everything on a clogged route, and loses nothing", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, nearEar, farEar } = await couple(world);
    near.send("one");
    world.faults.clog({ from: "client", time: 10_000 });
    near.send("two");
    far.send("three");
    await world.run(9_999);
    expect([farEar.heard, nearEar.heard]).toEqual([[], []]);
    await world.run(1_000);
    expect([farEar.heard, nearEar.heard]).toEqual([["one", "two"], ["three"]]);
  });

  it("tells clients apart by their names", async () => {
    const { world, accepted } = listening();
    world.faults.blackHole({ from: "bob" });
    const names = ["alice", "bob"];
    for (const name of names) void world.client(name).dial(server, { signal }).catch(() => undefined);
    await world.run(1_000);
    expect(accepted.map(({ remote }) => remote.label)).toEqual(["memory://alice"]);
  });

  it("refuses dials until it admits them, and spares living connections", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, farEar } = await couple(world);
    world.host("server").listen(() => undefined).catch(() => undefined);
    world.faults.refuse("server");
    const refused = dialled(world);
    near.send("still here");
    await world.run(1_000);
    world.faults.admit("server");
    const admitted = dialled(world);
    await world.run(1_000);
    expect([refused.error !== undefined, admitted.channel !== undefined, farEar.heard]).toEqual([true, true, ["still here"]]);
  });

  it("leaves a dial without an answer, for ever", async () => {
    const { world } = listening();
    world.faults.hang("server");
    const dial = dialled(world);
    await world.run(600_000);
    expect(dial).toEqual({});
  });

  it("accepts and says nothing, and the server hears of nobody", async () => {
    const { world, accepted } = listening();
    world.faults.mute("server");
    const dial = dialled(world);
    await world.run(1_000);
    const ear = new Ear(dial.channel as Channel, () => world.clock.now()); // It was accepted.
    dial.channel?.send("anybody there?");
    dial.channel?.ping?.();
    await world.run(60_000);
    expect([ear.heard, accepted]).toEqual([[], []]);
  });
});
