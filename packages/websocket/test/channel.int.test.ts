import { isHoldfastError, parseEndpoint, type Channel, type HoldfastError, type LinkError } from "@holdfast/core";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { websocket } from "../src/index.ts";
import { dialed, meet, never, rawServer } from "./meeting.ts";
import { Recorder } from "./recorder.ts";

/** Both ends with a handler each. */
async function conversation(...options: Parameters<typeof meet>): Promise<{ near: Channel; far: Channel; heardNear: Recorder; heardFar: Recorder }> {
  const { near, far } = await meet(...options);
  const heardNear = new Recorder();
  const heardFar = new Recorder();
  near.receive(heardNear);
  far.receive(heardFar);
  return { near, far, heardNear, heardFar };
}

describe("frames", () => {
  it("carries text as strings and bytes as Uint8Arrays, also empty ones, in both directions", async () => {
    const { near, far, heardNear, heardFar } = await conversation();
    for (const channel of [near, far]) for (const frame of ["hé", Uint8Array.of(0, 255), "", new Uint8Array(0)]) channel.send(frame);
    await Promise.all([heardNear.until("frame", 4), heardFar.until("frame", 4)]);
    for (const { frames } of [heardNear, heardFar]) {
      expect([frames[0], frames[2]]).toEqual(["hé", ""]);
      expect(frames[1]).toBeInstanceOf(Uint8Array);
      expect([...(frames[1] as Uint8Array), ...(frames[3] as Uint8Array)]).toEqual([0, 255]);
    }
  });

  it("hands bytes over as a view of what the socket read, not as a copy", async () => {
    const { near, far, heardFar } = await conversation();
    near.send(new Uint8Array(100));
    await heardFar.until("frame");
    expect((heardFar.frames[0] as Uint8Array).buffer.byteLength).toBeGreaterThan(100);
    far.close();
  });

  it("keeps the order of many frames of all sizes", async () => {
    const { near, heardFar } = await conversation();
    const sent = Array.from({ length: 300 }, (_, index) => `${index}:${"x".repeat((index * 997) % 5000)}`);
    for (const frame of sent) near.send(frame);
    await heardFar.until("frame", sent.length);
    expect(heardFar.frames).toEqual(sent);
  });

  it("writes the frames of one turn together", async () => {
    const { near, heardFar } = await conversation();
    for (let index = 0; index < 50; index += 1) near.send(Uint8Array.of(index));
    await heardFar.until("frame", 50);
    // One read of the socket is one buffer.
    expect(new Set(heardFar.frames.map((frame) => (frame as Uint8Array).buffer)).size).toBe(1);
  });

  it("leaves the caller's bytes as they were", async () => {
    const { near, heardFar } = await conversation();
    const bytes = Uint8Array.of(1, 2, 3);
    near.send(bytes);
    await heardFar.until("frame");
    expect([...bytes]).toEqual([1, 2, 3]);
  });
});

describe("receive", () => {
  it("loses no frame that came before it, however late it is called", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const far = await sockets();
    for (const text of ["one", "two", "three"]) far.send(text);
    await roundTrip();
    const heard = new Recorder();
    channel.receive(heard);
    expect(heard.log).toEqual([]); // Never from inside the call.
    await heard.until("frame", 3);
    expect(heard.texts).toEqual(["one", "two", "three"]);
  });

  it("finds the frames that came in the same packet as the answer to the dial", async () => {
    const { uri, server } = await rawServer();
    server.on("connection", (ws) => { ws.send("at once"); ws.close(1000); });
    const heard = new Recorder();
    (await dialed(uri)).receive(heard);
    expect(await heard.end()).toBeUndefined();
    expect(heard.log).toEqual(["frame", "closed"]);
  });

  it("is paused until then: a peer that sends on and on is stopped by TCP", async () => {
    const { near, far } = await meet();
    far.resume?.(); // Means nothing yet.
    let sent = 0;
    while (near.send(new Uint8Array(64 * 1024)) && sent < 1000) sent += 1;
    await roundTrip();
    expect(sent).toBeLessThan(1000);
    expect(near.send("one more")).toBe(false);
    const heard = new Recorder();
    far.receive(heard);
    await heard.until("frame", sent + 2);
  });

  it("tells an end that came before it, and once", async () => {
    const { near } = await meet();
    near.abort(new Error("changed my mind"));
    await turn();
    await turn();
    const heard = new Recorder();
    near.receive(heard);
    expect(heard.ends).toEqual([]);
    expect(await heard.end()).toMatchObject({ message: "changed my mind" });
  });

  it("refuses to be called twice", async () => {
    const { near } = await meet();
    near.receive(new Recorder());
    expect(() => { near.receive(new Recorder()); }).toThrow("receive must be called once per channel");
  });
});

