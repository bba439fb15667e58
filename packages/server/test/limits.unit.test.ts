import { json, text, type Frame } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { addressOf } from "../src/admission.ts";
import { framedScene, hello, scene } from "./scene.ts";

describe("the limits of a server", () => {
  it("maxPeers: refuses one more at once, with an event, and takes the next when somebody left", async () => {
    const { dial, link, pass, diary, network } = await framedScene({ limits: { maxPeers: 2 } });
    const alice = link("alice");
    link("bob");
    await pass(50);
    const third = await dial("carol");
    await pass(50);
    expect(third.ended).toEqual(["closed"]);
    expect(network.open).toBe(2);
    alice.abort();
    await pass(50);
    const fourth = await dial("dave");
    fourth.channel.send(hello);
    await pass(50);
    expect(fourth.ended).toEqual([]);
    expect(diary).toEqual(["peer 1", "peer 2", "refused carol: maxPeers", "gone 1: reset", "peer 3"]);
  });

  it("maxPeers: counts those who have not greeted yet", async () => {
    const { dial, diary } = await framedScene({ limits: { maxPeers: 1 } });
    await dial("mute");
    await dial("late");
    expect(diary).toEqual(["refused late: maxPeers"]);
  });

  it("maxPeers: cuts a flood without a word when too many are being refused at once", async () => {
    const { dial, dialMany, pass, diary, network } = await framedScene({ limits: { maxPeers: 1 } });
    await dial("first");
    const flood = await dialMany("flood", 200);
    await pass(50);
    expect(diary.length).toBe(200);
    expect(flood.filter(({ ended }) => ended[0] === "closed").length).toBe(64);
    expect(flood.filter(({ ended }) => ended[0]?.includes("reset")).length).toBe(136);
    expect(network.open).toBe(1);
  });

  it("maxPeersPerAddress: one address cannot take the seats of the others", async () => {
    const { dial, diary } = await framedScene({ limits: { maxPeersPerAddress: 2 } });
    for (const name of ["greedy", "greedy", "greedy", "modest"]) await dial(name);
    expect(diary).toEqual(["refused greedy: maxPeersPerAddress"]);
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
  ])("maxPeersPerAddress: %s counts as %s", (host, address) => {
    expect(addressOf(host)).toBe(address);
  });

  it("greetingTimeout: closes who connects and says nothing, and the others never notice", async () => {
    const { dial, link, pass, diary, network } = await framedScene({ limits: { greetingTimeout: 1_000 } });
    const mute = await dial("mute");
    link("alice");
    await pass(900);
    expect(mute.ended).toEqual([]);
    await pass(200);
    expect(mute.ended).toEqual(["closed"]);
    expect(diary).toEqual(["peer 2", "refused mute: greetingTimeout"]);
    expect(network.open).toBe(1);
  });

  it("greetingTimeout: blames nobody for a greeting that came while the event loop slept", async () => {
    const { clock, dial, pass, diary } = await framedScene({ limits: { greetingTimeout: 1_000 } });
    const { channel } = await dial("patient");
    channel.send(hello);
    clock.stall(5_000);
    await pass(50);
    expect(diary).toEqual(["peer 1"]);
  });

  it("names the error of a refusal, and what to do", async () => {
    const { server, dial, pass } = await framedScene({ limits: { maxPeersPerAddress: 1, greetingTimeout: 100 } });
    const errors: unknown[] = [];
    server.on("refused", ({ error }) => { errors.push([error?.code, error?.message]); });
    await dial("eve");
    await dial("eve");
    await pass(200);
    expect(errors).toEqual([
      ["HF_TOO_MANY_PEERS", "memory://eve was refused: 1 peers are connected from eve. Raise limits.maxPeersPerAddress; behind a proxy, set Infinity"],
      ["HF_GREETING_TIMEOUT", "memory://eve connected and did not greet within 100 ms: closed. Raise limits.greetingTimeout if that is too short"],
    ]);
  });

  it("tells of a connection that went away before it greeted, and of one that speaks something else", async () => {
    const { dial, pass, diary } = await framedScene();
    const probe = await dial("balancer");
    probe.channel.close();
    const browser = await dial("browser");
    browser.channel.send("GET / HTTP/1.1");
    await pass(50);
    expect(diary).toEqual(["refused balancer: left", "refused browser: greeting"]);
    expect(browser.ended.length).toBe(1);
  });

  it("stalledAfter: aborts a peer that takes nothing, and counts what it did not get", async () => {
    const { server, dial, pass, diary } = await framedScene({ heartbeat: false, limits: { stalledAfter: 2_000 } });
    const { channel, ended } = await dial("deaf");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const dropped: unknown[] = [];
    server.peers.get(1)?.on("dropped", ({ why }) => { dropped.push(why); });
    server.broadcast("x".repeat(70_000));
    server.broadcast("waits");
    await pass(1_900);
    expect(diary).toEqual(["peer 1"]);
    await pass(200);
    expect(diary).toEqual(["peer 1", "gone 1: stalled, 1 unconfirmed"]);
    expect(dropped).toEqual(["closed"]);
    channel.resume?.();
    await pass(50);
    expect(ended).toEqual(["memory://server reset the connection"]);
  });

  it("stalledAfter: spares a slow reader that goes on reading", async () => {
    const { server, dial, pass, diary } = await framedScene({ heartbeat: false, limits: { stalledAfter: 1_000 } });
    const { channel, heard } = await dial("slow");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const peer = server.peers.get(1);
    for (let index = 0; index < 8; index += 1) peer?.send("x".repeat(70_000));
    for (let round = 0; round < 8; round += 1) {
      await pass(800);
      channel.resume?.();
      await pass(20);
      channel.pause?.();
    }
    expect(heard.length).toBe(9);
    expect(diary).toEqual(["peer 1"]);
  });

  it("cuts a peer that asks and asks and never reads the answers", async () => {
    const { dial, pass, diary, network } = await framedScene({ heartbeat: false }, { highWater: 1_024 });
    const { channel } = await dial("flood");
    channel.send(hello);
    channel.pause?.();
    await pass(50);
    const ping = Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0);
    for (let round = 0; round < 50 && network.open > 0; round += 1) {
      for (let index = 0; index < 100; index += 1) channel.send(ping);
      await pass(20);
    }
    expect(diary).toEqual(["peer 1", "gone 1: stalled"]);
  });

  it("cuts who sends garbage or a frame that is too long, and hurts nobody else", async () => {
    const { server, dial, link, pass, diary, network } = await framedScene({ heartbeat: false }, { traits: { maxFrameBytes: 1_000 } });
    const heard: Frame[] = [];
    server.on("peer", ({ peer }) => peer.on("message", (message) => { heard.push(message); }));
    const alice = link("alice", { heartbeat: false });
    await pass(50);
    const seed = [Uint8Array.of(200), Uint8Array.of(2, 1), new Uint8Array(0), new Uint8Array(2_000), "text"];
    for (const garbage of seed) {
      const { channel } = await dial("fuzz", { traits: { maxFrameBytes: 1e6 } });
      channel.send(hello);
      channel.send(garbage);
      await pass(50);
    }
    alice.send("still here");
    await pass(50);
    expect(heard).toEqual(["still here"]);
    expect(diary.filter((line) => line.startsWith("gone"))).toEqual([2, 3, 4, 5, 6].map((id) => `gone ${id}: protocol`));
    expect(network.open).toBe(1);
  });

  it("survives JSON that is none, and a protocol that throws at everybody", async () => {
    const strict = await scene({ protocol: json({ ping: "ping", pong: (message) => message === "pong" }) });
    const { channel } = await strict.dial("eve");
    channel.send("{");
    await strict.pass(50);
    expect(strict.diary).toEqual(["peer 1", "gone 1: protocol"]);
    const broken = await scene({ protocol: { ...text(), start: () => { throw new Error("broken"); } } });
    const visitor = await broken.dial("eve");
    await broken.pass(50);
    expect(broken.diary).toEqual(["refused eve: greeting"]);
    expect(visitor.ended.length).toBe(1);
    expect(broken.clock.pending).toBe(0);
  });
});
