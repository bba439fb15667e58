// What a keeper does about those who mean harm, one threat after the other.
import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { LinkError } from "@holdfast/core";
import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { encode } from "../../src/frames/encode.ts";
import { resolveKeeperOptions } from "../../src/keeper/keeper-options.ts";
import type { KeptSession } from "../../src/keeper/kept-session.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { forge, harmless, kinds, tampered, type Loot } from "./forgery.ts";
import { House } from "./house.ts";
import { World } from "./scene.ts";
import { ack, attachFrame, bytesOf, data, openFrame, ping } from "./scripted-client.ts";

describe("T1: guessing a session", () => {
  it("is accepted in none of 20 000 forged, replayed and late attaches", () => {
    const world = new World();
    const victim = world.opened();
    const { credential } = victim;
    const own = world.opened().credential;
    const recorded = [1, 2, 3].map((attach) => attachFrame(credential, { attach }));
    for (const frame of recorded) world.channel().say(frame);
    const honest = world.attached(credential, { attach: 10 });
    const { epoch } = honest.frames[0] as { epoch: number };
    const random = seededRandom(7);
    const loot: Loot = { random, victim: credential, recorded, own, claim: () => ({ attach: Math.floor(random() * 2 ** 50), restarted: random() < 0.5 }) };
    const taken: string[] = [];
    for (let at = 0; at < 20_000; at += 1) {
      const kind = kinds[at % kinds.length] ?? "a replay";
      const scene = world.channel().say(forge(kind, loot));
      if (!harmless(kind, scene.frames)) taken.push(kind);
    }
    expect(taken).toEqual([]);
    expect(honest.say(data("still mine"), ping(1, { sent: 1 })).last?.type).toBe("pong");
    expect(world.attached(credential, { attach: 11, sent: 1 }).last).toMatchObject({ epoch: epoch + 1, received: 1 });
  });

  it("costs the same steps for an id that exists and for one that does not", () => {
    const steps: string[][] = [];
    const world = new World({ policy: { hmac: (...given) => { steps.at(-1)?.push(`mac of ${given[2]?.length}`); return nodeHmac(...given); }, equal: (...given) => { steps.at(-1)?.push("compare"); return timingSafeEqual(...given); } } });
    const { credential } = world.opened();
    for (const id of [credential.id, new Uint8Array(16).fill(99)]) {
      steps.push([]);
      world.attached({ ...credential, id, secret: new Uint8Array(32) });
    }
    expect(steps[0]).toEqual(steps[1]);
    expect(steps[0]).toHaveLength(2);
  });

  it("does not reach the store where secrets are derived: an id that exists and one that does not are told alike, without a look", () => {
    const world = new World({ policy: { masterKey: new Uint8Array(32).fill(7) } });
    const { credential } = world.opened();
    const answers = [credential.id, new Uint8Array(16).fill(99)].map((id) => world.attached({ ...credential, id, secret: new Uint8Array(32) }));
    for (const { asked, frames } of answers) {
      expect(asked).toEqual([]);
      expect(frames).toMatchObject([{ type: "refused", code: codes.badProof }]);
    }
    expect(answers[0]?.raw).toEqual(answers[1]?.raw);
  });

  it("makes an address wait after ten wrong proofs, and only that", async () => {
    const house = new House();
    const { credential } = await house.open();
    for (let at = 0; at < 10; at += 1) await house.attach(credential, { secretUsed: new Uint8Array(32) }, "tcp://198.51.100.9:1");
    const finds = house.told.length;
    expect((await house.attach(credential, {}, "tcp://198.51.100.9:1")).last).toMatchObject({ type: "refused", code: codes.busy });
    expect(house.told.length).toBe(finds + 1);
    expect((await house.attach(credential, {}, "tcp://192.0.2.1:1")).last?.type).toBe("attached");
  });
});

