import type { Channel } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { SimWorld, seededRandom, swarmFaults } from "../src/index.ts";
import { couple, Ear } from "./ear.ts";
import { dialled, listening } from "./scene.ts";

describe("odds", () => {
  it.each([
    ["refuse", { refuse: 1 }, { error: expect.anything() }, 0],
    ["hang", { hang: 1 }, {}, 0],
    ["mute", { mute: 1 }, { channel: expect.anything() }, 0],
    ["nothing", {}, { channel: expect.anything() }, 1],
  ])("let every dial meet its fate: %s", async (_name, faults, fate, arrivals) => {
    const { world, accepted } = listening(faults);
    const dial = dialled(world);
    await world.run(1_000);
    expect([dial, accepted.length]).toEqual([fate, arrivals]);
  });

  it("cut every connection one day, when the odds are 1", async () => {
    const world = new SimWorld({ seed: 1, faults: { cut: 1, faultAfter: 1_000, noticeMax: 100 } });
    const { nearEar, farEar } = await couple(world);
    await world.run(30_000);
    expect([nearEar.heard, farEar.heard]).toEqual([["(lost)"], ["(lost)"]]);
  });

  it("swallow every connection one day, outward, inward or both, when the odds are 1", async () => {
    const fates = new Set<string>();
    for (let seed = 0; seed < 30; seed += 1) {
      const world = new SimWorld({ seed, faults: { blackHole: 1, faultAfter: 100 } });
      const { near, far, nearEar, farEar } = await couple(world);
      await world.run(5_000);
      near.send("x");
      far.send("x");
      await world.run(5_000);
      fates.add(`${farEar.heard.length} ${nearEar.heard.length}`);
    }
    expect([...fates].sort()).toEqual(["0 0", "0 1", "1 0"]);
  });

  it("crash hosts that boot, and bring them back", async () => {
    const world = new SimWorld({ seed: 1, faults: { crashEvery: 1_000, downMean: 100 } });
    const boots: number[] = [];
    world.host("server", () => { boots.push(1); });
    await world.run(60_000);
    expect(boots.length).toBeGreaterThan(30);
    expect(boots.length).toBeLessThan(80);
  });

  it("clog routes for a while, and lose nothing", async () => {
    const world = new SimWorld({ seed: 1, faults: { clog: 0.2, clogMean: 1_000 } });
    const { near, farEar } = await couple(world);
    const start = world.clock.now();
    const sent = Array.from({ length: 20 }, (_, number) => String(number));
    for (const frame of sent) {
      near.send(frame);
      await world.run(10);
    }
    await world.run(30_000);
    expect(farEar.heard).toEqual(sent);
    expect(farEar.at - start).toBeGreaterThan(1_000);
  });

  it("stop at heal: the same world is quiet from then on", async () => {
    const { world, accepted } = listening({ refuse: 0.5, hang: 0.3, cut: 1, faultAfter: 10, noticeMax: 10, crashEvery: 500, downMean: 50_000 }, 9);
    world.faults.refuse("server");
    world.faults.blackHole();
    await world.run(5_000);
    expect(world.host("server").state).not.toBe("up");
    world.faults.heal();
    const dial = dialled(world);
    await world.run(1_000);
    const ear = new Ear(dial.channel as Channel, () => world.clock.now()); // Nothing can refuse it any more.
    await world.run(120_000);
    expect([ear.heard, accepted.length, world.host("server").state]).toEqual([[], 1, "up"]);
  });

  it.each([
    ["refuse", { refuse: 1.5 }], ["delayMean", { delayMin: 10, delayMean: 5 }], ["refuse, hang and mute", { refuse: 0.5, hang: 0.3, mute: 0.3 }], ["noticeMax", { noticeMax: NaN }],
  ])("that make no sense are refused: %s", (option, faults) => {
    expect(() => new SimWorld({ seed: 1, faults })).toThrow(`faults.${option}`);
  });

  it("of a swarm are legal, and switch every fault on in some worlds and off in others", () => {
    const random = seededRandom(1);
    const swarms = Array.from({ length: 200 }, () => swarmFaults(random));
    for (const [seed, faults] of swarms.entries()) expect(new SimWorld({ seed, faults }).seed).toBe(seed);
    for (const fault of ["refuse", "hang", "mute", "cut", "blackHole", "clog"] as const) {
      const off = swarms.filter((odds) => odds[fault] === 0).length;
      expect(off).toBeGreaterThan(60);
      expect(off).toBeLessThan(140);
    }
  });
});
