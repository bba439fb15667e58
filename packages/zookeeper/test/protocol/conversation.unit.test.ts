import { describe, expect, it } from "vitest";
import { addWatch } from "../../src/operations/watching.ts";
import { create } from "../../src/operations/create.ts";
import { exists, getChildren, getData, setData } from "../../src/operations/nodes.ts";
import { tooLong } from "../../src/protocol/framing.ts";
import { authPacket, requestPacket, xids } from "../../src/protocol/packets.ts";
import { Request } from "../../src/protocol/request.ts";
import { Root } from "../../src/records/root.ts";
import { bool, buffer, framed, int, long, notification, record, reply, stat, statFields, ustring, vector, welcome } from "../wire.ts";
import { fate, Rig } from "./rig.ts";

const root = new Root();
const read = (path = "/a"): ReturnType<typeof getData> => getData(root, path, false);
const hex = (frame: Uint8Array | undefined): string | undefined => frame && Buffer.from(frame).toString("hex");

describe("the greeting", () => {
  it("is the first thing that is said, without a header", () => {
    expect(new Rig().sent.map(hex)).toEqual([hex(framed(int(0), long(0), int(6_000), long(0), buffer(new Uint8Array(16)), bool(false)))]);
  });

  it("is answered with the session, and the link is told", () => {
    const rig = new Rig();
    rig.receive(welcome({ timeout: 4_000, id: -5n, readOnly: true }));
    expect(rig.told).toEqual([
      ["welcomed", { timeout: 4_000, sessionId: -5n, password: new Uint8Array(Buffer.from("0123456789abcdef")), readOnly: true }],
      ["watchesSet"], ["greeted", { hearWithin: 1_500 }],
    ]);
  });

  it("may lack the last field, as before 3.4", () => {
    const rig = new Rig();
    rig.receive(welcome().subarray(0, -1));
    expect(rig.told[0]).toMatchObject(["welcomed", { timeout: 6_000, readOnly: false }]);
  });

  it("is followed by credentials, then watches, and only then by requests", () => {
    const rig = new Rig();
    rig.opening = [authPacket({ scheme: "digest", auth: Buffer.from("a:b") }), requestPacket(xids.setWatches, 101)];
    rig.whenGreeted = () => { rig.ask(read()); }; // It has waited.
    rig.receive(welcome());
    expect(rig.sent.slice(1).map((frame) => frame.readInt32BE(4))).toEqual([-4, -8, 1]);
    expect(hex(rig.sent[1])).toBe(hex(framed(int(-4), int(100), int(0), ustring("digest"), buffer("a:b"))));
    // The watches stand when the last packet of them is answered.
    expect(rig.names()).not.toContain("watchesSet");
    rig.receive(reply(-8, 9, 0));
    expect(rig.names().at(-1)).toBe("watchesSet");
  });

  it("throws what the session will not have, which ends the channel", () => {
    const rig = new Rig();
    rig.refusal = new Error("expired");
    expect(() => { rig.receive(welcome({ timeout: 0 })); }).toThrow("expired");
    expect(rig.names()).toEqual(["welcomed"]);
  });

  it("says so where a read-only server gives no new sessions, and answers with a reply's header", () => {
    const rig = new Rig();
    rig.receive(reply(0, 0x1_0000_0002n, -119));
    expect(rig.failure).toMatchObject({ code: "ZK_NOT_READ_ONLY", zkCode: -119, next: "elsewhere", message: expect.stringContaining("localSessionsEnabled") });
  });

  it.each([["a reply's header", reply(0, 5, -101)], ["nothing", Buffer.alloc(0)], ["a few bytes", Buffer.from("HTTP")], ["a password longer than the packet", record(int(0), int(1), long(1), int(99))]])("fails where it is %s, and sends us elsewhere", (_, frame) => {
    const rig = new Rig();
    rig.receive(frame);
    expect(rig.failure).toMatchObject({ code: "HF_BAD_FRAME", whose: "remote", next: "elsewhere" });
    expect(rig.failure?.message).toContain("does not speak ZooKeeper's protocol");
  });
});

