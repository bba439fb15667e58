import { websocket } from "@holdfast/websocket";
import { chromium, type Page } from "playwright";
import { createViteServer } from "vitest/node";
import { Cluster } from "../cluster.ts";
import type { PageOfTest } from "./page.ts";

declare const page: PageOfTest;

export const executablePath: string = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** A page with a session, in a real browser, and the servers it is on. */
export class Scene implements AsyncDisposable {
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
      root: import.meta.dirname, configFile: false, logLevel: "silent", cacheDir: `${import.meta.dirname}/../../../node_modules/.vite-page`, server: { host: "127.0.0.1", port: 0, hmr: false, ws: false, fs: { strict: false } },
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

  /** Says no more. How many messages went each way, and what of them has arrived. */
  async outcome(): Promise<{ readonly said: readonly [number, number]; readonly handled: readonly unknown[]; readonly heard: readonly unknown[] }> {
    const [ours, heard] = await this.tab.evaluate(() => [page.stop(), page.heard] as const);
    return { said: [ours, this.said], handled: this.cluster.handled, heard };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
