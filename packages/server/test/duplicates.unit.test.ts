import { framed, type Frame, type Protocol, type Terms } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import type { ServerOptions } from "../src/index.ts";
import { framedScene, inbox, login, mime, passUntil, scene, type Scene } from "./scene.ts";

/** Bare frames, and a greeting with these terms. */
function beating(terms: Terms): Protocol<Frame, Frame> {
  return {
    pings: true, standby: "none",
    start(line) {
      line.greeted(terms);
      return {
        frame: (frame) => { line.message(frame); },
        send: (message) => line.send(message),
        ping: () => { line.send("beat"); },
        close: () => { /* No word for it. */ },
        closed: () => { /* Nothing is kept. */ },
      };
    },
  };
}

const asText = (frame: Frame): string => typeof frame === "string" ? frame : new TextDecoder().decode(frame);

/** Alice is connected and answers; `again` is a second connection that logs in as alice. */
async function twoAlices(options: Parameters<typeof framedScene>[0] = {}, network: Parameters<typeof framedScene>[1] = {}): Promise<Scene<Frame, Frame> & { first: ReturnType<typeof mime>; inbox: string[]; again: (name?: string) => Promise<ReturnType<typeof mime>> }> {
  const stage = await framedScene({ identify: login, heartbeat: "lan", ...options }, network);
  const heard = inbox(stage.server);
  const again = async (name = "alice"): Promise<ReturnType<typeof mime>> => {
    const visitor = mime(await stage.channel(name));
    visitor.say("login:alice");
    await stage.pass(6);
    return visitor;
  };
  const first = await again();
  await stage.pass(2_500); // At least one ping was answered.
  return { ...stage, first, inbox: heard, again };
}