describe("a request", () => {
  it("carries a number of its own, from 1 up, and its type", () => {
    const rig = Rig.greeted();
    rig.ask(read("/a"));
    rig.ask(read("/b"));
    expect(rig.sent.map(hex)).toEqual([framed(int(1), int(4), ustring("/a"), bool(false)), framed(int(2), int(4), ustring("/b"), bool(false))].map(hex));
  });

  it("gets the answer in its turn, before anything that came after it", async () => {
    const rig = Rig.greeted();
    const order: string[] = [];
    const [one, two] = [rig.ask(read(), () => { order.push("one"); }), rig.ask(exists(root, "/a", true), () => { order.push("two"); })];
    rig.receive(reply(1, 7, 0, buffer("x"), statFields));
    rig.receive(reply(2, 8, 0, statFields));
    rig.receive(notification(3, "/a"));
    expect([...order, rig.names().at(-1)]).toEqual(["one", "two", "notified"]);
    expect(await fate(one)).toEqual({ value: { data: new Uint8Array(Buffer.from("x")), stat } });
    expect(await fate(two)).toEqual({ value: stat });
  });

  it("gets its answer also where many arrive in one piece with the greeting and an event", async () => {
    const rig = new Rig();
    const asked: Request<unknown>[] = [];
    rig.whenGreeted = () => { asked.push(rig.ask(exists(root, "/a", true)), rig.ask(read())); };
    rig.receive(welcome(), reply(1, 7, 0, statFields), notification(3, "/a"), reply(2, 8, -101));
    expect(rig.names()).toEqual(["welcomed", "watchesSet", "greeted", "asking", "seen", "proven", "notified", "seen", "proven"]);
    expect([await fate(asked[0] as Request), await fate(asked[1] as Request)]).toMatchObject([{ value: stat }, { error: { code: "ZK_NO_NODE" } }]);
  });

  it("gets no answer that comes in one piece with what made somebody end the channel", () => {
    const rig = Rig.greeted();
    rig.ask(exists(root, "/a", true), () => { rig.conversation.closed(); });
    rig.ask(read());
    rig.receive(reply(1, 7, 0, statFields), notification(3, "/a"), reply(2, 8, -101));
    expect(rig.names()).toEqual(["asking", "seen", "proven", "parted"]);
  });

  it("proves that the session lived when it was sent, not when it was answered", () => {
    const rig = Rig.greeted();
    const sentAt = rig.clock.now();
    rig.ask(read());
    rig.clock.advance(500);
    rig.receive(reply(1, 7, -101));
    expect(rig.told).toEqual([["asking"], ["seen", 7n], ["proven", sentAt]]);
  });

  it("fails with what the server said, and names itself", async () => {
    const rig = Rig.greeted();
    const request = rig.ask(setData(root, "/a", "x", 3));
    rig.receive(reply(1, 7, -103));
    expect(await fate(request)).toMatchObject({ error: { name: "ZooKeeperError", code: "ZK_BAD_VERSION", zkCode: -103, operation: "setData", path: "/a", outcome: "failed", index: undefined, message: expect.stringContaining("setData /a") } });
    expect(rig.failure).toBeUndefined();
  });

  it("fails with a number that has no name, too", async () => {
    const rig = Rig.greeted();
    const request = rig.ask(read());
    rig.receive(reply(1, 7, -999));
    expect(await fate(request)).toMatchObject({ error: { code: "ZK_UNKNOWN_CODE", zkCode: -999 } });
  });

  it("takes a missing node for an answer only where it asked whether there is one", async () => {
    const rig = Rig.greeted();
    const [absent, missing] = [rig.ask(exists(root, "/a", false)), rig.ask(read())];
    rig.receive(reply(1, 7, -101));
    rig.receive(reply(2, 7, -101));
    expect([await fate(absent), await fate(missing)]).toMatchObject([{ value: undefined }, { error: { code: "ZK_NO_NODE" } }]);
  });

  it("fails alone where its answer cannot be read, and may have been done", async () => {
    const rig = Rig.greeted();
    const [broken, fine] = [rig.ask(create(root, "/a", "", {})), rig.ask(getChildren(root, "/a", false))];
    rig.receive(reply(1, 7, 0, int(99)));
    rig.receive(reply(2, 7, 0, vector([ustring("x")])));
    expect([await fate(broken), await fate(fine)]).toMatchObject([{ error: { code: "ZK_BAD_REPLY", operation: "create", path: "/a", outcome: "unknown" } }, { value: ["x"] }]);
    expect(rig.failure).toBeUndefined();
  });

  it("fails alone where its answer was too long to be kept", async () => {
    const rig = Rig.greeted();
    const [long, fine] = [rig.ask(read()), rig.ask(addWatch(root, "/a", "recursive"))];
    rig.receive(reply(1, 7, tooLong));
    rig.receive(reply(2, 7, 0, int(0)));
    expect([await fate(long), await fate(fine)]).toMatchObject([{ error: { code: "ZK_REPLY_TOO_LONG", path: "/a", outcome: "unknown" } }, { value: undefined }]);
  });

  it("is not sent where it is longer than the servers take, and the next one is", async () => {
    const rig = Rig.greeted({ maxPacketBytes: 1_024 });
    // 4 xid, 4 type, 4 + 2 path, 4 data, 4 version: 22 bytes besides the data.
    const [fits, tooMuch, next] = [rig.ask(setData(root, "/a", "x".repeat(1_002), -1)), rig.ask(setData(root, "/a", "x".repeat(1_003), -1)), rig.ask(read())];
    expect(await fate(tooMuch)).toMatchObject({ error: { code: "ZK_REQUEST_TOO_LONG", outcome: "unsent", message: expect.stringContaining("1025 bytes") } });
    expect([await fate(fits), await fate(next), rig.sent.length]).toEqual(["open", "open", 2]);
    rig.receive(reply(1, 7, 0, statFields));
    rig.receive(reply(rig.sent[1]?.readInt32BE(4) ?? 0, 8, 0, buffer(""), statFields));
    expect(await fate(next)).toMatchObject({ value: { stat } });
  });

  it("is not sent at all where its caller has given up", () => {
    const rig = Rig.greeted();
    const request = new Request(read());
    request.promise.catch(() => {});
    request.reject(new Error("given up"));
    expect([rig.conversation.send(request as Request), rig.sent, rig.names()]).toEqual([true, [], []]);
  });

  it("passes on that the channel is full", () => {
    const rig = Rig.greeted();
    rig.room = false;
    expect(rig.conversation.send(new Request(read()) as Request)).toBe(false);
  });

  it("is counted as done where its caller has given up after it was sent", () => {
    const rig = Rig.greeted();
    const done: string[] = [];
    const request = rig.ask(create(root, "/a", "", { mode: "ephemeral" }), (path) => { done.push(path); });
    request.reject(new Error("given up"));
    rig.receive(reply(1, 7, 0, ustring("/a")));
    expect([done, rig.failure]).toEqual([["/a"], undefined]);
  });

  it("tells the session when the first of several waits", () => {
    const rig = Rig.greeted();
    rig.ask(read());
    rig.ask(read());
    expect(rig.names()).toEqual(["asking"]);
    expect(rig.conversation.oldest?.xid).toBe(1);
    rig.receive(reply(1, 7, -101));
    rig.receive(reply(2, 7, -101));
    expect(rig.conversation.oldest).toBeUndefined();
    rig.ask(read());
    expect(rig.names().filter((name) => name === "asking")).toHaveLength(2);
  });

  it("is handed back where the channel ends first", async () => {
    const rig = Rig.greeted();
    const request = rig.ask(read());
    const why = new Error("reset");
    rig.conversation.closed(why);
    expect(rig.told.at(-1)).toEqual(["parted", why]);
    expect(await fate(request)).toMatchObject({ error: { code: "ZK_CONNECTION_LOSS", outcome: "unknown", cause: why } });
  });
});

