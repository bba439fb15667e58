import type { Frame } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import type { Identify, Peer } from "../src/index.ts";
import { framedScene, inbox, login } from "./scene.ts";

describe("identify", () => {
  it("sees the first messages until it knows the peer, which gets them all afterwards, in order", async () => {
    const { server, link, pass, diary } = await framedScene({ identify: login });
    const heard = inbox(server);
    const alice = link("alice");
    for (const message of ["hm", "login:alice", "hi"]) alice.send(message);
    await pass(50);
    expect(diary).toEqual(["peer alice"]);
    expect(heard).toEqual(["alice hm", "alice login:alice", "alice hi"]);
    expect([...server.peers.keys()]).toEqual(["alice"]);
  });

  it("may keep a login for itself", async () => {
    const { server, link, pass } = await framedScene({ identify: (message) => ({ id: String(message), deliver: false }) });
    const heard = inbox(server);
    const alice = link("alice");
    for (const message of ["alice", "hi"]) alice.send(message);
    await pass(50);
    expect(heard).toEqual(["alice hi"]);
  });

  it("may take its time: nothing is lost and nothing is read meanwhile", async () => {
    const answers: ((id: string) => void)[] = [];
    const { server, link, pass } = await framedScene({ identify: () => new Promise<string>((resolve) => { answers.push(resolve); }), limits: { maxUnread: 4 } });
    const heard = inbox(server);
    const alice = link("alice");
    await pass(50);
    for (let index = 0; index < 20; index += 1) {
      alice.send(String(index));
      await pass(10);
    }
    expect(answers.length).toBe(1);
    expect(heard).toEqual([]);
    answers[0]?.("alice");
    await pass(50);
    expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => `alice ${index}`));
  });

  it("may ask back before it decides", async () => {
    const { server, link, pass, diary } = await framedScene({
      identify: (message, peer) => {
        if (message === "it is me") return "alice";
        peer.send("who is there?");
        return undefined;
      },
    });
    const alice = link("alice");
    alice.on("message", (message) => { if (message === "who is there?") alice.send("it is me"); });
    alice.send("knock");
    await pass(100);
    expect(diary).toEqual(["peer alice"]);
    expect(server.peers.size).toBe(1);
  });

  it.each<[string, Identify<Frame, Frame>, RegExp]>([
    ["throws", () => { throw new Error("wrong password"); }, /identify\(\) refused memory:\/\/eve: wrong password/],
    ["rejects", async () => { throw new Error("wrong password"); }, /identify\(\) refused memory:\/\/eve: wrong password/],
    ["returns an empty id", () => "", /no usable id for memory:\/\/eve/],
    ["returns an endless id", () => "x".repeat(257), /no usable id/],
    ["hangs up by itself", (_, peer) => { void peer.close(); return undefined; }, /^$/],
    ["aborts", (_, peer) => { peer.abort(new Error("no")); return undefined; }, /was aborted: no/],
  ])("refuses when it %s", async (_how, identify, message) => {
    const { server, link, pass, diary, clock } = await framedScene({ identify });
    const errors: string[] = [];
    server.on("refused", ({ error }) => { errors.push(error?.message ?? ""); });
    const eve = link("eve", { maxAttempts: 1 });
    eve.send("hi");
    await pass(100);
    expect(diary[0]).toBe("refused eve: identity");
    expect(errors[0]).toMatch(message);
    eve.abort();
    await pass(6_000);
    expect(clock.pending).toBe(0);
  });

  it("keeps no way to write to whom it has refused, or who went away meanwhile", async () => {
    const known: Peer<Frame, Frame>[] = [];
    const codes: unknown[] = [];
    const { server, link, pass, diary } = await framedScene({
      identify: (message, peer) => {
        known.push(peer);
        if (message === "bad") throw new Error("no");
        return undefined;
      },
    });
    server.on("refused", () => {
      try { known.at(-1)?.send("late"); } catch (error) { codes.push((error as { code?: unknown }).code); }
    });
    link("eve", { maxAttempts: 1 }).send("bad");
    const shy = link("shy", { maxAttempts: 1 });
    shy.send("hm");
    await pass(50);
    shy.abort();
    await pass(50);
    expect(diary).toEqual(["refused eve: identity", "refused shy: left"]);
    expect(codes).toEqual(["HF_CLOSED", "HF_CLOSED"]);
    for (const peer of known) expect(() => peer.send("hello?")).toThrow("is closed or gone and takes no more messages");
    expect(known.length).toBe(2);
  });

  it("refuses who talks on without saying who it is", async () => {
    const { link, pass, diary } = await framedScene({ identify: login, limits: { maxUnread: 3 } });
    const chatty = link("chatty", { maxAttempts: 1 });
    for (let index = 0; index < 4; index += 1) chatty.send("hm");
    await pass(100);
    expect(diary).toEqual(["refused chatty: identity"]);
  });

  it("has the greeting timeout to decide, and is not heard later", async () => {
    let decide: (id: string) => void = () => { throw new Error("not asked"); };
    const { server, link, pass, diary } = await framedScene({ identify: () => new Promise((resolve) => { decide = resolve; }), limits: { greetingTimeout: 1_000 } });
    const alice = link("alice", { maxAttempts: 1 });
    alice.send("hi");
    await pass(1_100);
    decide("alice");
    await pass(100);
    expect(diary).toEqual(["refused alice: greetingTimeout"]);
    expect(server.peers.size).toBe(0);
  });
});

describe("a returning client", () => {
  it("is recognised, with the time since it was last heard", async () => {
    const { link, pass, diary } = await framedScene({ identify: login });
    const first = link("alice");
    first.send("login:alice");
    await pass(50);
    first.abort();
    await pass(3_000);
    link("alice").send("login:alice");
    await pass(100);
    expect(diary.map((line) => line.replace(/\d+$/, (ms) => String(Math.round(Number(ms) / 100) * 100)))).toEqual(["peer alice", "gone alice: reset", "peer alice", "returned alice after 3100"]);
  });

  it("is forgotten when too many others left since", async () => {
    const { link, pass, diary } = await framedScene({ identify: login, limits: { maxRemembered: 1 } });
    for (const name of ["alice", "bob", "alice", "alice"]) {
      const visitor = link(name);
      visitor.send(`login:${name}`);
      await pass(50);
      visitor.abort();
      await pass(50);
    }
    expect(diary.filter((line) => line.startsWith("returned")).map((line) => line.split(" after")[0])).toEqual(["returned alice"]);
  });
});
