import { describe, expect, it } from "vitest";
import { SimWorld } from "../src/index.ts";
import { couple } from "./ear.ts";
import { dialled } from "./scene.ts";

describe("a simulated world without faults", () => {
  it("gives packets the delays it was told to, and keeps their order", async () => {
    const world = new SimWorld({ seed: 3, faults: { delayMin: 10, delayMean: 30 } });
    const { near, farEar } = await couple(world);
    const delays: number[] = [];
    for (let sent = 0; sent < 2_000; sent += 1) {
      const start = world.clock.now();
      near.send(String(sent));
      await world.run(1_000);
      delays.push(farEar.at - start);
    }
    expect(farEar.heard).toEqual(Array.from({ length: 2_000 }, (_, sent) => String(sent)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    const mean = delays.reduce((sum, delay) => sum + delay) / delays.length;
    expect(mean).toBeGreaterThan(28.5);
    expect(mean).toBeLessThan(31.5);
  });

  it("refuses a dial to a name where nobody listens", async () => {
    const world = new SimWorld({ seed: 1 });
    const dial = dialled(world);
    await world.run(1_000);
    expect(dial.error).toMatchObject({ code: "HF_DIAL_FAILED", endpoint: "memory://server" });
  });

  it("leaves nothing open after everybody said goodbye", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar, farEar } = await couple(world);
    near.close();
    await world.run(1_000);
    expect([nearEar.heard, farEar.heard, world.open, world.clock.pending]).toEqual([["(closed)"], ["(closed)"], 0, 0]);
  });
});