describe("what a server says unasked", () => {
  it("is an event, with the transaction where it says one", () => {
    const rig = Rig.greeted();
    rig.receive(notification(3, "/é", 0x1_0000_0001n));
    rig.receive(notification(1, "/b"));
    expect(rig.told).toEqual([["notified", { type: 3, path: "/é", zxid: 0x1_0000_0001n }], ["notified", { type: 1, path: "/b", zxid: 0n }]]);
  });

  it("ends the connection where it is an event that cannot be read", () => {
    const rig = Rig.greeted();
    rig.receive(notification(3, "/abc").subarray(0, -1));
    expect(rig.failure).toMatchObject({ code: "HF_BAD_FRAME" });
  });

  it.each([["one that was not asked", 1], ["one out of order", 2], ["a number that no client sends", -77]])("ends the connection where it is the answer of %s", (_, xid) => {
    const rig = Rig.greeted();
    if (xid === 2) {
      rig.ask(read());
      rig.ask(read());
    }
    rig.receive(reply(xid, 7, 0));
    expect(rig.failure).toMatchObject({ code: "HF_BAD_FRAME", whose: "remote" });
  });

  it("ends the connection where it is shorter than a header", () => {
    const rig = Rig.greeted();
    rig.receive(reply(1, 7, 0).subarray(0, 15));
    expect(rig.failure).toMatchObject({ code: "HF_BAD_FRAME" });
    rig.receive(Buffer.alloc(0));
    expect(rig.names()).toEqual(["failed", "failed"]);
  });

  it("counts as seen where it has a transaction, also on an error", () => {
    const rig = Rig.greeted();
    rig.ask(read());
    rig.receive(reply(1, 0x2_0000_0000n, -101));
    rig.receive(reply(-2, 0, 0));
    expect(rig.told.filter(([what]) => what === "seen")).toEqual([["seen", 0x2_0000_0000n]]);
  });
});