describe("a second login, where the server may replace the dead", () => {
  it("is refused when the first one answers: within a round trip", async () => {
    const { again, diary, pass, first } = await twoAlices();
    const second = await again("thief");
    await pass(20);
    expect(diary).toEqual(["peer alice", "refused thief: duplicate"]);
    expect(first.ended).toEqual([]);
    await pass(50);
    expect(second.ended).toEqual(["closed"]);
  });

  it("replaces a first one that looked alive and does not answer, after one timeout at most", async () => {
    const { again, diary, pass, first, inbox: heard, clock } = await twoAlices();
    first.silent = true;
    const since = clock.now();
    const second = await again();
    second.say("hello?");
    await pass(500);
    expect(diary).toEqual(["peer alice"]);
    await pass(510);
    expect(diary).toEqual(["peer alice", "gone alice: replaced", "peer alice", expect.stringMatching(/^returned alice after 10\d\d\./)]);
    expect(clock.now() - since).toBeLessThan(1_050);
    await pass(20);
    expect(heard).toEqual(["alice login:alice", "alice login:alice", "alice hello?"]);
    expect(first.ended).toEqual(["memory://server reset the connection"]);
  });

  it("replaces at once a first one that is in doubt already", async () => {
    const { server, again, diary, pass, first } = await twoAlices();
    first.silent = true;
    let missed = 0;
    server.peers.get("alice")?.on("missed", () => { missed += 1; });
    await passUntil(pass, () => missed > 0);
    await again();
    expect(diary.slice(0, 3)).toEqual(["peer alice", "gone alice: replaced", "peer alice"]);
  });

  it("takes the place of a first one that goes while it is being asked", async () => {
    const { again, diary, pass, first, server } = await twoAlices();
    first.silent = true;
    await again();
    server.peers.get("alice")?.abort();
    await pass(50);
    expect(diary.slice(0, 3)).toEqual(["peer alice", "gone alice: requested", "peer alice"]);
  });

  it("gives way to a third one, which is the newest", async () => {
    const { again, diary, pass, first } = await twoAlices();
    first.silent = true;
    const second = await again("second");
    await again("third");
    await pass(1_100);
    expect(diary.slice(0, 4)).toEqual(["peer alice", "refused second: duplicate", "gone alice: replaced", "peer alice"]);
    expect(second.ended).toEqual(["closed"]);
  });

  it("gives way to a third one also when the first one has fallen into doubt meanwhile", async () => {
    const { server, again, diary, pass, first } = await twoAlices();
    first.silent = true;
    let suspected = false;
    server.peers.get("alice")?.on("suspected", () => { suspected = true; });
    await again("second");
    await passUntil(pass, () => suspected);
    await again("third");
    expect(diary.slice(0, 4)).toEqual(["peer alice", "refused second: duplicate", "gone alice: replaced", "peer alice"]);
    expect(server.peers.size).toBe(1);
  });

  it("that leaves before it is decided is noticed when it is read again", async () => {
    const stage = await twoAlices();
    stage.first.silent = true;
    const channel = await stage.channel("hasty");
    mime(channel).say("login:alice");
    await stage.pass(10);
    channel.abort(new Error("never mind"));
    await stage.pass(1_100);
    expect(stage.diary.filter((line) => !line.startsWith("returned"))).toEqual(["peer alice", "gone alice: replaced", "peer alice", "gone alice: reset"]);
    expect(stage.server.peers.size).toBe(0);
  });

  it("that leaves before it is decided is withdrawn where the transport cannot pause", async () => {
    const stage = await twoAlices({}, { traits: { pauses: false } });
    stage.first.silent = true;
    const channel = await stage.channel("hasty");
    mime(channel).say("login:alice");
    await stage.pass(10);
    channel.abort(new Error("never mind"));
    await stage.pass(5_000);
    expect(stage.diary).toEqual(["peer alice", "refused hasty: left", "gone alice: heartbeat"]);
  });

  it("is decided by what was heard where the heartbeat has no answers", async () => {
    const heartbeat = { mode: "one-way", interval: 1_000, hearWithin: 4_000, timeout: 1_000 } as const;
    const quiet = await twoAlices({ heartbeat });
    quiet.first.silent = true;
    await quiet.again();
    await quiet.pass(1_100);
    expect(quiet.diary.slice(0, 2)).toEqual(["peer alice", "gone alice: replaced"]);
    const talking = await twoAlices({ heartbeat });
    await talking.again("thief");
    talking.first.say("I am here");
    await talking.pass(1_100);
    expect(talking.diary).toEqual(["peer alice", "refused thief: duplicate"]);
  });

  it("is asked about again when the first one was in doubt and has answered since", async () => {
    const { server, again, diary, pass, first } = await twoAlices();
    let missed = 0;
    server.peers.get("alice")?.on("missed", () => { missed += 1; });
    first.silent = true;
    await passUntil(pass, () => missed > 0);
    first.silent = false;
    await pass(1_100);
    await again("thief");
    await pass(20);
    expect(diary).toEqual(["peer alice", "refused thief: duplicate"]);
  });

  it.each<[string, ServerOptions<Frame, Frame>]>([
    ["the heartbeat", { protocol: framed(), heartbeat: { mode: "one-way", interval: 1_000, hearWithin: 1_000, timeout: 500 } }],
    ["the greeting", { protocol: beating({ answered: false, hearWithin: 1_000, maxMisses: 3 }), heartbeat: { interval: 1_000, timeout: 500 } }],
  ])("is asked about again when the first one was quiet and has talked since, where %s knows no answers", async (_what, options) => {
    const stage = await scene<Frame, Frame>({ identify: (message) => login(asText(message), undefined as never), ...options });
    const speak = async (name: string): Promise<(words: string) => void> => {
      const one = mime(await stage.channel(name), { greets: options.protocol.framing !== undefined });
      one.silent = true;
      const say = options.protocol.framing === undefined ? one.shout : one.say;
      say("login:alice");
      await stage.pass(10);
      return say;
    };
    const say = await speak("alice");
    let missed = 0;
    stage.server.peers.get("alice")?.on("missed", () => { missed += 1; });
    await passUntil(stage.pass, () => missed > 0);
    say("I am here");
    await stage.pass(50);
    await speak("thief");
    say("still");
    await stage.pass(550);
    expect(stage.diary).toEqual(["peer alice", "refused thief: duplicate"]);
  });

  it("is not read further until it is decided", async () => {
    const { again, pass, first, inbox: heard } = await twoAlices({ limits: { maxUnread: 2 } });
    first.silent = true;
    const second = await again();
    for (let index = 0; index < 100; index += 1) second.say(String(index));
    await pass(1_100);
    expect(heard.slice(2)).toEqual(Array.from({ length: 100 }, (_, index) => `alice ${index}`));
  });
});

describe("a second login", () => {
  it("always wins where the policy is to replace", async () => {
    const { again, diary, pass, first } = await twoAlices({ duplicate: "replace" });
    await again();
    await pass(20);
    expect(diary.slice(0, 3)).toEqual(["peer alice", "gone alice: replaced", "peer alice"]);
    expect(first.ended).toEqual(["memory://server reset the connection"]);
  });

  it("never wins where the policy is to refuse, until the first one is gone", async () => {
    const { again, diary, pass, first } = await twoAlices({ duplicate: "refuse" });
    first.silent = true;
    const second = await again("second");
    await pass(5_000);
    await again();
    await pass(50);
    expect(diary.slice(0, 4)).toEqual(["peer alice", "refused second: duplicate", "gone alice: heartbeat", "peer alice"]);
    expect(second.ended).toEqual(["closed"]);
  });

  it("names both in the errors", async () => {
    const { again, server, pass } = await twoAlices({ duplicate: "replace" });
    const errors: string[] = [];
    server.on("peerGone", ({ error }) => { errors.push(error?.message ?? ""); });
    await again("elsewhere");
    await pass(20);
    expect(errors).toEqual(['peer "alice" (memory://alice) was replaced: it logged in again from memory://elsewhere']);
  });
});
