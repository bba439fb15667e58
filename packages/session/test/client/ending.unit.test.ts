import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { Bench } from "./bench.ts";

/** A session that was attached, is not, and greets on channel 2. */
function returning(changes = {}): Bench {
  const bench = Bench.attached(changes);
  for (const text of ["a", "b"]) bench.machine.send(text);
  bench.machine.ended(1);
  bench.machine.send("c");
  bench.start(2);
  return bench;
}

describe("A client that is refused", () => {
  it("believes only a proven refusal that would end the session", () => {
    for (const code of [codes.expired, codes.stateLost, codes.diverged, codes.staleAttach]) {
      const bench = returning();
      bench.refused(2, code, { received: 1, attach: 2 ** 50 });
      expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_REFUSED elsewhere");
      bench.start(3);
      bench.attached(3, { received: 0 });
      expect(bench.said(3)).toEqual(["data a", "data b", "data c"]);
    }
  });

  it("says what was not delivered when the session has expired", () => {
    const bench = returning();
    bench.refused(2, codes.expired, { received: 1, proven: true });
    expect(bench.reports.slice(1)).toEqual([
      { type: "expired", lastReceived: 1, undelivered: ["b", "c"] },
      { type: "closed", cause: "expired", undelivered: [], fault: expect.objectContaining({ code: "HF_SESSION_EXPIRED" }) as unknown },
    ]);
    expect(bench.orders.at(-1)).toBe("rest HF_SESSION_EXPIRED");
    expect(bench.machine.send("d")).toBe("over");
  });

  it("says what is uncertain when the store lost its state, or somebody else used the credential", () => {
    for (const [code, why] of [[codes.stateLost, "stateLost"], [codes.diverged, "diverged"]] as const) {
      const bench = returning();
      bench.refused(2, code, { proven: true });
      expect(bench.reports[1]).toEqual({ type: "lost", why, uncertain: ["a", "b"], unsent: ["c"] });
      expect(bench.types()).toEqual(["attached", "lost", "closed"]);
    }
  });

  it("tries elsewhere where it is told BAD_PROOF, BUSY, RATE, or what it does not know, as late as the keeper wants", () => {
    for (const code of [codes.badProof, codes.busy, codes.rate, codes.handshakeTimeout, codes.goingAway, 4_999]) {
      const bench = returning();
      bench.refused(2, code, { retryAfter: 700, reason: "full" });
      expect(bench.faults).toMatchObject([{ code: "HF_SESSION_REFUSED", next: "elsewhere", retryAfter: 700 }]);
      expect(bench.faults[0]?.words).toContain("k2");
    }
  });

  it("gives an unknown session up when every endpoint has said so in one lap", () => {
    const bench = returning();
    bench.refused(2, codes.unknownSession);
    bench.machine.unreachable("k3");
    bench.machine.lapFailed();
    expect(bench.types()).toEqual(["attached"]);
    for (const [channel, endpoint] of [[4, "k2"], [5, "k3"], [6, "k1"]] as const) {
      bench.start(channel, endpoint);
      bench.refused(channel, codes.unknownSession);
      if (channel === 5) bench.machine.lapFailed(); // Not yet: k1 served it.
    }
    bench.machine.lapFailed();
    expect(bench.reports[1]).toEqual({ type: "lost", why: "unknown", uncertain: ["a", "b"], unsent: ["c"] });
  });

  it("does not give it up where a keeper was busy, or ended the channel without an answer", () => {
    for (const last of ["busy", "ended"] as const) {
      const bench = returning();
      bench.refused(2, codes.unknownSession);
      bench.start(3);
      if (last === "busy") bench.refused(3, codes.busy);
      else bench.machine.ended(3);
      bench.machine.lapFailed();
      expect(bench.types()).toEqual(["attached"]);
    }
  });

  it("gives an unknown session up at once where it is presumed to be expired, and never while a keeper serves it", () => {
    const bench = returning();
    bench.wait(30_000);
    bench.refused(2, codes.unknownSession);
    expect(bench.types()).toEqual(["attached", "presumedExpired", "lost", "closed"]);
    const moving = Bench.attached();
    moving.start(2);
    moving.refused(2, codes.unknownSession);
    moving.machine.lapFailed();
    expect(moving.types()).toEqual(["attached"]);
  });

  it("rests without credentials that are accepted, and tries again when it is told to", () => {
    const bench = returning();
    bench.refused(2, codes.unauthorized, { reason: "token expired", proven: true });
    expect(bench.reports.at(-1)).toMatchObject({ type: "unauthorized" });
    expect(bench.orders.at(-1)).toBe("rest HF_SESSION_UNAUTHORIZED");
    expect(bench.machine.send("d")).toBe("waiting");
    bench.machine.retry();
    bench.start(3);
    bench.attached(3);
    expect(bench.said(3)).toEqual(["data c", "data d"]);
  });

  it.each([codes.protocol, codes.flow])("gives up after three broken rules in a row, one of them by %i, and not where a heartbeat was answered in between", (code) => {
    for (const answered of [false, true]) {
      const bench = Bench.attached();
      for (const channel of [1, 2, 3]) {
        if (channel > 1) {
          bench.start(channel);
          bench.attached(channel);
        }
        if (answered) {
          bench.machine.ping(channel, channel, bench.now);
          bench.say(channel, { type: "pong", nonce: channel, acked: 0, sent: 0 });
        }
        if (channel === 2) bench.say(channel, { type: "close", code, received: 0, reason: "" });
        else bench.say(channel, Uint8Array.of(0));
      }
      expect(bench.types().includes("lost")).toBe(!answered);
    }
  });

  it("opens a fresh session where it was told to renew", () => {
    const bench = returning({ onEnd: "renew" });
    bench.data(1, "late");
    bench.refused(2, codes.expired, { received: 2, proven: true });
    expect(bench.reports.at(-1)).toEqual({ type: "expired", lastReceived: 2, undelivered: ["c"] });
    expect(bench.orders.slice(-2)).toEqual(["drop 2 HF_SESSION_REFUSED retry", "drained"]);
    bench.machine.send("d");
    bench.start(3);
    bench.opened(3, { id: new Uint8Array(16).fill(9) });
    expect(bench.said(3)).toEqual(["data d"]);
    bench.data(3, "x");
    expect(bench.delivered).toEqual([["x", 1]]);
    expect(bench.reports.at(-1)).toMatchObject({ type: "attached", resumed: false, continuity: "new", epoch: 1 });
  });
});