describe("a ping", () => {
  it("has a number of its own, and its answer proves the moment of its sending", () => {
    const rig = Rig.greeted();
    const sentAt = rig.clock.now();
    rig.conversation.ping(41);
    rig.clock.advance(20);
    rig.conversation.ping(42);
    rig.clock.advance(20);
    rig.receive(reply(-2, 0, 0));
    rig.receive(reply(-2, 0, 0));
    expect(rig.sent.map(hex)).toEqual([hex(framed(int(-2), int(11))), hex(framed(int(-2), int(11)))]);
    expect(rig.told).toEqual([["proven", sentAt], ["pong", 41], ["proven", sentAt + 20], ["pong", 42]]);
  });

  it("that nobody sent is answered in vain", () => {
    const rig = Rig.greeted();
    rig.receive(reply(-2, 0, 0));
    expect(rig.told).toEqual([]);
  });
});

describe("credentials and watches", () => {
  it("are answered under numbers of their own, between the answers of requests", async () => {
    const rig = Rig.greeted();
    const request = rig.ask(read());
    rig.conversation.say(authPacket({ scheme: "digest", auth: Buffer.from("a:b") }));
    rig.receive(reply(-4, 0, 0));
    rig.receive(reply(1, 7, 0, buffer(null), statFields));
    expect(rig.names()).toContain("authorized");
    expect(await fate(request)).toMatchObject({ value: { data: new Uint8Array(0) } });
  });

  it("end the connection where they are refused", () => {
    const rig = Rig.greeted();
    rig.receive(reply(-4, 0, -115));
    expect(rig.failure).toMatchObject({ code: "ZK_AUTH_FAILED" });
    const other = Rig.greeted();
    other.receive(reply(-8, 0, -4));
    expect(other.failure).toMatchObject({ code: "ZK_CONNECTION_LOSS", operation: "setWatches" });
  });
});

describe("the end", () => {
  it("is said with the request that ends the session", () => {
    const rig = Rig.greeted();
    rig.ask(read());
    rig.conversation.close();
    expect(hex(rig.sent[1])).toBe(hex(framed(int(2), int(-11))));
  });
});
