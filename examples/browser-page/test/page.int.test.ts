import { existsSync } from "node:fs";
import { chromium } from "playwright";
import { expect, it } from "vitest";
import { Example } from "../../test/example.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

it.skipIf(!existsSync(executablePath))("shows in a real browser that the connection was cut, and that it is back", async ({ onTestFinished }) => {
  const example = new Example("browser-page", onTestFinished);
  await expect.poll(() => example.stdout).toMatch(/^http:.*\n/);
  const browser = await chromium.launch({ executablePath });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => { errors.push(message); });
  const text = (id: string): Promise<string | null> => page.locator(id).textContent();
  const alive = async (connections: string): Promise<void> => {
    await expect.poll(() => text("#connections")).toBe(connections);
    await expect.poll(() => text("#state")).toBe("connected");
    await expect.poll(() => text("#rtt")).toMatch(/^\d+\.\d ms$/);
    await expect.poll(() => text("#news")).toMatch(/^it is /);
  };

  await page.goto(example.stdout.trim());
  await alive("1");
  await page.locator("#cut").click();
  await alive("2");
  const log = (await page.locator("#log li").allTextContents()).map((line) => line.replace(/^.*? {2}/, "").replace(/\d+ ms/, "… ms"));
  expect(log).toEqual(["connected", "next dial in … ms", "connection lost: reset", "connected"]);
  expect(errors).toEqual([]);

  example.kill("SIGTERM");
  expect(await example.outcome).toMatchObject({ code: 0, stderr: "" });
});
