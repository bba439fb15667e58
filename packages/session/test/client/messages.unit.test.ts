import { describe, expect, it } from "vitest";
import { encodeVolatile } from "../../src/frames/data.ts";
import { Bench } from "./bench.ts";

describe("A client sends", () => {
  it("keeps a message until it is acknowledged", () => {
    const bench = Bench.attached();
    expect(bench.machine.send("a")).toBe("sent");
    expect(bench.machine.state.outgoing).toMatchObject({ base: 0, sent: 1, messages: ["a"] });
    bench.ack(1, 1);
    expect(bench.machine.state.outgoing).toMatchObject({ base: 1, messages: [], sizes: [], flightBytes: 0, waitingBytes: 0 });
  });

  it("stays within the keeper's window of messages, and says when nothing waits any more", () => {
    const bench = Bench.attached({}, { windowMessages: 2 });
    expect(["a", "b", "c", "d"].map((text) => bench.machine.send(text))).toEqual(["sent", "sent", "waiting", "waiting"]);
    expect(bench.said(1)).toEqual(["data a", "data b"]);
    bench.ack(1, 1);
    expect(bench.said(1)).toEqual(["data c"]);
    expect(bench.orders).not.toContain("drained");
    bench.ack(1, 3);
    expect(bench.said(1)).toEqual(["data d"]);
    expect(bench.orders.filter((order) => order === "drained")).toHaveLength(1);
  });

  it("stays within the keeper's window of bytes, but for one message in flight", () => {
    const bench = Bench.attached({}, { windowBytes: 2_000 });
    const long = new Uint8Array(1_500);
    expect(bench.machine.send(long)).toBe("sent");
    expect(bench.machine.send(long)).toBe("waiting");
    bench.ack(1, 1);
    expect(bench.said(1)).toEqual(["data [1500]", "data [1500]"]);
    expect(bench.machine.send(new Uint8Array(2_001))).toBe("tooLong");
  });

  it("takes no more than the outbox holds, and says so", () => {
    const bench = new Bench({ outbox: { maxMessages: 2, maxBytes: 10 } });
    bench.start(1);
    expect(["12345", "123456", "12345", ""].map((text) => bench.machine.send(text))).toEqual(["waiting", "full", "waiting", "full"]);
    expect(bench.machine.send("12345678901")).toBe("tooLong");
    bench.opened(1);
    expect(bench.said(1)).toEqual(["data 12345", "data 12345"]);
    expect(bench.orders).toContain("drained");
  });

  it("cuts a message that is longer than a frame of the keeper", () => {
    const bench = Bench.attached({}, { frameMax: 256 });
    bench.machine.send(new Uint8Array(600));
    expect(bench.said(1)).toEqual(["data [255] more", "data [255] more", "data [90]"]);
  });

  it("reports a message that turns out to be longer than the keeper takes", () => {
    const bench = new Bench();
    bench.start(1);
    const long = new Uint8Array(3_000);
    for (const message of ["a", long, "b"]) bench.machine.send(message);
    bench.opened(1, { windowBytes: 2_000 });
    expect(bench.reports.at(-1)).toEqual({ type: "dropped", message: long, why: "tooLong" });
    expect(bench.said(1)).toEqual(["data a", "data b"]);
    bench.ack(1, 2);
    expect(bench.machine.state.outgoing).toMatchObject({ base: 2, waitingBytes: 0, flightBytes: 0 });
  });

  it("goes elsewhere where a message that was sent is longer than the next keeper takes", () => {
    const bench = Bench.attached();
    bench.machine.send(new Uint8Array(3_000));
    bench.machine.ended(1);
    bench.start(2);
    bench.attached(2, { received: 0, windowBytes: 2_000 });
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_LIMITS elsewhere");
  });

  it("waits while its channel asks to", () => {
    const bench = Bench.attached();
    bench.takes = false;
    expect(bench.machine.send("a")).toBe("waiting");
    expect(bench.machine.send("b")).toBe("waiting");
    expect(bench.said(1)).toEqual(["data a"]);
    bench.takes = true;
    bench.machine.drained(1);
    expect(bench.said(1)).toEqual(["data b"]);
    expect(bench.orders.at(-1)).toBe("drained");
  });

  it("sends volatile messages without a number, and drops them while it is not attached", () => {
    const bench = Bench.attached({}, { frameMax: 256 });
    expect(bench.machine.sendVolatile("now")).toBe(true);
    expect(bench.machine.sendVolatile("x".repeat(256))).toBe("tooLong");
    expect(bench.sent(1)).toMatchObject([{ type: "volatile" }]);
    expect(bench.machine.state.outgoing.sent).toBe(0);
    bench.machine.ended(1);
    expect(bench.machine.sendVolatile("late")).toBe(false);
  });

  it("takes an acknowledgement of what was not sent, or less than before, for a broken rule", () => {
    for (const acked of [3, 0]) {
      const bench = Bench.attached();
      bench.machine.send("a");
      bench.machine.send("b");
      bench.ack(1, 1);
      bench.ack(1, acked);
      expect(bench.said(1).at(-1)).toBe("close 4400");
      expect(bench.orders.at(-1)).toBe("drop 1 HF_SESSION_PROTOCOL retry");
    }
  });
});