describe("pause and resume", () => {
  it("stops reading, and goes on where it stopped", async () => {
    const { near, far, heardFar } = await conversation();
    far.pause?.();
    let sent = 0;
    while (near.send(new Uint8Array(64 * 1024)) && sent < 1000) sent += 1;
    expect(sent).toBeLessThan(1000);
    const before = heardFar.frames.length;
    expect(before).toBeLessThan(sent);
    far.resume?.();
    await heardFar.until("frame", sent + 1);
  });

  it("stays paused when pause is called before receive, and resume does not start what nobody receives", async () => {
    const { near, far } = await meet();
    const heard = new Recorder();
    far.resume?.();
    far.pause?.();
    near.send("early");
    far.receive(heard);
    await roundTrip();
    expect(heard.log).toEqual([]);
    far.resume?.();
    await heard.until("frame");
  });
});

/** Time for anything that is under way on this machine: another connection is made, used and closed. */
async function roundTrip(): Promise<void> {
  const { near, heardFar, heardNear } = await conversation();
  near.send("there");
  await heardFar.until("frame");
  near.close();
  await heardNear.until("closed");
}

describe("backpressure", () => {
  it("says false while the socket holds too much, and drained exactly once when it does not", async () => {
    const { near, far } = await meet();
    const heard = new Recorder();
    near.receive(heard);
    let taken = 1;
    while (near.send(new Uint8Array(64 * 1024)) && taken < 1000) taken += 1;
    expect(near.send("one more")).toBe(false);
    expect(near.send("and another")).toBe(false);
    await roundTrip();
    expect(heard.log).toEqual([]);
    const heardFar = new Recorder();
    far.receive(heardFar);
    await heard.until("drained");
    await heardFar.until("frame", taken + 2);
    expect(near.send(new Uint8Array(70_000))).toBe(true); // More than Node's mark, and the kernel takes it at once.
    await heardFar.until("frame", taken + 3);
    await roundTrip();
    expect(heard.log).toEqual(["drained"]);
  });

  it("is not told about any more after close", async () => {
    const { near, far } = await meet();
    const heard = new Recorder();
    near.receive(heard);
    let taken = 1;
    while (near.send(new Uint8Array(64 * 1024)) && taken < 1000) taken += 1;
    near.close();
    far.receive(new Recorder());
    await heard.until("closed");
    expect(heard.log).toEqual(["closed"]);
  });

  it("does not take a busy turn for a slow peer", async () => {
    const { near, heardFar } = await conversation();
    const answers = Array.from({ length: 400 }, () => near.send(new Uint8Array(256)));
    expect(answers).not.toContain(false);
    await heardFar.until("frame", 400);
  });

  it("owes drained to a handler that comes later", async () => {
    const { near, far } = await meet();
    let taken = 1;
    while (near.send(new Uint8Array(64 * 1024)) && taken < 1000) taken += 1;
    const heardFar = new Recorder();
    far.receive(heardFar);
    await heardFar.until("frame", taken);
    await roundTrip();
    const heard = new Recorder();
    near.receive(heard);
    expect(heard.log).toEqual([]);
    await heard.until("drained");
    expect(heard.log).toEqual(["drained"]);
  });
});

