import { request } from "node:http";
import { connect } from "node:net";
import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import type { KeptSession } from "../../src/keeper/kept-session.ts";
import { dribblers } from "../acceptance/dribblers.ts";
import { forge, kinds as forgeries, type Loot } from "./forgery.ts";
import { kinds, once, stand, type RawClient, type Stand } from "./real.ts";
import { ack, attachFrame, bytesOf, credentialOf, data, goodbye, openFrame, ping, pong } from "./scripted-client.ts";

const [overTcp, overWebSocket] = kinds as [typeof kinds[number], typeof kinds[number]];

async function open(there: Stand): Promise<RawClient> {
  const client = await there.dial();
  client.say(openFrame());
  await client.next("opened");
  return client;
}

describe.each(kinds)("a keeper on $scheme", (kind) => {
  it("opens a session, handles messages and answers them, each in one commit", async () => {
    await using there = await stand(kind);
    const client = await open(there);
    client.say(...Array.from({ length: 100 }, (_, at) => data(`m${at}`)), ping(1, { sent: 100 }));
    await client.count("data", 100);
    const answers = client.frames.filter((frame) => frame.type === "data");
    expect(answers.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(Array.from({ length: 100 }, (_, at) => `m${at}`));
    expect(await client.next("pong")).toMatchObject({ nonce: 1 });
    expect(Math.max(...client.frames.map((frame) => ("acked" in frame ? frame.acked ?? 0 : 0)))).toBe(100);
  });

  it("goes on with it on another channel after the first one broke, with what was not received", async () => {
    await using there = await stand(kind);
    const client = await open(there);
    client.say(data("one"), data("two"));
    await client.count("data", 2);
    const gone = once(there.keeper, "detached");
    client.abort();
    await gone;
    await there.keeper.send([...there.keeper.sessions.keys()][0] ?? Buffer.from(credentialOf(client.frames[0]).id).toString("hex"), "meanwhile");
    const second = await there.dial();
    second.say(attachFrame(credentialOf(client.frames[0]), { sent: 2, received: 1 }));
    expect(await second.next("attached")).toMatchObject({ epoch: 2, received: 2, replayFrom: 2 });
    await second.count("data", 2);
    expect(second.frames.flatMap((frame) => (frame.type === "data" ? [new TextDecoder().decode(frame.payload)] : []))).toEqual(["two", "meanwhile"]);
  });

  it("tells the old channel MOVED, a wrong greeting REFUSED, and the end of a session CLOSE: all of it arrives before the channel ends", async () => {
    await using there = await stand(kind);
    const client = await open(there);
    const second = await there.dial();
    second.say(attachFrame(credentialOf(client.frames[0])));
    expect(await client.next("moved")).toEqual({ type: "moved", epoch: 2 });
    await client.end();
    const third = await there.dial();
    third.say(attachFrame(credentialOf(client.frames[0]), { attach: 1 }));
    expect(await third.next("refused")).toMatchObject({ code: codes.staleAttach });
    await third.end();
    await second.next("attached");
    second.say(data("last"), goodbye());
    expect(await second.next("close")).toMatchObject({ code: codes.normal, received: 1 });
    await second.end();
  });

  it("hangs up with FLOW on a client that goes past its window, and takes what was within it on the next channel", async () => {
    const stuck = Promise.withResolvers<void>();
    await using there = await stand(kind, { handle: () => stuck.promise, limits: { windowMessages: 4, handoverTimeout: 0 } });
    const client = await open(there);
    const told = once(there.keeper, "failed");
    client.say(...Array.from({ length: 5 }, (_, at) => data(`m${at}`)));
    expect(await client.next("close")).toMatchObject({ code: codes.flow, received: 0, reason: "more than the 4 messages of the window" });
    await client.end();
    expect(await told).toMatchObject({ error: { code: "HF_SESSION_PROTOCOL", message: expect.stringContaining("(4426)") as string } });
    const second = await there.dial();
    second.say(attachFrame(credentialOf(client.frames[0]), { sent: 5 }));
    expect(await second.next("attached")).toMatchObject({ received: 0 });
    stuck.resolve();
    second.say(...Array.from({ length: 4 }, (_, at) => data(`m${at}`)));
    for (let acks = 1; !second.frames.some((frame) => frame.type === "ack" && frame.acked === 4); acks += 1) await second.count("ack", acks);
  });

  it("is pinged by its clients and pings them: both sides live on", async () => {
    await using there = await stand(kind, {}, { interval: 100 });
    const client = await open(there);
    client.say(ping(1));
    expect(await client.next("pong")).toMatchObject({ nonce: 1, acked: 0, sent: 0 });
    const [peer] = [...there.server.peers.values()];
    client.onFrame = (frame) => { if (frame.type === "ping") client.say(pong(frame.nonce)); };
    await client.count("ping", client.frames.filter(({ type }) => type === "ping").length + 3);
    client.say(ping(2));
    await client.count("pong", 2);
    expect(peer?.rtt).toBeDefined();
    expect(client.closed).toBe(false);
  });

  it("moves its clients away when the server drains, and says goodbye to those that stay", async () => {
    await using there = await stand(kind);
    const client = await open(there);
    const drained = there.server.drain({ within: 50, spread: 10 });
    expect(await client.next("goAway")).toEqual({ type: "goAway", within: 50, spread: 10 });
    expect(await client.next("close")).toMatchObject({ code: codes.goingAway });
    await drained;
    await client.end();
    expect(there.keeper.sessions.size).toBe(0);
  });

  it("takes large messages in fragments, both ways", async () => {
    await using there = await stand(kind);
    const client = await open(there);
    const session = [...there.keeper.sessions.values()][0] as KeptSession;
    session.send("x".repeat(200_000));
    await client.count("data", 4);
    client.say(ack(1));
    expect(client.frames.filter((frame) => frame.type === "data").map(({ more }) => more)).toEqual([true, true, true, false]);
  });
});

describe("T1: a session, over real sockets", () => {
  it("is not taken by 10 000 forged, replayed and late attaches", { timeout: 120_000 }, async () => {
    await using there = await stand(overTcp, { limits: { failuresPerMinute: Infinity } });
    const victim = await open(there);
    const own = credentialOf((await open(there)).frames[0]);
    const credential = credentialOf(victim.frames[0]);
    const honest = await there.dial();
    honest.onFrame = (frame) => { if (frame.type === "ping") honest.say(pong(frame.nonce)); };
    honest.say(attachFrame(credential, { attach: 5 }));
    const { epoch } = await honest.next("attached");
    const random = seededRandom(11);
    const loot: Loot = { random, victim: credential, recorded: [attachFrame(credential, { attach: 4 }), attachFrame(credential, { attach: 5 })], own, claim: () => ({ attach: Math.floor(random() * 2 ** 50) }) };
    let refused = 0;
    const attempt = async (kind: (typeof forgeries)[number]): Promise<void> => {
      const client = await there.dial();
      client.say(forge(kind, loot));
      await client.end();
      if (client.frames.length === 1 && client.frames[0]?.type === "refused") refused += 1;
    };
    for (let at = 0; at < 10_000; at += 50) await Promise.all(Array.from({ length: 50 }, (_, one) => attempt(forgeries[(at + one) % forgeries.length] ?? "a replay")));
    expect(refused).toBe(10_000);
    honest.say(data("still mine"));
    await honest.next("data");
    expect([...there.keeper.sessions.values()].map(({ epoch: now }) => now)).toContain(epoch);
  });
});

describe("T12: half-open and dribbling sockets", { timeout: 90_000 }, () => {
  it("are thrown out at the greeting's deadline, and keep no honest client from coming in; nothing stays of them", async () => {
    const { held, ended, failed, honest, before, during, after } = await dribblers({ sockets: 500, lasts: 8_000, perAddress: 1e6 });
    expect(held).toBeGreaterThan(250); // All of them, unless the machine is slower than the deadline.
    expect(ended).toBeGreaterThan(250);
    expect(honest.length).toBeGreaterThanOrEqual(10);
    expect(failed).toBe(0);
    expect(after.weight - before.weight).toBeLessThan(during.weight - before.weight);
  });

  it("that have greeted and go on with a frame that never ends are silent peers", async () => {
    await using there = await stand(overTcp, {}, { interval: 100, timeout: 100, maxMisses: 1 });
    const gone = new Promise<unknown>((resolve) => { there.server.on("peerGone", resolve); });
    const socket = connect(there.listener.endpoint.port, "127.0.0.1").on("error", () => { /* It is thrown out. */ });
    const greeting = openFrame();
    socket.write(Buffer.concat([Uint8Array.of(greeting.length), greeting]));
    await new Promise((resolve) => { socket.once("data", resolve); });
    socket.write(Uint8Array.of(100));
    const dribble = setInterval(() => { socket.write(Uint8Array.of(0)); }, 50);
    try {
      expect(await gone).toMatchObject({ cause: "heartbeat" });
    } finally {
      clearInterval(dribble);
      socket.destroy();
    }
  });
});

describe("T25: a page of somebody else", () => {
  it("is refused before a byte of a session is spoken", async () => {
    await using there = await stand(overWebSocket);
    const status = await new Promise<number>((resolve, reject) => {
      request(there.uri.replace("ws:", "http:"), { headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": Buffer.alloc(16).toString("base64"), origin: "https://evil.example" } })
        .on("response", (response) => { resolve(response.statusCode ?? 0); response.resume(); }).on("upgrade", () => { reject(new Error("it was let in")); }).on("error", reject).end();
    });
    expect(status).toBe(403);
    expect(there.keeper.sessions.size).toBe(0);
  });
});

describe("T13: a flood over a real socket", () => {
  it("of pings ends with RATE, and an honest client is served meanwhile", async () => {
    await using there = await stand(overTcp);
    const [flooder, honest] = [await open(there), await open(there)];
    const frame = ping(1);
    for (let at = 0; at < 100_000; at += 1) flooder.say(frame);
    honest.say(data("hello"));
    expect(await honest.next("data")).toMatchObject({ payload: bytesOf("hello") });
    expect(await flooder.next("close")).toMatchObject({ code: codes.rate });
    expect(flooder.frames.filter(({ type }) => type === "pong").length).toBeLessThanOrEqual(6);
  });
});