describe("A client that is told CLOSE", () => {
  it("ends where the server ended the session on purpose", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.say(1, { type: "close", code: codes.normal, received: 0, reason: "bye" });
    expect(bench.reports.at(-1)).toMatchObject({ type: "closed", cause: "ended", undelivered: ["a"], fault: { code: "HF_SESSION_ENDED" } });
  });

  it("believes its owner that the session has expired", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.say(1, { type: "close", code: codes.expired, received: 1, reason: "" });
    expect(bench.reports[1]).toEqual({ type: "expired", lastReceived: 1, undelivered: [] });
  });

  it("attaches anew for any other reason, and asks for a proof that way", () => {
    for (const code of [codes.sequenceMismatch, codes.goingAway, codes.stateLost, codes.diverged, codes.unknownSession, 4_999]) {
      const bench = Bench.attached();
      bench.say(1, { type: "close", code, received: 0, reason: "" });
      expect(bench.orders.at(-1)).toMatch(/^drop 1 HF_SESSION_(CHECKPOINT|REFUSED) retry$/);
      expect(bench.types()).toEqual(["attached"]);
    }
  });
});

describe("A client closes", () => {
  it("when everything is acknowledged, with a last acknowledgement and a goodbye", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.data(1, "x");
    bench.machine.close(bench.now);
    bench.handle();
    expect(bench.machine.send("b")).toBe("over");
    expect(bench.said(1)).toEqual(["data a"]);
    bench.ack(1, 1);
    expect(bench.said(1)).toEqual(["ack 1", "close 1000"]);
    expect(bench.reports.at(-1)).toEqual({ type: "closed", cause: "requested", undelivered: [] });
    expect(bench.orders.at(-1)).toBe("rest ");
  });

  it("attaches anew for what is not acknowledged, but not for longer than drainTimeout", () => {
    const bench = returning();
    bench.machine.close(bench.now);
    bench.attached(2, { received: 0 });
    bench.ack(2, 3);
    expect(bench.said(2)).toEqual(["data a", "data b", "data c", "close 1000"]);
    const late = returning();
    late.machine.close(late.now);
    late.wait(5_000);
    expect(late.reports.at(-1)).toEqual({ type: "closed", cause: "requested", undelivered: ["a", "b", "c"] });
  });

  it("at once where there is no session and nothing to send, and while at rest", () => {
    const bench = new Bench();
    bench.start(1);
    bench.machine.close(bench.now);
    expect(bench.types()).toEqual(["closed"]);
    const resting = returning();
    resting.refused(2, codes.unauthorized, { proven: true });
    resting.machine.close(resting.now);
    expect(resting.reports.at(-1)).toMatchObject({ type: "closed", cause: "requested", undelivered: ["a", "b", "c"] });
  });

  it("and does nothing more", () => {
    const bench = Bench.attached();
    bench.machine.close(bench.now);
    const { length } = bench.orders;
    bench.sent(1);
    bench.start(2);
    bench.data(1, "x");
    bench.machine.ping(1, 1, bench.now);
    bench.machine.close(bench.now);
    bench.machine.suspend();
    bench.wait(100_000);
    expect(bench.orders.slice(length)).toEqual(["done 2"]);
    expect(bench.said(1)).toEqual([]);
    expect(bench.machine.wakeAt()).toBe(Infinity);
  });

  it("where its link gave up", () => {
    const bench = returning();
    bench.machine.gaveUp("exhausted");
    expect(bench.reports.at(-1)).toEqual({ type: "closed", cause: "exhausted", undelivered: ["a", "b", "c"] });
  });
});

describe("The owner of a session", () => {
  it("presumes that it is over one timeout after the sending of the greeting that was answered", () => {
    const bench = new Bench();
    bench.start(1);
    bench.now += 400;
    bench.opened(1);
    bench.wait(29_599);
    expect(bench.types()).toEqual(["attached"]);
    bench.wait(1);
    expect(bench.types()).toEqual(["attached", "presumedExpired"]);
    expect(bench.machine.wakeAt()).toBe(Infinity);
  });

  it("takes an answered ping for a sixth less, for the keeper asks its store that rarely", () => {
    const bench = Bench.attached();
    bench.wait(10_000);
    bench.machine.ping(1, 1, bench.now);
    bench.wait(2_000);
    bench.say(1, { type: "pong", nonce: 1, acked: 0, sent: 0 });
    expect(bench.machine.wakeAt()).toBe(1_000 + 10_000 + 25_000);
  });

  it("goes on trying, and is told that it is the owner after all", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.wait(30_000);
    bench.start(2);
    bench.attached(2);
    expect(bench.types()).toEqual(["attached", "presumedExpired", "restored", "attached"]);
  });

  it("is not restored by an answer that is as old as the presumption", () => {
    const bench = Bench.attached();
    bench.machine.ping(1, 1, bench.now);
    bench.wait(40_000);
    bench.say(1, { type: "pong", nonce: 1, acked: 0, sent: 0 });
    expect(bench.types()).toEqual(["attached", "presumedExpired"]);
  });
});