describe("ping", () => {
  it("is answered by the peer's transport", async () => {
    const { near, heardNear, heardFar } = await conversation();
    near.ping?.();
    await heardNear.until("pong");
    expect(heardFar.log).toEqual([]);
  });

  it("believes no pong it did not ask for", async () => {
    const { uri, sockets } = await rawServer({ autoPong: false });
    const channel = await dialed(uri);
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    for (const guess of ["", "1", "2", "NaN"]) far.pong(guess);
    far.send("after");
    await heard.until("frame");
    channel.ping?.();
    const [data] = await once(far, "ping") as [Buffer];
    far.pong("wrong");
    far.pong(data);
    far.pong(data);
    far.send("after that");
    await heard.until("frame", 2);
    expect(heard.log).toEqual(["frame", "pong", "frame"]);
  });

  it("takes the answer to the last of several pings for an answer to all", async () => {
    const { uri, sockets } = await rawServer({ autoPong: false });
    const channel = await dialed(uri);
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    const asked: Buffer[] = [];
    far.on("ping", (data) => { asked.push(data); });
    channel.ping?.();
    channel.ping?.();
    channel.send("now");
    await once(far, "message");
    for (const data of asked.toReversed()) far.pong(data);
    far.send("after");
    await heard.until("frame");
    expect(heard.log).toEqual(["pong", "frame"]);
  });
});

describe("close", () => {
  it("flushes, says goodbye with code and reason, and is an orderly end here", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    const messages: string[] = [];
    far.on("message", (data) => { messages.push((data as Buffer).toString()); });
    channel.send("last words");
    channel.close({ code: 4000, reason: "moving house" });
    const [code, reason] = await once(far, "close") as [number, Buffer];
    expect([messages, code, reason.toString()]).toEqual([["last words"], 4000, "moving house"]);
    expect(await heard.end()).toBeUndefined();
  });

  it("says 1000 where no code is given, and where the code cannot be sent", async () => {
    for (const farewell of [undefined, { code: 1005 }, { code: 99 }]) {
      const { uri, sockets } = await rawServer();
      const channel = await dialed(uri);
      const far = await sockets();
      channel.close(farewell);
      expect((await once(far, "close"))[0]).toBe(1000);
    }
  });

  it("ignores what is sent afterwards, and never throws", async () => {
    const { near, heardFar, heardNear } = await conversation({ dialer: { maxFrameBytes: 10 } });
    near.close();
    expect(near.send("late")).toBe(false);
    expect(near.send(new Uint8Array(1000))).toBe(false);
    near.ping?.();
    near.close();
    await heardNear.until("closed");
    expect(near.send("later")).toBe(false);
    near.ping?.();
    near.pause?.();
    near.resume?.();
    near.close();
    near.abort(new Error("too late"));
    await heardFar.until("closed");
    await roundTrip();
    expect(heardFar.log).toEqual(["closed"]);
    expect(heardNear.log).toEqual(["closed"]);
  });

  it("ends soon even where nobody reads: paused, or accepted and turned away at once", async () => {
    const { near, far } = await meet();
    const heardNear = new Recorder();
    near.receive(heardNear);
    near.pause?.();
    near.send("unheard");
    near.close();
    near.pause?.();
    const heardFar = new Recorder();
    far.close({ code: 1013 });
    await heardNear.until("closed");
    await roundTrip();
    far.receive(heardFar);
    await heardFar.until("closed");
    expect(heardFar.log).toEqual(["closed"]);
  });

  it("cuts a peer that does not answer within closeTimeout", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri, { closeTimeout: 50 });
    const far = await sockets();
    far.pause();
    const heard = new Recorder();
    channel.receive(heard);
    channel.close();
    expect(await heard.end()).toMatchObject({ code: "HF_RESET", closeCode: 1006, message: expect.stringContaining("within 50 ms") as string });
  });

  it("is an orderly end on the other side, for 1000, 1001 and no code at all", async () => {
    for (const code of [1000, 1001, undefined]) {
      const { uri, sockets } = await rawServer();
      const heard = new Recorder();
      (await dialed(uri)).receive(heard);
      (await sockets()).close(code);
      expect(await heard.end()).toBeUndefined();
    }
  });
});

