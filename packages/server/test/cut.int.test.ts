import { framed, Link, type Frame } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { kinds, next, stand } from "./real.ts";

describe.each(kinds)("a server over $scheme that has no time", (kind) => {
  it("says goodbye all the same, and cuts only who has not taken it", async () => {
    for (const [blocks, cause] of [[0, "closed"], [200, "reset"]] as const) {
      await using place = await stand(kind, { outbox: { maxBytes: Infinity } });
      const link = place.link({ maxAttempts: 1 });
      const lost = new Promise<string>((resolve) => { link.once("disconnected", (event) => { resolve(event.cause); }); });
      await Promise.all([next(place.server, "peer"), link.ready()]);
      for (let index = 0; index < blocks; index += 1) place.server.broadcast("x".repeat(100_000)); // More than the system holds.
      await place.server.close({ within: 0 });
      expect(await lost).toBe(cause);
    }
  });

  it("looks crashed to the peers it aborts", async () => {
    await using place = await stand(kind);
    const link = place.link({ maxAttempts: 1 });
    const lost = new Promise<string>((resolve) => { link.once("disconnected", (event) => { resolve(event.cause); }); });
    await Promise.all([next(place.server, "peer"), link.ready()]);
    for (const peer of place.server.peers.values()) peer.abort();
    expect(await lost).toBe("reset");
  });
});

describe("a server over a Unix socket that has no time", () => {
  it("cuts who has not taken it in the middle of a message, and the peer knows", async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-server-"));
    onTestFinished(() => { rmSync(folder, { recursive: true }); });
    const server = new Server<Frame, Frame>({ protocol: framed(), outbox: { maxBytes: Infinity } });
    const transport = tcp({ maxFrameBytes: 2 ** 26 });
    const { endpoint } = await server.listen(transport, `unix:${join(folder, "socket")}`);
    const link = new Link<Frame, Frame>({ endpoints: endpoint.uri, transports: [transport], protocol: framed(), maxAttempts: 1 });
    const lost = new Promise<unknown>((resolve) => { link.once("disconnected", (event) => { resolve(event); }); });
    await Promise.all([next(server, "peer"), link.open()]);
    server.broadcast("x".repeat(2 ** 25)); // More than the system takes in a few turns.
    await server.close({ within: 0 });
    expect(await lost).toMatchObject({ cause: "closed", error: { code: "HF_CLOSED_BY_PEER", message: expect.stringContaining("in the middle of a frame") as string } });
    link.abort();
  });
});
