import type { Channel } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { SimWorld } from "../src/index.ts";
import { couple, Ear } from "./ear.ts";
import { dialled, listening, server, signal } from "./scene.ts";

describe("hosts", () => {
  it("resets the peers of a program that crashes, and boots it again", async () => {
    const world = new SimWorld({ seed: 1 });
    const boots: number[] = [];
    const host = world.host("server", () => { boots.push(world.clock.now()); });
    const { nearEar, farEar } = await couple(world);
    host.crash();
    await world.run(500);
    expect([nearEar.heard, farEar.heard, host.state]).toEqual([["(lost)"], [], "down"]);
    const refused = dialled(world);
    await world.run(500);
    expect(refused.error).toMatchObject({ code: "HF_DIAL_FAILED" });
    host.restart();
    expect(boots.length).toBe(2);
  });

  it("says nothing when the power is lost, until the machine is back and somebody sends", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar } = await couple(world);
    world.host("server").crash({ powerLoss: true });
    near.send("is anybody there?");
    const dial = dialled(world);
    await world.run(60_000);
    expect([nearEar.heard, dial]).toEqual([[], {}]);
    world.host("server").restart();
    await world.run(1_000);
    expect(nearEar.heard).toEqual([]);
    near.send("and now?");
    await world.run(1_000);
    expect(nearEar.heard).toEqual(["(lost)"]);
  });

  it("lets the alarms of a crashed program die with it", async () => {
    const world = new SimWorld({ seed: 1 });
    const rung: string[] = [];
    const host = world.host("server");
    host.clock.alarm(world.clock.now() + 100, () => rung.push("old life"));
    host.crash();
    host.restart();
    host.clock.alarm(world.clock.now() + 100, () => rung.push("new life"));
    await world.run(200);
    expect(rung).toEqual(["new life"]);
  });

  it("vanishes as a dialler too", async () => {
    const { world, accepted } = listening();
    const phone = world.host("phone");
    void phone.transport.dial(server, { signal });
    await world.run(1_000);
    const ear = new Ear(accepted[0] as Channel, () => world.clock.now()); // The dial has arrived.
    phone.crash();
    await world.run(1_000);
    expect(ear.heard).toEqual(["(lost)"]);
  });

  it("runs nothing during a pause, then the late alarms, then what arrived, then the turns", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, farEar } = await couple(world);
    const host = world.host("server");
    const log: string[] = [];
    const start = world.clock.now();
    host.clock.alarm(start + 500, () => {
      log.push(`alarm after ${world.clock.now() - start}, heard ${farEar.heard.length}`);
      host.clock.turn(() => log.push(`turn, heard ${farEar.heard.length}`));
    });
    host.pause(3_000);
    near.send("ping");
    await world.run(2_999);
    expect([log, farEar.heard]).toEqual([[], []]);
    await world.run(1);
    expect(log).toEqual(["alarm after 3000, heard 0", "turn, heard 1"]);
    far.send("pong");
    expect(farEar.heard).toEqual(["ping"]);
  });

  it("flaps as often as it is told to", async () => {
    const { world } = listening();
    const boots: number[] = [];
    world.host("flapper", () => { boots.push(world.clock.now() - 1_000); });
    world.faults.flap("flapper", { up: 1_000, down: 500, times: 3 });
    await world.run(60_000);
    expect(boots).toEqual([0, 1_500, 3_000, 4_500]);
  });

  it("takes something to boot only when it is new", () => {
    const { world } = listening();
    expect(world.host("server").name).toBe("server");
    expect(() => world.host("server", () => undefined)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });
});