describe("abort", () => {
  it("drops what was not flushed and tells the error, once, and nothing after it", async () => {
    const { near, far, heardNear } = await conversation();
    for (let index = 0; index < 5; index += 1) far.send(`${index}`);
    const why = new Error("enough");
    near.abort(why);
    near.abort(new Error("again"));
    expect(near.send("late")).toBe(false);
    expect(await heardNear.end()).toBe(why);
    await roundTrip();
    expect(heardNear.log).toEqual(["closed"]);
  });

  it("keeps even frames back that came in the same packet", async () => {
    const { near, far } = await meet();
    for (let index = 0; index < 5; index += 1) far.send(`${index}`);
    const heard = new Recorder();
    near.receive({ drained: () => {}, pong: () => {}, closed: (error) => { heard.closed(error); }, frame: (frame) => { heard.frame(frame); near.abort(new Error("enough")); } });
    await heard.until("closed");
    expect(heard.texts).toEqual(["0"]);
  });

  it("keeps frames back that nobody received yet, too", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    (await sockets()).send("early");
    await roundTrip();
    const heard = new Recorder();
    channel.abort(new Error("enough"));
    channel.receive(heard);
    await heard.until("closed");
    expect(heard.log).toEqual(["closed"]);
  });

  it("looks to the peer like a lost connection", async () => {
    const { near, heardFar } = await conversation();
    near.abort(new Error("enough"));
    expect(await heardFar.end()).toMatchObject({ code: "HF_RESET", closeCode: 1006, next: "retry" });
  });

  it("ends a close that takes too long", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    (await sockets()).pause();
    const heard = new Recorder();
    channel.receive(heard);
    channel.close();
    const why = new Error("no more patience");
    channel.abort(why);
    expect(await heard.end()).toBe(why);
  });
});

describe("the peer's end", () => {
  async function endedBy(code: number, reason: string, options = {}): Promise<LinkError | undefined> {
    const { uri, sockets } = await rawServer();
    const heard = new Recorder();
    (await dialed(uri, options)).receive(heard);
    (await sockets()).close(code, reason);
    return await heard.end() as LinkError | undefined;
  }

  it("tells a close code that is not an orderly end, with what to do about it", async () => {
    const error = await endedBy(4401, "token\u0000 expired\u202E!");
    expect(error).toMatchObject({ name: "LinkError", code: "HF_CLOSED_BY_PEER", closeCode: 4401, next: "stop" });
    expect(error?.message).toMatch(/^ws:\/\/127\.0\.0\.1:\d+ closed with code 4401: token expired!$/);
    expect(await endedBy(1008, "")).toMatchObject({ next: "elsewhere" });
    expect(await endedBy(1011, "")).toMatchObject({ next: "retry" });
  });

  it("heeds the user's closeCodes, also for codes that are orderly otherwise", async () => {
    const closeCodes = { 1000: "elsewhere", 1008: "stop", 4401: "retry" } as const;
    expect(await endedBy(1000, "", { closeCodes })).toMatchObject({ closeCode: 1000, next: "elsewhere" });
    expect(await endedBy(1008, "", { closeCodes })).toMatchObject({ closeCode: 1008, next: "stop" });
    expect(await endedBy(4401, "", { closeCodes })).toMatchObject({ closeCode: 4401, next: "retry" });
    expect(await endedBy(4401, "", { closeCodes, headers: () => ({}) })).toMatchObject({ closeCode: 4401, next: "retry" });
  });

  it("takes bad credentials for those of one dial where a function gives them", async () => {
    expect(await endedBy(4401, "", { headers: () => ({ "x-token": "fresh" }) })).toMatchObject({ closeCode: 4401, next: "elsewhere" });
    expect(await endedBy(4403, "", { headers: { "x-token": "the same" } })).toMatchObject({ closeCode: 4403, next: "stop" });
  });

  it("keeps the error of the socket as the cause of a reset", async () => {
    const { uri, sockets } = await rawServer();
    const heard = new Recorder();
    (await dialed(uri)).receive(heard);
    ((await sockets()) as unknown as { _socket: Socket })._socket.resetAndDestroy();
    const error = await heard.end();
    expect(error).toMatchObject({ code: "HF_RESET", closeCode: 1006, cause: { code: "ECONNRESET" } });
    expect(heard.log).toEqual(["closed"]);
  });

  it("delivers what came before it, and the end after it", async () => {
    const { uri, sockets } = await rawServer();
    const heard = new Recorder();
    const channel = await dialed(uri);
    const far = await sockets();
    for (const text of ["a", "b"]) far.send(text);
    far.close(4000);
    await roundTrip();
    channel.receive(heard);
    await heard.until("closed");
    expect(heard.log).toEqual(["frame", "frame", "closed"]);
  });
});