describe("T2: learning a proof byte by byte", () => {
  it("is impossible where macs are compared in constant time", () => {
    expect(resolveKeeperOptions({ store: memoryStore(), handle: () => { /* None. */ } }).policy.equal).toBe(timingSafeEqual);
    const source = readFileSync(new URL("../../src/keeper/machine/greeting.ts", import.meta.url), "utf8");
    expect(source.match(/attach\.mac\b/g)).toHaveLength(1);
    expect(source).toContain("policy.equal(mac, stage.attach.mac)");
  });
});

describe("T3: a recorded frame", () => {
  it("is worth nothing on any keeper: STALE_ATTACH", async () => {
    const here = new House();
    const there = new House({ clock: here.clock, store: here.store });
    const { credential } = await here.open();
    const recorded = attachFrame(credential, { attach: 5 });
    const honest = await here.channel().say(recorded);
    for (const house of [here, there]) expect((await house.channel().say(recorded)).last).toMatchObject({ type: "refused", code: codes.staleAttach, attach: 5 });
    expect((await honest.say(ping(1))).last?.type).toBe("pong");
  });

  it("after OPENED never holds the secret", async () => {
    const house = new House({ handle: (message, { session }) => { session.send(message); } });
    const first = await (await house.open()).say(data("x"), ping(1, { sent: 1 }));
    const second = await house.attach(first.credential, { sent: 1 });
    const secret = Buffer.from(first.credential.secret);
    for (const frame of [...first.raw.slice(1), ...second.raw]) expect(Buffer.from(frame).includes(secret)).toBe(false);
  });
});

describe("T4: fixation", () => {
  it("does not work with a session of somebody else: it goes on for its principal only, and is untouched", async () => {
    const house = new House();
    const alice = await house.open();
    expect((await house.attach(alice.credential, { auth: bytesOf("bob") })).last).toMatchObject({ type: "refused", code: codes.unauthorized, mac: expect.any(Uint8Array) as unknown });
    expect((await alice.say(data("mine"), ping(1, { sent: 1 }))).last?.type).toBe("pong");
    expect([...house.keeper.sessions.values()][0]).toMatchObject({ epoch: 1, principal: "alice" });
  });
});

describe("T5: a second holder", () => {
  it("never commits while the first one can: of two that attach in turn, at any moment one", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed);
      const world = new World();
      let [one, other] = [world.opened(), world.channel()];
      const { credential } = one;
      const owners: number[] = [];
      let attach = 0;
      for (let step = 0; step < 20; step += 1) {
        if (random() < 0.3) {
          [one, other] = [world.attached(credential, { attach: (attach += 1), restarted: true }), one];
          continue;
        }
        for (const scene of random() < 0.5 ? [one, other] : [other, one]) {
          const before = scene.commits.length;
          scene.send("x");
          if (scene.commits.length > before && scene.end === undefined) owners.push(scene.commits.at(-1)?.epoch ?? 0);
        }
      }
      expect(owners).toEqual(owners.toSorted((a, b) => a - b));
      expect(one.end).toBeUndefined();
    }
  });

  it("is told to whoever audits, with both ends", async () => {
    const house = new House();
    const first = await house.open({}, "tls://192.0.2.1:1");
    await house.attach(first.credential, {}, "tls://198.51.100.1:1");
    expect(house.last("moved")).toMatchObject({ remote: { host: "192.0.2.1" }, to: { host: "198.51.100.1" } });
  });
});

describe("T6: a man in the middle who edits a greeting", () => {
  it("breaks its proof, whatever field it is", () => {
    const world = new World();
    const { credential } = world.opened();
    for (const frame of tampered(attachFrame(credential, { attach: 5, received: 0 }))) expect(world.channel().say(frame).last).toMatchObject({ type: "refused", code: codes.badProof });
  });

  it("cannot make the keeper choose a version that it does not speak, or a feature that nobody named", () => {
    const world = new World();
    expect(world.opened({}, { versionMin: 1, versionMax: 9, features: 255 }).last).toMatchObject({ type: "opened", version: 1, features: 0 });
    expect(world.opened({}, { versionMin: 2, versionMax: 9 }).last).toMatchObject({ type: "refused", code: codes.protocol });
  });
});

