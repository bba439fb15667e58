import { websocket } from "@holdfast/websocket";
import { existsSync } from "node:fs";
import { chromium, type Page } from "playwright";
import { describe, expect, it, vi } from "vitest";
import { createViteServer } from "vitest/node";
import type { Session } from "../../src/index.ts";
import { Cluster } from "./cluster.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const patience = { timeout: 15_000, interval: 20 };

/** See `page/page.ts`. */
interface PageOfTest { begin(uris: readonly string[]): Promise<void>; stop(): number; readonly story: string[]; readonly heard: unknown[]; session: Session | undefined }
declare const page: PageOfTest;

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n));

/** A page with a session, in a real browser, and the servers it is on. */
class Scene implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly tab: Page;
  readonly #resources: AsyncDisposableStack;
  said = 0;

  private constructor(cluster: Cluster, tab: Page, resources: AsyncDisposableStack) {
    this.cluster = cluster;
    this.tab = tab;
    this.#resources = resources;
  }

  static async begin(): Promise<Scene> {
    const resources = new AsyncDisposableStack();
    const vite = await createViteServer({
      root: `${import.meta.dirname}/page`, configFile: false, logLevel: "silent", cacheDir: `${import.meta.dirname}/../../node_modules/.vite-page`, server: { host: "127.0.0.1", port: 0, hmr: false, ws: false, fs: { strict: false } },
      resolve: { conditions: ["@holdfast/source", "module", "browser", "development|production"] },
    });
    resources.defer(() => vite.close());
    await vite.listen();
    const cluster = resources.use(await Cluster.start(websocket({ origins: "*" }), 2, { limits: { timeoutMin: 1_000 } }));
    const browser = await chromium.launch({ executablePath });
    resources.defer(() => browser.close());
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(vite.resolvedUrls?.local[0] ?? "");
    await tab.waitForFunction(() => "page" in globalThis);
    await tab.evaluate((uris) => page.begin(uris), [...cluster.uris]);
    return new Scene(cluster, tab, resources);
  }

  story(): Promise<readonly string[]> {
    return this.tab.evaluate(() => page.story);
  }

  endpoint(): Promise<string> {
    return this.tab.evaluate(() => page.session?.snapshot().link.endpoint ?? "");
  }

  /** The server says one thing, too. */
  async say(): Promise<void> {
    await this.cluster.postman.send(this.cluster.only.id, String(this.said++));
  }

  /** Everything was handled once and in order, on both sides. */
  async settle(): Promise<void> {
    const said = await this.tab.evaluate(() => page.stop());
    await vi.waitFor(() => { expect(this.cluster.handled).toHaveLength(said); }, patience);
    expect(this.cluster.handled).toEqual(numbers(said));
    await expect.poll(() => this.tab.evaluate(() => page.heard.length), patience).toBe(this.said);
    expect(await this.tab.evaluate(() => page.heard)).toEqual(numbers(this.said));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

describe.skipIf(!existsSync(executablePath))("A session in a page", () => {
  it("loses, doubles and reorders nothing when its servers are killed", async () => {
    await using scene = await Scene.begin();
    for (let kill = 0; kill < 10; kill += 1) {
      await scene.say();
      const { length } = scene.cluster.handled;
      await scene.cluster.restart(scene.cluster.labels.indexOf(await scene.endpoint()));
      await vi.waitFor(() => { expect(scene.cluster.handled.length).toBeGreaterThan(length + 5); }, patience);
    }
    await scene.settle();
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
    await scene.settle();
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
    await scene.settle();
    expect((await scene.story()).filter((event) => event !== "attached" && event !== "detached")).toEqual([]);
  }, 60_000);
});