describe("limits", () => {
  it("throws for a frame of ours that is longer than maxFrameBytes, measured in bytes, and goes on", async () => {
    const { near, heardFar } = await conversation({ dialer: { maxFrameBytes: 30 } });
    for (const frame of ["x".repeat(31), "€".repeat(11), new Uint8Array(31)]) {
      const error = thrownBy(() => near.send(frame));
      expect(error).toMatchObject({ name: "FrameError", code: "HF_FRAME_TOO_LONG", whose: "local" });
    }
    for (const frame of ["x".repeat(30), "€".repeat(10), new Uint8Array(30)]) near.send(frame);
    await heardFar.until("frame", 3);
  });

  it("ends the channel at a longer one of the peer, tells it so with 1009, and does not wait for its answer", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri, { maxFrameBytes: 100 });
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    far.send(new Uint8Array(100));
    far.send(new Uint8Array(101));
    far.send("unheard");
    expect(await heard.end()).toMatchObject({ name: "FrameError", code: "HF_FRAME_TOO_LONG", whose: "remote" });
    expect((await once(far, "close"))[0]).toBe(1009);
    expect(heard.log).toEqual(["frame", "closed"]);
  });

  it("ends the channel at a message in more pieces than maxFragments", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri, { maxFragments: 3 });
    const far = await sockets();
    const heard = new Recorder();
    channel.receive(heard);
    for (const fin of [false, false, true]) far.send("x", { fin });
    for (const fin of [false, false, false, true]) far.send("x", { fin });
    expect(await heard.end()).toMatchObject({ code: "HF_BAD_FRAME", whose: "remote" });
    expect(heard.texts).toEqual(["xxx"]);
  });

  it("ends the channel at bytes that are not UTF-8 in a text frame", async () => {
    const { uri, sockets } = await rawServer();
    const channel = await dialed(uri);
    const heard = new Recorder();
    channel.receive(heard);
    (await sockets()).send(Uint8Array.of(0xc3, 0x28), { binary: false });
    expect(await heard.end()).toMatchObject({ code: "HF_BAD_FRAME", whose: "remote" });
  });

  it("bounds what accepted channels take, too", async () => {
    const { near, heardFar } = await conversation({ listener: { maxFrameBytes: 10 } });
    near.send("x".repeat(11));
    expect(await heardFar.end()).toMatchObject({ code: "HF_FRAME_TOO_LONG", whose: "remote" });
  });

  it("does not compress, on either side", async () => {
    const { uri, sockets } = await rawServer({ perMessageDeflate: true });
    const channel = await websocket().dial(parseEndpoint(uri), { signal: never });
    const far = await sockets();
    expect(far.extensions).toBe("");
    channel.abort(new Error("done"));
  });
});

function thrownBy(act: () => unknown): HoldfastError | undefined {
  try {
    act();
  } catch (error) {
    return isHoldfastError(error) ? error : undefined;
  }
  return undefined;
}