describe("T13: a flood", () => {
  it("of a million pings is cut off at the sixth, with one answer at most waiting", () => {
    const scene = new World().opened({ hold: ["touch"] }).later(10_000);
    const frame = ping(1);
    for (let at = 0; at < 1_000_000; at += 1) scene.machine.frame(frame, scene.now);
    expect(scene.frames.slice(1)).toMatchObject([{ type: "close", code: codes.rate }]);
    expect(scene.orders).toHaveLength(1);
  });

  it("of attaches on one channel ends it", () => {
    const world = new World();
    const { credential } = world.opened();
    const scene = world.attached(credential, { attach: 1 });
    expect(scene.say(attachFrame(credential, { attach: 2 })).last).toMatchObject({ type: "close", code: codes.protocol });
  });
});

describe("T14: a storm of clients that return", () => {
  it("is let in before new ones, and who has to wait does not come back in the same instant", async () => {
    const house = new House({ limits: { maxSessions: 100, opensPerSecond: Infinity } });
    const visitors = [];
    for (let at = 0; at < 90; at += 1) visitors.push(await house.open());
    for (const visitor of visitors) await visitor.hangUp(new LinkError("HF_RESET", "reset"));
    for (const { credential } of visitors) expect((await house.attach(credential)).last?.type).toBe("attached");
    const waits = new Set<number>();
    for (let at = 0; at < 50; at += 1) waits.add(((await house.open()).last as { retryAfter: number }).retryAfter);
    expect(waits.size).toBeGreaterThan(40);
  });
});

describe("T15: amplification by replay", () => {
  it("ends where one session attaches too often: what is sent again has a budget", async () => {
    const house = new House();
    const first = await house.open();
    ([...house.keeper.sessions.values()][0] as KeptSession).send("x".repeat(50_000));
    await house.settle();
    let bytes = 0;
    for (let attach = 1; attach <= 1_000; attach += 1) bytes += (await house.attach(first.credential, { attach })).raw.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThan(5 * 51_000 + 1_000 * 200);
  });

  it("is bounded by the window that the client grants", () => {
    const world = new World();
    const { credential } = world.opened();
    for (let at = 0; at < 100; at += 1) void world.store.append("01".repeat(16), ["x".repeat(1_000)]);
    expect(world.attached(credential, { windowBytes: 5_000 }).texts).toHaveLength(5);
  });
});

describe("T16: a client that never acknowledges", () => {
  it("makes the keeper hold no more than the limit", async () => {
    const house = new House({ limits: { maxBytes: 10_000 } });
    await house.open();
    const session = [...house.keeper.sessions.values()][0] as KeptSession;
    const codesSeen = new Set<string>();
    let taken = 0;
    for (let at = 0; at < 1_000; at += 1) {
      try {
        session.send("x".repeat(1_000));
        taken += 1;
      } catch (error) {
        codesSeen.add((error as { code: string }).code);
      }
      await house.settle();
    }
    expect(taken).toBe(10);
    expect([...codesSeen]).toEqual(["HF_OUTBOX_FULL"]);
    await expect(house.keeper.send(session.id, "x")).rejects.toMatchObject({ code: "HF_OUTBOX_FULL" });
  });
});

describe("T16: a client that overruns its window", () => {
  it("is hung up on with FLOW: the keeper keeps no more of it than was granted, and one more", () => {
    const granted = { frameMax: 65_536, windowMessages: 16, windowBytes: 10_000 };
    const scene = new World({ policy: { grant: granted } }).opened({ handle: false });
    const frame = data("x".repeat(1_000));
    let most = 0;
    for (let at = 0; at < 10_000; at += 1) {
      scene.machine.frame(frame, scene.now);
      if (scene.machine.state.stage.phase === "attached") most = Math.max(most, scene.machine.state.stage.inflow.bytes);
    }
    expect(most).toBe(10_000);
    expect(scene.frames.slice(1)).toMatchObject([{ type: "close", code: codes.flow, received: 0 }]);
    expect(scene.reports.filter(({ type }) => type === "failed")).toHaveLength(1);
  });
});

