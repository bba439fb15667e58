import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { encode } from "../../src/frames/encode.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { labels } from "../../src/proof/labels.ts";
import { World } from "./scene.ts";
import { attachFrame, bytesOf, data, goodbye, openFrame, ping, proven } from "./scripted-client.ts";

describe("OPEN", () => {
  it("is answered by OPENED, with an id, a secret and the proof of it", () => {
    const scene = new World().channel();
    const greeting = openFrame();
    scene.say(greeting);
    expect(scene.last).toMatchObject({ type: "opened", version: 1, features: 0, epoch: 1, timeout: 30_000, heartbeat: 5_000, id: new Uint8Array(16).fill(1) });
    expect(proven(scene.credential, labels.opened, greeting, scene.raw[0] as Uint8Array)).toBe(true);
    expect(scene.greetings).toEqual([{ resumed: false }]);
    expect(scene.reports).toMatchObject([{ type: "opened", epoch: 1, principal: "alice" }]);
  });

  it.each([[0, 30_000, 5_000], [1_000, 4_000, 666], [12_000, 12_000, 2_000], [3_600_000, 120_000, 5_000]])("with a timeout of %d gets %d, and a heartbeat of %d", (asked, timeout, heartbeat) => {
    expect(new World().opened({}, { timeout: asked }).last).toMatchObject({ timeout, heartbeat });
  });

  it("is refused on a channel that is neither encrypted nor on the same machine, unless plaintext is allowed", () => {
    const scene = new World().opened({ secure: false });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.unauthorized });
    expect(scene.asked).toEqual([]);
    expect(scene.end).toBe("done");
    expect(new World({ policy: { allowPlaintext: true } }).opened({ secure: false }).last?.type).toBe("opened");
  });

  it("is refused to whom the application does not know", () => {
    const scene = new World().opened({}, { auth: bytesOf("mallory") });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.unauthorized });
    expect(scene.reports).toEqual([{ type: "refused", why: "unauthorized", code: codes.unauthorized }]);
  });

  it("is told when to come again where there is no room, before anybody is asked", () => {
    const scene = new World().opened({ admit: ({ what }) => (what === "open" ? 700 : 0) });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.busy, retryAfter: 700 });
    expect(scene.asked).toEqual([]);
  });

  it("is told so where the store has no room", () => {
    const scene = new World().opened({ hold: ["create"] });
    scene.answer("create", { ok: "full" });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.busy });
  });

  it("leaves no session behind where the client left before the answer", () => {
    const scene = new World().opened({ hold: ["create", "close"] });
    scene.machine.ended(scene.now);
    scene.answer("create");
    expect(scene.orders).toMatchObject([{ type: "close", epoch: 1 }]);
    expect(scene.raw).toEqual([]);
  });

  it("is refused where the store does not answer", () => {
    const scene = new World().opened({ hold: ["create"] }).fail("create");
    expect(scene.last).toMatchObject({ type: "refused", code: codes.busy });
    expect(scene.machine.phase).toBe("over");
  });
});

describe("the first frame", () => {
  const refused = { type: "refused", code: codes.protocol };
  it.each([
    ["DATA", data("hello")], ["PING", ping(1)], ["nothing", new Uint8Array()], ["HTTP", bytesOf("GET / HTTP/1.1")], ["OPEN of another version", openFrame({ versionMin: 2, versionMax: 3 })],
    ["more than 4096 bytes", openFrame({ auth: new Uint8Array(5_000) })], ["an extension", encode({ type: "extension" })],
  ])("is refused where it is %s", (_, frame) => {
    const scene = new World().channel().say(frame);
    expect(scene.frames).toMatchObject([refused]);
    expect(scene.end).toBe("done");
  });

  it("is answered before anything else may be sent", () => {
    const scene = new World().opened({ hold: ["create"] }).say(data("early"));
    expect(scene.last).toMatchObject(refused);
  });

  it("is binary", () => {
    const scene = new World().channel();
    scene.machine.frame("hello", scene.now);
    expect(scene.last).toMatchObject(refused);
  });
});