describe("A client receives", () => {
  it("puts the fragments of a message together", () => {
    const bench = Bench.attached();
    bench.parts(1, "x".repeat(1_000), 256);
    expect(bench.delivered).toEqual([["x".repeat(1_000), 1]]);
  });

  it("gives out volatile messages with the number 0", () => {
    const bench = Bench.attached();
    bench.say(1, encodeVolatile("now"));
    expect(bench.delivered).toEqual([["now", 0]]);
  });

  it("acknowledges what was handled, never what was received, 250 ms after the first", () => {
    const bench = Bench.attached();
    bench.data(1, "x", "y");
    bench.wait(1_000);
    expect(bench.said(1)).toEqual([]);
    bench.machine.handled(1, bench.now);
    bench.wait(100);
    bench.machine.handled(2, bench.now);
    bench.wait(149);
    expect(bench.said(1)).toEqual([]);
    bench.wait(1);
    expect(bench.said(1)).toEqual(["ack 2"]);
    expect(bench.machine.wakeAt()).toBeGreaterThan(bench.now + 10_000);
  });

  it("acknowledges at once after 32 messages, and after a quarter of the window's bytes", () => {
    const bench = Bench.attached();
    for (let n = 0; n < 32; n += 1) bench.data(1, "x");
    bench.machine.handled(31, bench.now);
    expect(bench.said(1)).toEqual([]);
    bench.handle();
    expect(bench.said(1)).toEqual(["ack 32"]);
    const small = Bench.attached({ grant: { frameMax: 65_536, windowMessages: 100, windowBytes: 1_000 } });
    small.data(1, new Uint8Array(250));
    small.handle();
    expect(small.said(1)).toEqual(["ack 1"]);
  });

  it("lets acknowledgements ride on messages, pings and pongs", () => {
    const bench = Bench.attached();
    for (const [n, act] of [() => bench.machine.send("a"), () => { bench.machine.ping(1, 5, bench.now); }, () => { bench.say(1, { type: "ping", nonce: 9, acked: 0, sent: 3 }); }].entries()) {
      bench.data(1, `x${n}`);
      bench.handle();
      act();
    }
    expect(bench.said(1)).toEqual(["data a acked 1", "ping 5 acked 2 sent 1", "pong 9 acked 3 sent 1"]);
    bench.wait(1_000);
    expect(bench.said(1)).toEqual([]);
  });

  it("acknowledges at once what comes twice, or the keeper would keep it for ever", () => {
    const bench = Bench.attached();
    bench.data(1, "x", "y");
    bench.start(2); // Claims nothing: nothing was handled yet.
    bench.handle();
    bench.attached(2, { replayFrom: 1 });
    expect(bench.said(2)).toEqual([]);
    bench.data(2, "x");
    expect(bench.said(2)).toEqual(["ack 1"]);
    bench.data(2, "y");
    expect(bench.said(2)).toEqual(["ack 2"]);
    expect(bench.delivered).toHaveLength(2);
  });

  it("does not acknowledge what comes twice before it is handled", () => {
    const bench = Bench.attached();
    bench.data(1, "x");
    bench.machine.ended(1);
    bench.start(2);
    bench.attached(2);
    bench.data(2, "x");
    expect(bench.said(2)).toEqual([]);
    bench.handle();
    bench.wait(250);
    expect(bench.said(2)).toEqual(["ack 1"]);
  });

  it("says no number again and again, and does not wake for one, while an ATTACH is unanswered", () => {
    const bench = Bench.attached();
    bench.data(1, "x", "y");
    bench.start(2);
    bench.handle();
    bench.attached(2, { replayFrom: 1 });
    bench.start(3);
    bench.data(2, "x", "y");
    expect(bench.said(2)).toEqual([]);
    expect(bench.machine.wakeAt()).toBeGreaterThan(bench.now + 1_000);
    bench.machine.ended(3);
    expect(bench.said(2)).toEqual(["ack 2"]);
  });

  it("ends a channel whose keeper sends more than the window", () => {
    const bench = Bench.attached({ grant: { frameMax: 65_536, windowMessages: 2, windowBytes: 1_000 } });
    bench.data(1, "x", "y", "z");
    expect(bench.said(1)).toEqual(["close 4426"]);
    expect(bench.delivered).toHaveLength(2);
    expect(bench.faults.at(-1)).toMatchObject({ code: "HF_SESSION_PROTOCOL", words: expect.stringContaining("more than the window that was granted") as string, next: "retry" });
    const bytes = Bench.attached({ grant: { frameMax: 65_536, windowMessages: 9, windowBytes: 1_000 } });
    bytes.data(1, new Uint8Array(600), new Uint8Array(600));
    expect(bytes.said(1)).toEqual(["close 4426"]);
  });

  it("ends a channel on which a checkpoint does not hold, and attaches anew", () => {
    for (const type of ["ping", "pong"] as const) {
      const bench = Bench.attached();
      bench.data(1, "x");
      bench.say(1, { type, nonce: 1, acked: 0, sent: 2 });
      expect(bench.said(1)).toEqual(["close 4425"]);
      expect(bench.orders.at(-1)).toBe("drop 1 HF_SESSION_CHECKPOINT retry");
    }
  });

  it("answers a ping with its own count, and proves a pong by its nonce", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.say(1, { type: "ping", nonce: 4, acked: 1, sent: 0 });
    bench.machine.ping(1, 6, bench.now);
    bench.say(1, { type: "pong", nonce: 5, acked: 1, sent: 0 });
    bench.say(1, { type: "pong", nonce: 6, acked: 1, sent: 0 });
    expect(bench.said(1)).toEqual(["data a", "pong 4 acked 0 sent 1", "ping 6 acked 0 sent 1"]);
    expect(bench.orders.filter((order) => order.startsWith("pong"))).toEqual(["pong 1 6"]);
  });

  it("ignores extensions, and passes on that the keeper wants it to go", () => {
    const bench = Bench.attached();
    bench.say(1, { type: "extension" });
    bench.say(1, { type: "goAway", within: 3_000, spread: 500 });
    expect(bench.orders.at(-1)).toBe("leave 1 3000 500");
    bench.start(2);
    bench.attached(2);
    bench.say(1, { type: "goAway", within: 3_000, spread: 500 });
    expect(bench.orders.filter((order) => order.startsWith("leave"))).toHaveLength(1);
  });

  it("goes on from a copy of its state", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.parts(1, "y".repeat(300), 256);
    const copy = new Bench({}, structuredClone(bench.machine.state));
    copy.data(1, "x");
    copy.ack(1, 1);
    expect(copy.delivered).toEqual([["x", 2]]);
  });
});
