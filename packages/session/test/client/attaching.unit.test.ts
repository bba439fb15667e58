import { describe, expect, it } from "vitest";
import { body } from "../../src/frames/encode.ts";
import { labels } from "../../src/proof/labels.ts";
import { portableHmac } from "../../src/proof/portable-hmac.ts";
import { Bench, generation, id, secret } from "./bench.ts";

describe("A client opens", () => {
  it("says OPEN on its first channel, and nothing else before the answer", () => {
    const bench = new Bench();
    bench.start(1);
    expect(bench.machine.send("early")).toBe("waiting");
    expect(bench.greeting(1)).toMatchObject({ type: "open", versionMin: 1, versionMax: 1, features: 0, timeout: 30_000, frameMax: 65_536 });
    expect(bench.sent(1)).toEqual([]);
    bench.opened(1);
    expect(bench.said(1)).toEqual(["data early"]);
    expect(bench.orders).toEqual(["greeted 1 5000 false", "drained"]);
    expect(bench.reports).toEqual([{ type: "attached", channel: 1, epoch: 1, resumed: false, continuity: "new" }]);
  });

  it("says OPEN only on a channel that is encrypted or on this machine, unless it was told otherwise", () => {
    const bench = new Bench();
    bench.start(1, "ws://far", { secure: false });
    expect(bench.orders).toEqual(["drop 1 HF_SESSION_PLAINTEXT stop"]);
    expect(bench.frames.get(1)).toBeUndefined();
    const careless = new Bench({ allowPlaintext: true });
    careless.start(1, "ws://far", { secure: false });
    careless.opened(1);
    expect(careless.types()).toEqual(["attached"]);
  });

  it("goes elsewhere where OPENED is not proven, names a version that was not offered, or is no frame", () => {
    const answers: readonly ((bench: Bench) => void)[] = [
      (bench) => { bench.opened(1, {}, new Uint8Array(32)); },
      (bench) => { bench.opened(1, { version: 2 }); },
      (bench) => { bench.opened(1, { features: 4 }); },
      (bench) => { bench.say(1, Uint8Array.of(0)); },
      (bench) => { bench.say(1, "HTTP/1.1 400"); },
      (bench) => { bench.ack(1, 0); },
    ];
    for (const answer of answers) {
      const bench = new Bench();
      bench.start(1);
      answer(bench);
      expect(bench.orders).toEqual([expect.stringMatching(/^drop 1 HF_SESSION_(UNPROVEN|PROTOCOL) elsewhere$/)]);
      expect(bench.machine.state.credential).toBeUndefined();
    }
  });

  it("does not send auth that is too long for a greeting", () => {
    const bench = new Bench();
    bench.start(1, "k1", { auth: new Uint8Array(4_000) });
    expect(bench.orders).toEqual(["drop 1 HF_SESSION_UNAUTHORIZED stop"]);
  });

  it("closes a second session that it was given by a slower channel", () => {
    const bench = new Bench();
    bench.start(1);
    bench.start(2);
    bench.opened(2);
    bench.opened(1);
    expect(bench.said(1)).toEqual(["close 1000"]);
    expect(bench.orders.at(-1)).toBe("done 1");
    expect(bench.machine.state.active).toBe(2);
  });
});

