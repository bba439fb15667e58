import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { readTicket, writeTicket } from "../../src/client/ticket.ts";
import { Bench, policy } from "./bench.ts";

const moved = (epoch: number) => ({ type: "moved", epoch }) as const;

describe("MOVED", () => {
  it("is final: somebody else holds the credential", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.say(1, moved(2));
    expect(bench.reports.at(-1)).toEqual({ type: "moved", epoch: 2, uncertain: ["a"], unsent: [] });
    expect(bench.orders.at(-1)).toBe("rest HF_SESSION_MOVED");
    bench.start(2);
    expect(bench.frames.get(2)).toBeUndefined();
    expect(bench.machine.send("b")).toBe("over");
    expect(bench.machine.wakeAt()).toBe(Infinity);
  });

  it("is kept back while an ATTACH of our own is unanswered, and just ends the old channel where that moved it", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.say(1, moved(2));
    bench.machine.ended(1);
    expect(bench.types()).toEqual(["attached"]);
    bench.attached(2, { epoch: 2 });
    expect(bench.types()).toEqual(["attached", "attached"]);
  });

  it("just ends a channel that was superseded", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.attached(2);
    bench.say(1, moved(2));
    expect(bench.orders.at(-1)).toBe("done 1");
    expect(bench.machine.state.active).toBe(2);
  });

  it("is final where the ATTACHED names an older epoch", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.say(1, moved(3));
    bench.attached(2, { epoch: 2 });
    expect(bench.reports.at(-1)).toMatchObject({ type: "moved", epoch: 3 });
  });

  it("is not believed where the ATTACHED names a newer epoch: then we are the owner", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.machine.ended(2);
    bench.start(3);
    bench.say(1, moved(2)); // By the ATTACH on channel 2, whose answer was lost.
    bench.attached(3, { epoch: 3 });
    expect(bench.types()).toEqual(["attached", "attached"]);
  });

  it("proves nothing where an ATTACH of our own never got its answer: the client attaches anew", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.machine.ended(2);
    bench.say(1, moved(2));
    expect(bench.orders.at(-1)).toBe("drop 1 HF_SESSION_IN_DOUBT retry");
    bench.start(3);
    bench.attached(3, { epoch: 3 });
    bench.say(3, moved(4));
    expect(bench.reports.at(-1)).toMatchObject({ type: "moved", epoch: 4 });
  });

  it("is decided when the ATTACH that was unanswered turns out to be lost, or refused with a proof", () => {
    const lost = Bench.attached();
    lost.start(2);
    lost.say(1, moved(2));
    lost.machine.ended(2);
    expect(lost.orders.at(-1)).toBe("drop 1 HF_SESSION_IN_DOUBT retry");
    const refused = Bench.attached();
    refused.start(2);
    refused.say(1, moved(2));
    refused.refused(2, codes.busy, { proven: true });
    expect(refused.types()).toEqual(["attached", "moved"]);
  });

  it("waits for the answers of all ATTACHes that may have caused it", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.start(3);
    bench.say(1, moved(3));
    bench.attached(2, { epoch: 2 });
    expect(bench.types()).toEqual(["attached", "attached"]);
    bench.attached(3, { epoch: 3 });
    expect(bench.types()).toEqual(["attached", "attached", "attached"]);
  });

  it("proves nothing where the later of two ATTACHes lost its channel: the client attaches anew", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.start(3);
    bench.say(1, moved(3));
    bench.machine.ended(3);
    bench.attached(2, { epoch: 2 });
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_IN_DOUBT retry");
    expect(bench.types()).toEqual(["attached"]);
  });

  it("that names no newer owner ends the channel", () => {
    const bench = Bench.attached();
    bench.say(1, moved(1));
    expect(bench.orders.at(-1)).toBe("drop 1 HF_SESSION_PROTOCOL retry");
  });
});

describe("STALE_ATTACH", () => {
  it("with a number above ours is final: somebody else used it", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.start(2);
    bench.refused(2, codes.staleAttach, { attach: 2 ** 50, proven: true });
    expect(bench.types()).toEqual(["attached", "moved"]);
  });

  it("with one of our own numbers is late news", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.start(2);
    bench.start(3);
    bench.refused(2, codes.staleAttach, { attach: bench.machine.state.lastAttach, proven: true });
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_REFUSED elsewhere");
    bench.attached(3);
    expect(bench.types()).toEqual(["attached", "attached"]);
  });
});

