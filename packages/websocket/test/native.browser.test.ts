import { parseEndpoint, type Channel } from "@holdfast/core";
import { conformance } from "@holdfast/testkit/conformance";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { websocket, type WebSocketOptions } from "@holdfast/websocket";
import { Recorder } from "./recorder.ts";

const server = inject("websocketServer");
const never = new AbortController().signal;

async function dialed(uri: string, options: WebSocketOptions = {}): Promise<Channel> {
  const channel = await websocket(options).dial(parseEndpoint(uri), { signal: never });
  onTestFinished(() => { channel.abort(new Error("the test is over")); });
  return channel;
}

async function heard(uri: string, options: WebSocketOptions = {}): Promise<{ channel: Channel; recorder: Recorder }> {
  const channel = await dialed(uri, options);
  const recorder = new Recorder();
  channel.receive(recorder);
  return { channel, recorder };
}

async function failure(uri: string, options: WebSocketOptions = {}, signal: AbortSignal = never): Promise<unknown> {
  return await websocket(options).dial(parseEndpoint(uri), { signal }).then(() => { throw new Error("the dial succeeded"); }, (error: unknown) => error);
}

describe("websocket() in a browser", () => {
  conformance({ describe, it }, () => ({
    transport: websocket({ maxFrameBytes: 100_000 }),
    endpoint: server.echo,
    dead: server.dead,
    silent: `${server.stage}/silent`,
    oversize: `${server.stage}/oversize`,
  }), { echo: true, patience: 30_000 });
});

describe("the package in a browser", () => {
  it("is the browser's entry", () => {
    expect(websocket().traits).toMatchObject({ pings: false, pauses: false, listens: false });
    expect(() => websocket({ headers: {} } as WebSocketOptions)).toThrow("headers must be left out in a browser");
  });

  it("hands bytes over as Uint8Arrays and text as strings", async () => {
    const { channel, recorder } = await heard(server.echo);
    channel.send(Uint8Array.of(1, 2, 255).subarray(1));
    channel.send("grüße");
    await recorder.until("frame", 2);
    expect(recorder.frames).toEqual([Uint8Array.of(2, 255), "grüße"]);
  });
});

describe("the end of a channel in a browser", () => {
  it.each([1000, 1001])("is orderly with close code %i", async (code) => {
    const { recorder } = await heard(`${server.stage}/close/${code}/because`);
    expect(await recorder.end()).toBeUndefined();
    expect(recorder.log).toEqual(["frame", "closed"]);
  });

  it.each([[4401, "stop"], [1008, "elsewhere"], [1011, "retry"]])("with close code %i means %s", async (code, next) => {
    const uri = `${server.stage}/close/${code}/because`;
    const { recorder } = await heard(uri);
    expect(await recorder.end()).toMatchObject({ code: "HF_CLOSED_BY_PEER", closeCode: code, next, message: `${uri} closed with code ${code}: because` });
    expect(recorder.log).toEqual(["frame", "closed"]);
  });

  it("heeds closeCodes, also for an orderly code", async () => {
    const { recorder } = await heard(`${server.stage}/close/1000/x`, { closeCodes: { 1000: "elsewhere" } });
    expect(await recorder.end()).toMatchObject({ code: "HF_CLOSED_BY_PEER", closeCode: 1000, next: "elsewhere" });
  });

  it("without a close frame is a reset", async () => {
    const { recorder } = await heard(`${server.stage}/lost`);
    expect(await recorder.end()).toMatchObject({ code: "HF_RESET", closeCode: 1006 });
  });

  it("carries our code and reason to the peer, and 1000 for a code that scripts may not send", async () => {
    const { recorder: witness } = await heard(`${server.stage}/witness`);
    await witness.until("frame");
    (await dialed(`${server.stage}/leaver`)).close({ code: 4000, reason: "moving" });
    await witness.until("frame", 2);
    (await dialed(`${server.stage}/leaver`)).close({ code: 1001, reason: "€".repeat(99) });
    await witness.until("frame", 3);
    expect(witness.texts).toEqual(["ready", "4000 moving", `1000 ${"€".repeat(41)}`]);
  });

  it("leaves a socket that the server sees closing after an abort", async () => {
    const { recorder: witness } = await heard(`${server.stage}/witness`);
    await witness.until("frame");
    const { channel, recorder } = await heard(`${server.stage}/leaver`);
    const why = new Error("enough");
    channel.abort(why);
    expect(await recorder.end()).toBe(why);
    await witness.until("frame", 2);
    expect(recorder.log).toEqual(["closed"]);
  });
});

describe("backpressure in a browser", () => {
  it("says false while much waits, and drained once when the peer has taken it", async () => {
    const { channel, recorder } = await heard(`${server.stage}/sleeper`);
    let sent = 0;
    while (channel.send(new Uint8Array(60_000)) && sent < 100) sent += 1;
    expect(sent).toBeLessThan(100);
    for (let index = 0; index < 200; index += 1) channel.send(new Uint8Array(60_000)); // More than the kernel takes for a sleeper.
    expect(recorder.log).toEqual([]);
    await dialed(`${server.stage}/wake`);
    await recorder.until("drained");
    expect(recorder.log).toEqual(["drained"]);
  });
});

describe("a dial in a browser", () => {
  it("says what a script can know when it is refused, and no secret", async () => {
    for (const uri of [server.dead, `${server.stage}/refuse`, server.guarded]) {
      const error = await failure(`${uri}?token=s3cr3t`);
      expect(error).toMatchObject({ name: "ConnectError", code: "HF_DIAL_FAILED", next: "retry" });
      expect(String(error)).not.toContain("s3cr3t");
    }
  });

  it("offers subprotocols, fresh each time", async () => {
    const tokens = ["one", "two"];
    const options = { protocols: async () => tokens.shift() ?? "" };
    for (const token of ["one", "two"]) {
      const { recorder } = await heard(`${server.stage}/protocol`, options);
      await recorder.until("frame");
      expect(recorder.texts).toEqual([token]);
    }
    expect(await failure(`${server.stage}/protocol`, { protocols: "not a token" })).toMatchObject({ code: "HF_DIAL_FAILED" });
  });

  it("rejects with the reason when it is aborted while it connects, and leaves no socket", async () => {
    const controller = new AbortController();
    const outcome = failure(`${server.stage}/silent`, {}, controller.signal);
    const reason = new Error("too slow");
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    const late = new AbortController();
    const raced = failure(`${server.stage}/late`, {}, late.signal);
    late.abort(reason);
    expect(await raced).toBe(reason);
    await dialed(server.echo); // Whatever the aborted dial had under way has arrived before this one.
    await expect.poll(async () => await (await fetch(server.stageHttp)).text()).toBe("0");
  });
});
