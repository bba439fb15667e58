import { existsSync } from "node:fs";
import { redisIsInstalled } from "@holdfast/test-servers";
import { chromium, type Page } from "playwright";
import { expect, it } from "vitest";
import { Example } from "../../test/example.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const patience = { timeout: 20_000 };
const kills = 4;

/** What stands on the page. */
const items = (page: Page, id: string): Promise<readonly string[]> => page.locator(`${id} li`).allTextContents();
const after = (start: string, lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));

it.skipIf(!existsSync(executablePath) || !redisIsInstalled())("shows every message once and in order in a real browser while the servers are killed, and who is there", async ({ onTestFinished }) => {
  const example = new Example("chat", onTestFinished, ["--page"]);
  await expect.poll(() => example.stdout, patience).toMatch(/^http:.*\n/);
  const address = new URL(example.stdout.trim());
  const browser = await chromium.launch({ executablePath });
  onTestFinished(() => browser.close());
  const errors: string[] = [];
  const visit = async (name: string): Promise<Page> => {
    const page = await browser.newPage();
    page.on("pageerror", ({ message }) => { errors.push(message); });
    await page.goto(`${address.origin}/?name=${name}`);
    return page;
  };

  const anna = await visit("Anna");
  await expect.poll(() => items(anna, "#present"), patience).toEqual(["Anna", "Ben"]);
  const clara = await visit("Clara");
  for (const page of [anna, clara]) await expect.poll(() => items(page, "#present"), patience).toEqual(["Anna", "Ben", "Clara"]);

  for (let kill = 1; kill <= kills; kill += 1) {
    const before = await anna.locator("#state").textContent();
    await anna.locator("#kill").click();
    for (const word of ["a", "b", "c"]) {
      await anna.locator("#text").fill(`${kill}${word}`);
      await anna.locator("#text").press("Enter");
    }
    await expect.poll(() => anna.locator("#state").textContent(), patience).not.toBe(before);
    await expect.poll(() => anna.locator("#state").textContent(), patience).toMatch(/^attached to \S+, for the \d+\. time \(full\)$/);
    for (const page of [anna, clara]) await expect.poll(async () => after("Anna: ", await items(page, "#talk")), patience).toContain(`${kill}c`);
  }

  for (const page of [anna, clara]) {
    const talk = await items(page, "#talk");
    expect(after("Anna: ", talk)).toEqual(Array.from({ length: kills }, (_, at) => ["a", "b", "c"].map((word) => `${at + 1}${word}`)).flat());
    const counted = after("Ben: ", talk).map(Number);
    expect(counted).toEqual(counted.map((_, at) => (counted[0] ?? 0) + at));
    expect(counted.length).toBeGreaterThan(kills);
    // Whose server dies does not leave the room.
    expect(await items(page, "#present")).toEqual(["Anna", "Ben", "Clara"]);
  }
  await clara.close({ runBeforeUnload: true });
  await expect.poll(() => items(anna, "#present"), patience).toEqual(["Anna", "Ben"]);
  expect(errors).toEqual([]);

  example.kill("SIGTERM");
  expect(await example.outcome).toMatchObject({ code: 0, stderr: "" });
}, 120_000);