describe("T17: bytes that mean nothing", () => {
  it("throw nothing and hurt no other session, before and after the greeting", () => {
    const random = seededRandom(3);
    const world = new World();
    const honest = world.opened();
    const valid = [data("x", 0), ack(0), ping(1), encode({ type: "close", code: 1, received: 0, reason: "" }), openFrame(), attachFrame(honest.credential)];
    for (let at = 0; at < 5_000; at += 1) {
      const scene = at % 2 === 0 ? world.channel() : world.opened();
      const bytes = (valid[Math.floor(random() * valid.length)] as Uint8Array).slice(0, Math.ceil(random() * 40));
      for (let flips = random() * 4; flips > 0; flips -= 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      expect(() => { scene.say(bytes, bytes); }).not.toThrow();
    }
    expect(honest.say(data("fine"), ping(1, { sent: 1 })).last?.type).toBe("pong");
  });

  it("are not answered by handlers of others: one that throws ends its own channel only", async () => {
    const house = new House({ handle: (message) => { if (message === "bad") throw new Error("no"); } });
    const [good, bad] = [await house.open(), await house.open()];
    await bad.say(data("bad"));
    expect(bad.end).toBeDefined();
    expect((await good.say(data("good"), ping(1, { sent: 1 }))).last?.type).toBe("pong");
  });
});

describe("T18: options and messages that pollute prototypes", () => {
  it("change nothing", async () => {
    const limits = JSON.parse(`{"__proto__": {"maxSessions": 1}, "constructor": {"prototype": {"x": 1}}}`) as object;
    const house = new House({ limits });
    await (await house.open()).say(data(`{"__proto__": {"x": 1}}`));
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(house.handled).toHaveLength(1);
  });
});

describe("T19: a reason that looks like a line of a log", () => {
  it("is no reason: control characters end the channel, and what is logged is ours", async () => {
    const lines: string[] = [];
    const house = new House({ logger: (record) => { lines.push(JSON.stringify(record)); } });
    const visitor = await house.open();
    const close = encode({ type: "close", code: 4425, received: 0, reason: "?[INFO] admin logged in" });
    close[close.indexOf(0x3f)] = 0x0a;
    await visitor.say(close);
    expect(visitor.last).toMatchObject({ type: "close", code: codes.protocol });
    expect(lines.join("")).not.toContain("admin");
  });
});

describe("T22: somebody at the store", () => {
  it("who reads it finds nothing to prove a session with, where secrets are derived; nor does who writes a secret into it", async () => {
    const masterKey = new Uint8Array(32).fill(7);
    const house = new House({ masterKey });
    const victim = await house.open();
    const { credential } = victim;
    const id = Buffer.from(credential.id).toString("hex");
    expect(inspect(await house.store.find(id), { depth: 9 })).not.toContain("secret");
    const planted = new Uint8Array(32).fill(1);
    const other = { ...credential, id: new Uint8Array(16).fill(99), secret: planted };
    await house.store.create("63".repeat(16), { secret: planted, timeout: 30_000, principal: "alice", maxBytes: 1_000 });
    expect((await house.attach(other)).last).toMatchObject({ type: "refused", code: codes.badProof });
    expect((await victim.say(ping(1))).last?.type).toBe("pong");
  });
});

describe("T24: a wall clock that jumps", () => {
  it("by a year, either way, changes nothing: only attach numbers are made of it, and by the client", async () => {
    const { now } = Date;
    try {
      const house = new House();
      const visitor = await house.open({ timeout: 4_000 });
      for (const year of [1, -1]) {
        Date.now = () => now() + year * 31_536_000_000;
        await house.clock.advanceAsync(1_000);
        expect((await visitor.say(ping(1))).last?.type).toBe("pong");
      }
      expect((await house.attach(visitor.credential, { attach: now() })).last?.type).toBe("attached");
    } finally {
      Date.now = now;
    }
  });
});

describe("T26: exhaustion by OPEN", () => {
  it("stops at the limits, and who has a session still comes in", async () => {
    const house = new House({ limits: { maxSessions: 50, opensPerSecond: 20 } });
    const first = await house.open({}, "tls://192.0.2.1:1");
    for (let at = 0; at < 5_000; at += 1) house.channel(`tls://198.51.100.${at % 4}:1`).conversation.frame(openFrame());
    await house.settle();
    expect(house.keeper.sessions.size).toBe(45);
    await first.hangUp();
    expect((await house.attach(first.credential)).last?.type).toBe("attached");
  });
});

describe("T28: secrets in what is shown", () => {
  it("are nowhere: not in a log, an event, an error, or what inspect shows", async () => {
    const canary = "canary-of-a-message";
    const records: unknown[] = [];
    const house = new House({ logger: (record) => { records.push(record); }, handle: (message, { session }) => { session.send(message); if (message === "fail") throw new Error("a handler's own words"); } });
    const visitor = await (await house.open({ auth: bytesOf("canary-of-auth") })).say(data(canary));
    const session = [...house.keeper.sessions.values()][0] as KeptSession;
    await house.attach(visitor.credential, { secretUsed: new Uint8Array(32), auth: bytesOf("canary-of-auth") });
    await house.attach(visitor.credential, { auth: bytesOf("canary-of-bob") });
    await (await house.attach(visitor.credential, { sent: 1, received: 1, auth: bytesOf("canary-of-auth") })).say(data("fail"));
    await visitor.say(encode({ type: "moved", epoch: 1 }));
    session.send(canary);
    await session.close();
    expect(() => { session.send(canary); }).toThrow("is over");
    const { id, secret } = visitor.credential;
    const shown = [records, house.told, house.keeper, session, visitor.end].map((value) => inspect(value, { depth: 20, showHidden: false }) + json(value)).join("\n");
    expect(shown.length).toBeGreaterThan(1_000);
    for (const hidden of [canary, "canary-of-bob", session.id, Buffer.from(id).toString("hex"), Buffer.from(secret).toString("hex"), Buffer.from(secret).toString("base64"), [...secret].join(", "), Buffer.from(secret).toString("hex").match(/../g)?.join(" ") ?? "?"]) expect(shown).not.toContain(hidden);
    expect(JSON.stringify(session)).toBe(JSON.stringify({ key: session.key, epoch: session.epoch, attached: false }));
  });
});

describe("the table of threats in docs/guides/security.md", () => {
  const guide = new URL("../../../../docs/guides/security.md", import.meta.url);
  const rows = [...readFileSync(guide, "utf8").matchAll(/^\| (T\d+) \|.*\|(.*)\|$/gm)].map(([, id = "", shown = ""]) => ({ id, files: [...shown.matchAll(/\]\(([^)]+\.ts)\)/g)].map(([, path = ""]) => readFileSync(new URL(path, guide), "utf8")) }));

  it.each(rows)("names for $id a test that is called so", ({ id, files }) => {
    expect(files.some((text) => text.includes(`describe("${id}: `))).toBe(true);
  });

  it("has a row for each threat that is tested here", () => {
    const tested = new Set(readFileSync(new URL(import.meta.url), "utf8").match(/(?<=describe\(")T\d+(?=: )/g));
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining([...tested]));
  });
});

function json(value: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(value, (_, given: unknown) => {
    if (typeof given === "object" && given !== null && seen.has(given)) return "seen";
    seen.add(given);
    return given;
  }) ?? "";
}