describe("A client attaches", () => {
  it("proves that it knows the secret, over the whole frame", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.start(2);
    const attach = bench.greeting(2);
    expect(attach).toMatchObject({ type: "attach", restarted: false, id, generation, received: 0, sent: 0, acked: 0 });
    const bytes = bench.greetings.get(2) ?? new Uint8Array(0);
    expect(attach.type === "attach" && attach.mac).toEqual(portableHmac(secret, labels.attach, body(bytes)).subarray(0, 16));
  });

  it("chooses attach numbers that rise, by the wall clock where that is ahead", () => {
    let wall = 500;
    const bench = new Bench({ wallClock: () => wall });
    bench.start(1);
    bench.opened(1);
    const numbers = [2, 3, 4].map((channel) => {
      if (channel === 4) wall = 7_000.9;
      bench.start(channel);
      const attach = bench.greeting(channel);
      return attach.type === "attach" && attach.attach;
    });
    expect(numbers).toEqual([500, 501, 7_000]);
  });

  it("says how much it handled, sent, and knows to be committed", () => {
    const bench = Bench.attached();
    for (const text of ["a", "b", "c"]) bench.machine.send(text);
    bench.ack(1, 1);
    bench.data(1, "x", "y");
    bench.machine.handled(1, bench.now);
    bench.machine.ended(1);
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ received: 1, sent: 3, acked: 1 });
  });

  it("lets go of what the keeper has, sends the rest again in order, and knows what comes twice by its number", () => {
    const bench = Bench.attached();
    for (const text of ["a", "b", "c"]) bench.machine.send(text);
    bench.data(1, "x", "y");
    bench.machine.ended(1);
    bench.start(2);
    bench.attached(2, { received: 1, replayFrom: 1 });
    expect(bench.said(2)).toEqual(["data b", "data c"]);
    bench.data(2, "x", "y", "z");
    expect(bench.delivered).toEqual([["x", 1], ["y", 2], ["z", 3]]);
    expect(bench.reports.at(-1)).toEqual({ type: "attached", channel: 2, epoch: 2, resumed: true, continuity: "full" });
  });

  it("takes an ATTACHED without the right proof for a wrong endpoint", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.start(2);
    bench.attached(2, {}, new Uint8Array(32));
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_UNPROVEN elsewhere");
    bench.start(3);
    bench.attached(3);
    expect(bench.machine.state.active).toBe(3);
  });

  it("does not believe counts that cannot be", () => {
    for (const terms of [{ received: 2 }, { received: 0 }, { replayFrom: 3 }, { replayFrom: 0 }, { epoch: 1 }, { version: 9 }]) {
      const bench = Bench.attached();
      bench.machine.send("a");
      bench.ack(1, 1);
      bench.data(1, "x");
      bench.handle();
      bench.machine.ended(1);
      bench.start(2);
      bench.attached(2, terms);
      expect(bench.said(2)).toEqual(["close 4400"]);
      expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_PROTOCOL retry");
    }
  });

  it("sends on the channel that was attached last, and still takes what comes on the old one", () => {
    const bench = Bench.attached();
    bench.start(2);
    bench.attached(2);
    bench.machine.send("new");
    expect(bench.said(1)).toEqual([]);
    expect(bench.said(2)).toEqual(["data new"]);
    bench.data(1, "x");
    bench.data(2, "x", "y");
    expect(bench.delivered).toEqual([["x", 1], ["y", 2]]);
  });

  it("goes on sending on the old channel while an ATTACH is unanswered, as far as the ATTACH says, and acknowledges nothing there", () => {
    const bench = Bench.attached({}, { windowMessages: 3 });
    bench.machine.send("a");
    bench.data(1, "x");
    bench.handle();
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ received: 1, sent: 3 });
    bench.sent(1);
    expect(bench.machine.send("b")).toBe("sent");
    expect(bench.machine.send("c")).toBe("sent");
    bench.say(1, { type: "ack", acked: 3 });
    expect(bench.machine.send("d")).toBe("waiting"); // The window has room, but what the ATTACH said has to stay true.
    bench.data(1, "y");
    bench.handle();
    bench.wait(300);
    bench.machine.ping(1, 7, bench.now);
    expect(bench.said(1)).toEqual(["data b", "data c", "ping 7 acked 0 sent 3"]);
    bench.machine.ended(2);
    expect(bench.said(1)).toEqual(["ack 2", "data d"]);
  });

  it("is lost where more of its messages are committed than it sent, within what its ATTACH allowed", () => {
    const bench = Bench.attached({}, { windowMessages: 3 });
    bench.machine.send("a");
    bench.start(2);
    bench.attached(2, { received: 2 });
    expect(bench.reports.at(-2)).toMatchObject({ type: "lost", why: "diverged" });
  });

  it("sends again on the new channel what the old keeper did not commit", () => {
    const bench = Bench.attached();
    for (let at = 1; at <= 300; at += 1) bench.machine.send(`${at}`);
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ early: false, sent: 1_024 });
    bench.machine.send("b");
    expect(bench.said(2)).toEqual([]);
    bench.attached(2, { received: 299 });
    expect(bench.said(2)).toEqual(["data 300", "data b"]);
  });

  it("ignores the answer to an ATTACH where a later one was answered before", () => {
    const bench = Bench.attached();
    bench.machine.ended(1);
    bench.start(2);
    bench.start(3);
    bench.attached(3, { epoch: 3 });
    bench.attached(2, { epoch: 2 });
    expect(bench.orders.at(-1)).toBe("done 2");
    expect(bench.machine.state.active).toBe(3);
  });

  it("is told restarted where the counts have lost their meaning, and goes on where the keeper is", () => {
    const bench = Bench.attached();
    bench.machine.send("a");
    bench.machine.ended(1);
    bench.machine.state.restarted = true;
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ restarted: true });
    bench.attached(2, { received: 7, replayFrom: 4 });
    bench.machine.send("b");
    bench.data(2, "x");
    expect(bench.reports.at(-1)).toMatchObject({ type: "attached", continuity: "restarted" });
    expect(bench.delivered).toEqual([["x", 4]]);
    expect(bench.said(2)).toEqual(["data b"]);
    bench.ack(2, 8);
    bench.machine.ended(2);
    bench.start(3);
    expect(bench.greeting(3)).toMatchObject({ restarted: false, sent: 8, acked: 8 });
  });

  it("takes no notice of channels that it does not know", () => {
    const bench = Bench.attached();
    const before = structuredClone(bench.machine.state);
    bench.machine.frame(9, Uint8Array.of(1), 0);
    bench.machine.ended(9);
    bench.machine.drained(9);
    bench.machine.ping(9, 1, 0);
    bench.machine.leaving(9);
    expect(bench.machine.state).toEqual(before);
  });
});
