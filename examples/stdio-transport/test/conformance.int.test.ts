import { fileURLToPath } from "node:url";
import { parseEndpoint } from "@holdfast/core";
import { lengthPrefix } from "@holdfast/core/framing";
import { conformance, requests, type Fixture } from "@holdfast/testkit/conformance";
import { describe, expect, it, onTestFinished } from "vitest";
import { stdio } from "../src/stdio.ts";

const echo = fileURLToPath(new URL("echo.ts", import.meta.url));
const maxFrameBytes = 100_000;
const children = (): number => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;
const program = (...args: string[]): { uri: string; args: string[] } => ({ uri: `stdio:${process.execPath}`, args });

describe("stdio", () => {
  conformance({ describe, it }, (): Fixture => ({
    transport: stdio({ maxFrameBytes }),
    framing: lengthPrefix(),
    endpoint: program(echo, requests.close, requests.abort),
    oversize: program(echo, requests.close, requests.abort, String(maxFrameBytes + 1)),
    dead: "stdio:/nowhere/to/be/found",
    open: children,
  }), { echo: true, patience: 30_000 }); // Each dial starts a process.

  it("hands over what a child wrote, also when it is gone before anybody listens", async () => {
    const heard: string[] = [];
    const channel = await stdio().dial(parseEndpoint(program("-e", "console.log('one\\ntwo')")), { signal: new AbortController().signal });
    await expect.poll(children).toBe(0);
    const ended = new Promise<Error | undefined>((closed) => {
      channel.receive({ frame: (frame) => { heard.push(new TextDecoder().decode(frame as Uint8Array)); }, closed, drained: () => {}, pong: () => {} });
    });
    expect(await ended).toBeUndefined();
    expect(heard).toEqual(["one", "two"]);
  });

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