describe("ATTACH", () => {
  it("with the right proof is answered by ATTACHED with one of our own, and the epoch goes up", () => {
    const world = new World();
    const { credential } = world.opened();
    const greeting = attachFrame(credential);
    const scene = world.channel().say(greeting);
    expect(scene.frames).toMatchObject([{ type: "attached", epoch: 2, received: 0, replayFrom: 1, timeout: 30_000, heartbeat: 5_000 }]);
    expect(proven(credential, labels.attached, greeting, scene.raw[0] as Uint8Array)).toBe(true);
    expect(scene.greetings).toEqual([{ resumed: true }]);
    expect(scene.asked.map(({ type }) => type)).toEqual(["find", "authorize", "attach"]);
  });

  it("with a wrong proof is refused, and the store is not asked to attach", () => {
    const world = new World();
    const first = world.opened();
    const scene = world.attached(first.credential, { secretUsed: new Uint8Array(32) });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.badProof });
    expect(scene.asked.map(({ type }) => type)).toEqual(["find"]);
    expect(scene.reports).toEqual([{ type: "refused", why: "badProof", code: codes.badProof }]);
    first.say(ping(1));
    expect(first.last?.type).toBe("pong");
  });

  it("to an unknown id computes and compares a mac all the same", () => {
    let macs = 0;
    let compared = 0;
    const world = new World({ policy: { hmac: (...given) => { macs += 1; return nodeHmac(...given); }, equal: () => { compared += 1; return true; } } });
    const scene = world.attached({ id: new Uint8Array(16).fill(9), secret: new Uint8Array(32), generation: new Uint8Array(8) });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.unknownSession });
    expect(scene.last).not.toHaveProperty("mac");
    expect([macs, compared]).toEqual([1, 1]);
  });

  it("of a session that has expired is refused with a proof and what was committed", () => {
    const world = new World();
    const first = world.opened({}, { timeout: 4_000 }).say(data("one"), data("two"));
    world.clock.advance(4_200);
    void world.store.expire(10);
    const greeting = attachFrame(first.credential);
    const scene = world.channel().say(greeting);
    expect(scene.last).toMatchObject({ type: "refused", code: codes.expired, received: 2 });
    expect(proven(first.credential, labels.refused, greeting, scene.raw[0] as Uint8Array)).toBe(true);
  });

  it("of a session that was closed is told so with a proof; nobody else is told what was committed", () => {
    const world = new World();
    const { credential } = world.opened().say(data("one"), goodbye());
    expect(world.attached(credential).last).toMatchObject({ type: "refused", code: codes.unknownSession, received: 1, mac: expect.any(Uint8Array) as unknown });
    expect(world.attached(credential, { secretUsed: new Uint8Array(32) }).last).toMatchObject({ type: "refused", code: codes.badProof, received: 0 });
  });

  it("goes on only for the principal that opened the session", () => {
    const world = new World();
    const { credential } = world.opened();
    const scene = world.attached(credential, { auth: bytesOf("bob") });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.unauthorized, mac: expect.any(Uint8Array) as unknown });
    expect(scene.asked.map(({ type }) => type)).toEqual(["find", "authorize"]);
  });

  it("that comes too often is sent away, once its proof was found right", () => {
    const world = new World();
    const { credential } = world.opened();
    const scene = world.attached(credential, {}, { admit: ({ what }) => (what === "proven" ? 900 : 0) });
    expect(scene.last).toMatchObject({ type: "refused", code: codes.busy, retryAfter: 900, mac: expect.any(Uint8Array) as unknown });
  });

  it.each([
    ["another generation", { generation: new Uint8Array(8) }, codes.stateLost],
    ["a number that was used", { attach: 1 }, codes.staleAttach],
    ["more received than was sent", { attach: 9, received: 5 }, codes.stateLost],
    ["more acknowledged than was committed", { attach: 9, acked: 5, sent: 5 }, codes.stateLost],
    ["fewer sent than were committed", { attach: 9, sent: 0 }, codes.diverged],
  ])("with %s is refused, and the refusal is proven", (_, given, code) => {
    const world = new World();
    const { credential } = world.opened().say(data("one"));
    world.attached(credential, { attach: 1, sent: 1, acked: 1 });
    expect(world.attached(credential, { sent: 1, acked: 1, ...given }).last).toMatchObject({ type: "refused", code, mac: expect.any(Uint8Array) as unknown });
  });

  it("of a client that restarted continues at what was committed, and gets all that was never acknowledged", () => {
    const world = new World();
    const { credential } = world.opened({ handle: (message, sequence, scene) => { scene.machine.reply(`re: ${String(message)}`, sequence, scene.now); scene.machine.handled(sequence, scene.now); } }).say(data("a"), data("b"));
    const scene = world.attached(credential, { restarted: true, received: 77, sent: 88, acked: 99 });
    expect(scene.frames[0]).toMatchObject({ type: "attached", received: 2, replayFrom: 1 });
    expect(scene.texts).toEqual(["re: a", "re: b"]);
    expect(scene.reports).toMatchObject([{ type: "attached", restarted: true }]);
  });

  it("brings again what was not received, and nothing else", () => {
    const world = new World();
    const first = world.opened().send("one").send("two").send("three");
    expect(first.texts).toEqual(["one", "two", "three"]);
    const scene = world.attached(first.credential, { received: 2 });
    expect(scene.frames[0]).toMatchObject({ type: "attached", replayFrom: 3 });
    expect(scene.texts).toEqual(["three"]);
  });

  it("can be proven and refused by a keeper with a master key whose store holds no secret", () => {
    const masterKey = new Uint8Array(32).fill(7);
    const world = new World({ policy: { masterKey } });
    const { credential, asked } = world.opened();
    expect(credential.secret).toEqual(new Uint8Array(nodeHmac(masterKey, labels.secret, credential.id)));
    expect(asked.find(({ type }) => type === "create")).not.toHaveProperty("session.secret");
    expect(world.attached(credential).last?.type).toBe("attached");
    const elsewhere = new World({ policy: { masterKey } });
    expect(elsewhere.attached(credential).last).toMatchObject({ type: "refused", code: codes.unknownSession, mac: expect.any(Uint8Array) as unknown });
    expect(elsewhere.attached(credential, { secretUsed: new Uint8Array(32) }).last).toMatchObject({ type: "refused", code: codes.badProof });
  });

  it("is forgotten where the client left meanwhile", () => {
    const world = new World();
    const { credential } = world.opened();
    const scene = world.attached(credential, {}, { hold: ["attach"] });
    scene.machine.ended(scene.now);
    scene.answer("attach");
    expect(scene.raw).toEqual([]);
    expect(world.attached(credential, { attach: 2 }).last).toMatchObject({ type: "attached", epoch: 3 });
  });
});