describe("A takeover", () => {
  it("attaches once more with a higher number, says that the counts mean nothing, and is final for the other holder alone", () => {
    const bench = Bench.attached();
    bench.say(1, moved(2));
    bench.machine.takeover();
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ type: "attach", restarted: true });
    bench.refused(2, codes.staleAttach, { attach: 2 ** 50, proven: true });
    bench.start(3);
    expect(bench.greeting(3)).toMatchObject({ attach: 2 ** 50 + 1 });
    bench.attached(3, { epoch: 4, received: 5, replayFrom: 2 });
    expect(bench.reports.at(-1)).toMatchObject({ type: "attached", epoch: 4, continuity: "restarted" });
  });

  it("insists once, not twice", () => {
    const bench = Bench.attached();
    bench.say(1, moved(2));
    bench.machine.takeover();
    for (const [channel, attach] of [[2, 2 ** 50], [3, 2 ** 51]] as const) {
      bench.start(channel);
      bench.refused(channel, codes.staleAttach, { attach, proven: true });
    }
    expect(bench.types()).toEqual(["attached", "moved", "moved"]);
  });
});

describe("A ticket", () => {
  const options = { exact: true, messages: true };

  it("goes on exactly where the session came to rest", () => {
    const bench = Bench.attached();
    for (const text of ["a", "b"]) bench.machine.send(text);
    bench.data(1, "x", "y");
    bench.machine.handled(1, bench.now);
    bench.machine.suspend();
    expect(bench.said(1)).toEqual(["data a", "data b", "ack 1"]);
    expect(bench.orders.at(-1)).toBe("rest ");
    const ticket: unknown = JSON.parse(JSON.stringify(writeTicket(bench.machine.state, policy, bench.now, options)));
    const other = new Bench({}, readTicket(ticket, policy.wallClock(), 50));
    other.start(1);
    expect(other.greeting(1)).toMatchObject({ type: "attach", restarted: false, received: 1, sent: 2, acked: 0 });
    other.attached(1, { received: 1, replayFrom: 2 });
    other.data(1, "y");
    expect(other.said(1)).toEqual(["data b"]);
    expect(other.delivered).toEqual([["y", 2]]);
    expect(other.reports).toMatchObject([{ type: "attached", epoch: 2, continuity: "full" }]);
  });

  it("carries bytes and texts, and what was never sent", () => {
    const bench = Bench.attached({}, { windowMessages: 1 });
    bench.machine.send(Uint8Array.of(0, 255));
    bench.machine.send("ü");
    const other = new Bench({}, readTicket(writeTicket(bench.machine.state, policy, bench.now, options), 0, 0));
    expect(other.machine.state.outgoing).toMatchObject({ messages: [Uint8Array.of(0, 255), "ü"], sizes: [2, 2], sent: 1, base: 0, waitingBytes: 2 });
  });

  it("of a session that went on says RESTARTED, and sends again what the keeper does not have", () => {
    const bench = Bench.attached();
    for (const text of ["a", "b"]) bench.machine.send(text);
    const other = new Bench({}, readTicket(writeTicket(bench.machine.state, policy, bench.now, { exact: false, messages: true }), 0, 0));
    other.start(1);
    expect(other.greeting(1)).toMatchObject({ restarted: true });
    other.attached(1, { received: 1 });
    expect(other.said(1)).toEqual(["data b"]);
  });

  it("knows until when the session lives, as far as wall clocks agree", () => {
    const bench = Bench.attached();
    bench.wait(12_000);
    const ticket = writeTicket(bench.machine.state, policy, bench.now, options);
    const wall = policy.wallClock();
    for (const [later, left] of [[1_000, 17_000], [-60_000, 30_000], [99_000, 0]] as const) {
      expect(new Bench({}, readTicket(ticket, wall + later, 500)).machine.wakeAt()).toBe(500 + left);
    }
  });

  it("that somebody overtook is given up, or insists where takeover was said", () => {
    for (const insists of [false, true]) {
      const bench = Bench.attached();
      bench.machine.send("a");
      const state = readTicket(writeTicket(bench.machine.state, policy, bench.now, options), 0, 0);
      state.insists = insists;
      const other = new Bench({}, state);
      other.start(1);
      other.refused(1, codes.staleAttach, { attach: 2 ** 50, proven: true });
      expect(other.reports).toMatchObject([insists ? { type: "dropped", message: "a", why: "takenOver" } : { type: "moved", uncertain: ["a"] }]);
    }
  });

  it("is none where a field is wrong, and the error does not show it", () => {
    const good = writeTicket(Bench.attached().machine.state, policy, 0, options);
    for (const change of [{ version: 2 }, { id: "00" }, { secret: "xyz" }, { attach: -1 }, { sent: 1.5 }, { messages: "a" }, { messages: [{ bytes: "0" }] }, { exact: 1 }, { sent: 4 }]) {
      expect(() => readTicket({ ...good, ...change }, 0, 0)).toThrow("ticket must be a record that ticket() or suspend() has given");
    }
    for (const none of [undefined, null, "text", 7]) expect(() => readTicket(none, 0, 0)).toThrow("ticket must be");
  });
});
