import { describe, expect, it } from "vitest";
import { ConnectError, parseEndpoint } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { createServer, type AddressInfo } from "node:net";
import { tcp } from "../src/index.ts";
import { deaf } from "./deaf.ts";
import { Ear } from "./ear.ts";
import { bare, dial, pair } from "./pair.ts";

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** Sockets of this process, connected or not. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap" || name === "TCPConnectWrap").length;
}

/** The number of sockets once no more of them are being closed, which takes a turn or two: those of the test before, or our own. */
async function socketsLeft(): Promise<number> {
  let count = sockets();
  for (let still = 0; still < 10; still++) {
    await turn();
    if (sockets() !== count) still = 0;
    count = sockets();
  }
  return count;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const { port } = server.address() as AddressInfo; // Listening on a port.
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

describe("dial", () => {
  it("says what was dialled, why it failed, and what to do", async () => {
    const port = await closedPort();
    const before = await socketsLeft();
    const error: unknown = await dial(tcp(), `tcp://user:secret@127.0.0.1:${port}?token=secret`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: "HF_DIAL_FAILED", next: "retry", endpoint: `tcp://127.0.0.1:${port}?…`, cause: { code: "ECONNREFUSED" } });
    expect(String(error)).toBe(`ConnectError: could not connect to tcp://127.0.0.1:${port}?… (ECONNREFUSED); nothing listens there: is the server started?`);
    expect(await socketsLeft()).toBe(before);
  });

  it("tries all addresses of a host name", async () => {
    const server = createServer((socket) => { socket.end("here\n"); });
    await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
    const { port } = server.address() as AddressInfo; // Only on IPv4, and localhost may mean IPv6 first.
    const channel = await dial(tcp(), `tcp://localhost:${port}`);
    const ear = new Ear();
    channel.receive(ear);
    await ear.end();
    expect(ear.heard).toEqual(["frame here", "closed"]);
    await new Promise((resolve) => { server.close(resolve); });
  });

  it("rejects with the reason of an abort, at once and without dialling when it came first", async () => {
    const before = await socketsLeft();
    const reason = new Error("changed my mind");
    const dialing = dial(tcp(), "tcp://127.0.0.1:9", AbortSignal.abort(reason));
    expect(sockets()).toBe(before);
    await expect(dialing).rejects.toBe(reason);
  });

  it("rejects with the reason when it is aborted while nobody answers, and leaves no socket", async () => {
    await using hung = await deaf({ host: "127.0.0.1", port: 0 });
    const before = await socketsLeft();
    const stop = new AbortController();
    const dialing = dial(tcp(), `tcp://127.0.0.1:${hung.port}`, stop.signal);
    await turn();
    expect(sockets()).toBeGreaterThan(before);
    const reason = new Error("took too long");
    stop.abort(reason);
    await expect(dialing).rejects.toBe(reason);
    expect(await socketsLeft()).toBe(before);
  });

  it("heeds AbortSignal.timeout, as a dial timeout does", async () => {
    await using hung = await deaf({ host: "127.0.0.1", port: 0 });
    const before = await socketsLeft();
    await expect(dial(tcp(), `tcp://127.0.0.1:${hung.port}`, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await socketsLeft()).toBe(before);
  });

  it("leaves no socket when it is aborted in the turn in which it dials", async () => {
    await using hung = await deaf({ host: "127.0.0.1", port: 0 });
    const before = await socketsLeft();
    const stop = new AbortController();
    const dialing = dial(tcp(), `tcp://127.0.0.1:${hung.port}`, stop.signal);
    stop.abort(new Error("changed my mind"));
    await expect(dialing).rejects.toThrow("changed my mind");
    expect(await socketsLeft()).toBe(before);
  });

  it("is not affected by an abort after it has connected", async () => {
    await using server = await bare();
    const stop = new AbortController();
    const channel = await dial(tcp(), server.uri, stop.signal);
    stop.abort();
    const ear = new Ear();
    channel.receive(ear);
    (await server.socket).end("still here\n");
    await ear.end();
    expect(ear.heard).toEqual(["frame still here", "closed"]);
  });

  it("holds no alarm while the channel lives, nor after it has closed", async () => {
    const clock = new SimClock();
    await using both = await pair(tcp({ clock }));
    const near = new Ear();
    both.near.receive(near);
    both.far.receive(new Ear());
    both.near.send("a");
    expect(clock.pending).toBe(0);
    both.near.close();
    await near.end();
    await turn();
    expect(clock.pending).toBe(0);
  });

  it("shows the endpoint as the remote of the channel", async () => {
    await using both = await pair();
    expect(both.near.remote.label).toBe(both.listener.endpoint.label);
    expect(both.far.remote.label).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(parseEndpoint(both.far.remote.uri).port).toBeGreaterThan(0);
  });
});
