import { constant, framed, Link, type ConnectError, type Frame } from "@holdfast/core";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { afterAll, describe, it } from "vitest";
import { blockRepeatedly } from "../../../bench/src/busy.ts";
import { LoopLateness } from "../../../bench/src/lateness.ts";
import { freePort } from "../plain-servers.ts";
import { mute } from "./mute.ts";

const server = new Server({ protocol: framed() });
const { endpoint } = await server.listen(tcp(), "tcp://127.0.0.1:0");
const silent = await mute();
afterAll(async () => {
  await server.close({ within: 0 });
  await silent[Symbol.asyncDispose]();
});

const dialTimeout = 300;

describe.concurrent("a dial to somebody who accepts and says nothing", () => {
  it.for(["tcp", "tls", "ws", "wss"])("ends at its timeout and goes elsewhere: %s", async (scheme, { expect }) => {
    const link = new Link<Frame, Frame>({ endpoints: [`${scheme}://127.0.0.1:${silent.port}`, endpoint.uri], shuffle: false, transports: [tcp(), websocket()], protocol: framed(), dialTimeout, stagger: Infinity, logger: false });
    const loop = new LoopLateness();
    const startedAt = performance.now();
    let failedAt = 0;
    const failed = new Promise<string>((resolve) => {
      link.once("failed", ({ error }) => {
        failedAt = performance.now();
        resolve(error.code);
      });
    });
    await link.open(); // Perhaps not with the next dial: a busy machine may need longer than the timeout for that one, too.
    const lateness = loop.stop();
    expect(await failed).toBe("HF_DIAL_TIMEOUT");
    expect(link.endpoint).toBe(endpoint.label);
    expect(failedAt - startedAt).toBeGreaterThanOrEqual(dialTimeout);
    expect(failedAt - startedAt).toBeLessThan(dialTimeout + 50 + lateness);
    await link.close();
  });
});

describe("redials", () => {
  it("keep their schedule on a loop that is 90 % busy", async ({ expect, onTestFinished }) => {
    const waits = 8;
    const link = new Link<Frame, Frame>({ endpoints: `tcp://127.0.0.1:${await freePort()}`, transports: [tcp()], protocol: framed(), backoff: constant(80), logger: false, maxAttempts: waits + 1 });
    const due: number[] = [];
    const dialled: number[] = [];
    link.on("waiting", ({ delay }) => { due.push(performance.now() + delay); });
    link.on("connecting", () => { dialled.push(performance.now()); });
    const stop = blockRepeatedly(45, 50);
    onTestFinished(stop);
    const loop = new LoopLateness();
    const error = await link.open().catch((reason: ConnectError) => reason);
    const lateness = loop.stop();
    const late = due.map((moment, at) => (dialled[at + 1] ?? Infinity) - moment);
    expect(error?.code).toBe("HF_GAVE_UP");
    expect(late.length).toBe(waits);
    // One may look early: where the process is put off between the link's look at the clock and ours.
    expect(late.filter((ms) => ms < -1).length).toBeLessThanOrEqual(1);
    expect(Math.max(...late)).toBeLessThan(50 + lateness);
  });
});
