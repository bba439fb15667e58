import { parseEndpoint, type Alarm, type Channel, type Clock, type LinkError } from "@holdfast/core";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { websocket, type WebSocketOptions } from "../src/browser.ts";
import { mailbox, never, rawServer, tcpServer } from "./meeting.ts";
import { Recorder } from "./recorder.ts";

// The native WebSocket of Node shares the interface of the browsers', so most of what is promised for them is tried here, fast; what
// differs among runtimes is tried in a browser.

async function dialed(uri: string, options: WebSocketOptions = {}): Promise<Channel> {
  const channel = await websocket(options).dial(parseEndpoint(uri), { signal: never });
  onTestFinished(() => { channel.abort(new Error("the test is over")); });
  return channel;
}

async function failure(uri: string, options: WebSocketOptions = {}, signal: AbortSignal = never): Promise<unknown> {
  return await websocket(options).dial(parseEndpoint(uri), { signal }).then(() => { throw new Error("the dial succeeded"); }, (error: unknown) => error);
}

/** Stands still until a test moves it. */
function handClock(): { clock: Clock; ring: () => void; waiting: () => number } {
  const alarms = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    alarm: (_, wake): Alarm => {
      const ring = (): void => { wake(); };
      alarms.add(ring);
      return { cancel: () => { alarms.delete(ring); } };
    },
    turn: (wake) => { wake(); },
  };
  return {
    clock,
    ring: () => {
      for (const ring of [...alarms]) {
        alarms.delete(ring);
        ring();
      }
    },
    waiting: () => alarms.size,
  };
}

describe("a native channel", () => {
  it("carries text and bytes both ways", async () => {
    const { uri, server } = await rawServer();
    server.on("connection", (ws) => ws.on("message", (data, isBinary) => { ws.send(data, { binary: isBinary }); }));
    const heard = new Recorder();
    const channel = await dialed(uri);
    channel.receive(heard);
    expect(channel.send("hé")).toBe(true);
    channel.send(Uint8Array.of(0, 255));
    channel.send("");
    await heard.until("frame", 3);
    expect(heard.frames).toEqual(["hé", Uint8Array.of(0, 255), ""]);
  });

  it("keeps what came before receive, and never calls from inside it", async () => {
    const { uri, server } = await rawServer();
    server.on("connection", (ws) => { for (const text of ["one", "two"]) ws.send(text); ws.close(4000); });
    const channel = await dialed(uri);
    const [ws] = [...server.clients];
    if (ws !== undefined) await once(ws, "close");
    const heard = new Recorder();
    channel.receive(heard);
    expect(heard.log).toEqual([]);
    await heard.until("closed");
    expect(heard.texts).toEqual(["one", "two"]);
    expect(heard.log).toEqual(["frame", "frame", "closed"]);
  });

  it("ends when more comes before receive than may wait", async () => {
    const { uri, server, sockets } = await rawServer();
    server.on("connection", (ws) => { for (let index = 0; index < 30; index += 1) ws.send("x".repeat(9)); });
    const channel = await dialed(uri, { maxFrameBytes: 10 });
    await once(await sockets(), "close");
    const heard = new Recorder();
    channel.receive(heard);
    expect(await heard.end()).toMatchObject({ name: "LinkError", code: "HF_ABORTED" });
    expect(heard.count("frame")).toBeLessThan(4);
  });

  it("says goodbye with code and reason, and is an orderly end then", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    channel.close({ code: 4000, reason: "moving" });
    const [code, reason] = await once(far, "close") as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4000, "moving"]);
    expect(await heard.end()).toBeUndefined();
    expect(channel.send("late")).toBe(false);
    channel.close();
    channel.abort(new Error("late"));
    expect(heard.log).toEqual(["closed"]);
  });

  it("leaves no timer behind, and forgets what nobody will ask for, when it is closed before receive", async () => {
    const { uri, sockets } = await rawServer();
    const { clock, waiting } = handClock();
    const channel = await dialed(uri, { clock });
    const far = await sockets();
    channel.close();
    expect(waiting()).toBe(1);
    for (const text of ["one", "two"]) far.send(text);
    await once(far, "close");
    const heard = new Recorder();
    channel.receive(heard);
    expect(await heard.end()).toBeUndefined();
    expect(heard.log).toEqual(["closed"]);
    expect(waiting()).toBe(0);
  });

  it("says 1000 for a code that scripts may not send", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const far = await sockets();
    channel.close({ code: 1001 });
    expect((await once(far, "close"))[0]).toBe(1000);
  });

  it("does not wait for the peer's close frame for ever", async () => {
    const { uri, sockets } = await rawServer();
    const { clock, ring, waiting } = handClock();
    const channel = await dialed(uri, { clock });
    (await sockets()).pause();
    const heard = new Recorder();
    channel.receive(heard);
    channel.close();
    ring();
    expect(await heard.end()).toMatchObject({ code: "HF_RESET" });
    expect(waiting()).toBe(0);
  });

  it("tells the peer's close code, and what it means", async () => {
    const closeCodes = { 1000: "elsewhere" } as const;
    for (const [code, options, next] of [[4401, {}, "stop"], [4401, { protocols: async () => [] }, "elsewhere"], [1000, { closeCodes }, "elsewhere"], [1000, {}, undefined], [1001, {}, undefined]] as const) {
      const { uri, sockets } = await rawServer();
      const heard = new Recorder();
      (await dialed(uri, options)).receive(heard);
      (await sockets()).close(code);
      expect((await heard.end() as LinkError | undefined)?.next).toBe(next);
    }
  });

  it("tells a lost connection", async () => {
    const { uri, sockets } = await rawServer();
    const heard = new Recorder();
    (await dialed(uri)).receive(heard);
    (await sockets()).terminate();
    expect(await heard.end()).toMatchObject({ code: "HF_RESET", closeCode: 1006 });
  });

  it("aborts: the error once, and nothing after it, also from within a frame", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const far = await sockets();
    for (const text of ["one", "two", "three"]) far.send(text);
    await dialed(uri); // They have come by then, and wait.
    const why = new Error("enough");
    const heard = new Recorder();
    channel.receive({ drained: () => {}, pong: () => {}, closed: (error) => { heard.closed(error); }, frame: (frame) => { heard.frame(frame); channel.abort(why); } });
    expect(await heard.end()).toBe(why);
    await once(far, "close");
    expect(heard.log).toEqual(["frame", "closed"]);
    expect(channel.send("late")).toBe(false);
  });

  it("says false while too much waits, and drained once when it does not", async () => {
    const { uri, sockets } = await rawServer();
    const { clock, ring, waiting } = handClock();
    const channel = await dialed(uri, { clock });
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    expect(channel.send("small")).toBe(true);
    expect(waiting()).toBe(0);
    const answers = Array.from({ length: 5 }, () => channel.send(new Uint8Array(60_000)));
    expect(answers).toEqual([true, false, false, false, false]);
    expect(waiting()).toBe(1);
    ring();
    expect(heard.log).toEqual([]);
    let arrived = 0;
    await new Promise<void>((resolve) => { far.on("message", () => { arrived += 1; if (arrived === 6) resolve(); }); });
    ring();
    expect(heard.log).toEqual(["drained"]);
    expect(waiting()).toBe(0);
    expect(channel.send("again")).toBe(true);
  });

  it("notices at an inbound frame, too, that the buffer has emptied", async () => {
    const { uri, server } = await rawServer();
    server.on("connection", (ws) => ws.on("message", () => { ws.send("got it"); }));
    const { clock, waiting } = handClock();
    const channel = await dialed(uri, { clock });
    const heard = new Recorder();
    channel.receive(heard);
    expect(channel.send(new Uint8Array(100_000))).toBe(false);
    await heard.until("drained");
    expect(heard.log).toEqual(["frame", "drained"]);
    expect(waiting()).toBe(0);
  });

  it("ends at a frame longer than maxFrameBytes, and throws for one of ours", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri, { maxFrameBytes: 30 });
    const heard = new Recorder();
    channel.receive(heard);
    for (const frame of ["x".repeat(31), "€".repeat(11), new Uint8Array(31)]) expect(() => channel.send(frame)).toThrow("maxFrameBytes (30)");
    for (const frame of ["x".repeat(30), "€".repeat(10), new Uint8Array(30)]) expect(channel.send(frame)).toBe(true);
    (await sockets()).send("€".repeat(11));
    expect(await heard.end()).toMatchObject({ name: "FrameError", code: "HF_FRAME_TOO_LONG", whose: "remote" });
  });
});

