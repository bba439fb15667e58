import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEndpoint } from "@holdfast/core";
import { lengthPrefix } from "@holdfast/core/framing";
import { conformance, requests } from "@holdfast/testkit/conformance";
import { describe, expect, it, onTestFinished } from "vitest";
import type { stdio as Stdio } from "../src/stdio.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const echo = fileURLToPath(new URL("echo.ts", import.meta.url));
const maxFrameBytes = 100_000;
const program = (...args: string[]): { uri: string; args: string[] } => ({ uri: `stdio:${process.execPath}`, args });
const { stdio } = await shown();

/** The first block of the guide, as a module that finds the sources. */
async function shown(): Promise<{ readonly stdio: typeof Stdio }> {
  const [, code = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, "docs/guides/writing-a-transport.md"), "utf8")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "holdfast-guide-"));
  const file = join(folder, "stdio.ts");
  try {
    writeFileSync(file, code.replaceAll(/from "@holdfast\/core(\/\w+)?"/g, (_, part: string | undefined) => `from "${root}packages/core/src${part ?? ""}/index.ts"`));
    return await import(file) as { readonly stdio: typeof Stdio }; // It exports what the example does.
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the transport that the guide shows", () => {
  conformance({ describe, it }, () => ({
    transport: stdio({ maxFrameBytes }),
    framing: lengthPrefix(),
    endpoint: program(echo, requests.close, requests.abort),
    oversize: program(echo, requests.close, requests.abort, String(maxFrameBytes + 1)),
    dead: "stdio:/nowhere/to/be/found",
    open: () => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length,
  }), { echo: true, patience: 30_000 }); // Each dial starts a process.

  it("ends when it is closed while it is paused", async () => {
    const channel = await stdio().dial(parseEndpoint(program("-e", "console.log('one'); process.stdin.resume()")), { signal: new AbortController().signal });
    onTestFinished(() => { channel.abort(new Error("the test is over")); });
    const ended = new Promise<Error | undefined>((closed) => {
      channel.receive({ frame: () => {}, closed, drained: () => {}, pong: () => {} });
    });
    channel.pause?.();
    channel.close();
    expect(await ended).toBeUndefined();
  });
});
