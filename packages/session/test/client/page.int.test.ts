import { existsSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { PageOfTest } from "./page/page.ts";
import { executablePath, Scene } from "./page/scene.ts";

const patience = { timeout: 15_000, interval: 20 };

declare const page: PageOfTest;

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n));

/** Everything was handled once and in order, on both sides. */
async function expectAll(scene: Scene): Promise<void> {
  const { said: [ours, theirs] } = await scene.outcome();
  await vi.waitFor(async () => { expect(await scene.outcome()).toMatchObject({ handled: numbers(ours), heard: numbers(theirs) }); }, patience);
}

describe.skipIf(!existsSync(executablePath))("A session in a page", () => {
  it("loses, doubles and reorders nothing when its servers are killed", async () => {
    await using scene = await Scene.begin();
    for (let kill = 0; kill < 10; kill += 1) {
      await scene.say();
      const index = await vi.waitUntil(async () => scene.cluster.labels.indexOf(await scene.endpoint()) + 1, patience) - 1;
      await scene.cluster.restart(index);
      const { length } = scene.cluster.handled; // Only now: what is handled from here on came on another channel.
      await vi.waitFor(() => { expect(scene.cluster.handled.length).toBeGreaterThan(length + 5); }, patience);
    }
    await expectAll(scene);
    const story = await scene.story();
    expect(story.filter((event) => event !== "attached" && event !== "detached")).toEqual([]);
    expect(story.filter((event) => event === "attached").length).toBeGreaterThanOrEqual(11);
  }, 60_000);

  it("goes on when the network was gone and is back", async () => {
    await using scene = await Scene.begin();
    await scene.tab.context().setOffline(true);
    for (const index of [0, 1]) await scene.cluster.restart(index);
    await scene.say();
    await scene.tab.waitForTimeout(500);
    await scene.tab.context().setOffline(false);
    await expect.poll(() => scene.tab.evaluate(() => page.session?.phase), patience).toBe("attached");
    await expectAll(scene);
  }, 60_000);

  it("goes on when its tab was frozen, whether its channel died meanwhile or not", async () => {
    await using scene = await Scene.begin();
    const cdp = await scene.tab.context().newCDPSession(scene.tab);
    for (const dies of [false, true]) {
      await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
      await scene.say();
      const at = scene.cluster.handled.length;
      if (dies) for (const index of [0, 1]) await scene.cluster.restart(index);
      await new Promise<void>((resolve) => { setTimeout(resolve, 1_500); });
      await cdp.send("Page.setWebLifecycleState", { state: "active" });
      await vi.waitFor(() => { expect(scene.cluster.handled.length).toBeGreaterThan(at + 20); }, patience);
    }
    await expectAll(scene);
    expect((await scene.story()).filter((event) => event !== "attached" && event !== "detached")).toEqual([]);
  }, 60_000);
});