describe("a native dial", () => {
  it("says what a script can know when it fails, and no secret", async () => {
    const { uri, server } = await tcpServer(() => {});
    server.close();
    const error = await failure(`${uri}?token=s3cr3t`);
    expect(error).toMatchObject({ name: "ConnectError", code: "HF_DIAL_FAILED", next: "retry", endpoint: `${uri.slice(0, -1)}?…` });
    expect(String(error)).not.toContain("s3cr3t");
  });

  it("offers fresh subprotocols, and fails when their function throws or gives what cannot be offered", async () => {
    const { uri, server } = await rawServer();
    const offered = mailbox<string | undefined>();
    server.on("connection", (_, request) => { offered.put(request.headers["sec-websocket-protocol"]); });
    const tokens = ["a", "b"];
    const options: WebSocketOptions = { protocols: async () => [tokens.shift() ?? ""] };
    await dialed(uri, options);
    await dialed(uri, options);
    expect([await offered.take(), await offered.take()]).toEqual(["a", "b"]);
    expect(await failure(uri, options)).toMatchObject({ code: "HF_DIAL_FAILED" });
    expect(await failure(uri, { protocols: () => { throw new Error("no token"); } })).toMatchObject({ code: "HF_DIAL_FAILED", cause: { message: "no token" } });
  });

  it("rejects with the reason when it is aborted: before, while it asks for protocols, and while it connects", async () => {
    const reason = new Error("not now");
    expect(await failure("ws://127.0.0.1:1/", {}, AbortSignal.abort(reason))).toBe(reason);
    const asking = new AbortController();
    const first = failure("ws://127.0.0.1:1/", { protocols: () => new Promise(() => {}) }, asking.signal);
    asking.abort(reason);
    expect(await first).toBe(reason);
    const { promise, resolve } = Promise.withResolvers<string[]>();
    const silent = await tcpServer(() => {});
    const late = new AbortController();
    const third = failure(silent.uri, { protocols: () => promise }, late.signal);
    late.abort(reason);
    expect(await third).toBe(reason);
    resolve([]);
    await dialed((await rawServer()).uri); // Time enough for a connection.
    expect(silent.connections.size).toBe(0);
    const arrived = mailbox<true>();
    const gone = mailbox<true>();
    const { uri } = await tcpServer((socket) => {
      arrived.put(true);
      socket.resume().on("close", () => { gone.put(true); });
    });
    const connecting = new AbortController();
    const second = failure(uri, {}, connecting.signal);
    await arrived.take();
    connecting.abort(reason);
    expect(await second).toBe(reason);
    expect(await gone.take()).toBe(true);
  });
});
