// Messages that do not wait for the answer to an ATTACH.
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { Bench } from "./bench.ts";

/** A client that has sent so many messages, 1 and on, and now greets another keeper on channel 2. */
function moving(messages: number, terms: { windowMessages?: number; frameMax?: number; windowBytes?: number } = {}): Bench {
  const bench = Bench.attached({}, terms);
  for (let at = 1; at <= messages; at += 1) bench.machine.send(String(at));
  bench.sent(1);
  bench.start(2);
  return bench;
}

describe("A client that moves", () => {
  it("puts what is not acknowledged behind its ATTACH, and what it sends then on both channels", () => {
    const bench = Bench.attached();
    for (const message of ["a", "b", "c"]) bench.machine.send(message);
    bench.ack(1, 1);
    bench.sent(1);
    bench.start(2);
    expect(bench.greeting(2)).toMatchObject({ early: true, acked: 1, sent: 1_025 });
    expect(bench.said(2)).toEqual(["data b", "data c"]);
    expect(bench.machine.send("d")).toBe("sent");
    expect([bench.said(1), bench.said(2)]).toEqual([["data d"], ["data d"]]);
  });

  it("counts there from what the ATTACH acknowledges, whatever is committed by then, and says nothing again", () => {
    const bench = moving(3);
    bench.machine.send("4");
    bench.sent(2);
    bench.attached(2, { received: 2 });
    bench.machine.send("5");
    bench.machine.ping(2, 7, bench.now);
    expect(bench.said(2)).toEqual(["data 5", "ping 7 acked 0 sent 5"]);
    bench.ack(2, 5);
    expect(bench.machine.state.outgoing).toMatchObject({ base: 5, flightBytes: 0, messages: [] });
  });

  it("has what it put there in flight: it counts in the window of the new keeper", () => {
    const bench = moving(3);
    bench.attached(2, { received: 1, windowMessages: 2 });
    expect(bench.machine.state.outgoing.flightBytes).toBe(2);
    expect(bench.machine.send("4")).toBe("waiting");
    bench.ack(2, 2);
    expect(bench.said(2).at(-1)).toBe("data 4");
  });

  it("acknowledges nothing behind its ATTACH", () => {
    const bench = moving(1);
    bench.sent(2);
    bench.data(1, "x");
    bench.handle();
    bench.machine.send("2");
    bench.wait(300);
    expect(bench.said(2)).toEqual(["data 2"]);
    bench.attached(2);
    bench.data(2, "x"); // Its keeper has not heard, and sends it again.
    expect(bench.said(2)).toEqual(["ack 1"]);
  });

  it("goes on with the old channel alone where that ATTACH is refused, or its channel ends", () => {
    for (const end of [(bench: Bench) => { bench.refused(2, codes.busy); }, (bench: Bench) => { bench.machine.ended(2); }]) {
      const bench = moving(2);
      bench.machine.send("3");
      end(bench);
      bench.sent(1);
      bench.sent(2);
      bench.machine.send("4");
      expect([bench.said(1), bench.said(2)]).toEqual([["data 4"], []]);
    }
  });

  it("puts nothing more there once the old channel is gone: it waits for the answer", () => {
    const bench = moving(2);
    bench.sent(2);
    bench.machine.ended(1);
    bench.machine.send("3");
    expect(bench.said(2)).toEqual([]);
    bench.attached(2, { received: 1 });
    expect(bench.said(2)).toEqual(["data 3"]);
  });

  it("puts each message on all channels that it greets, each once and in order", () => {
    const bench = moving(2);
    bench.machine.send("3");
    bench.start(3);
    bench.machine.send("4");
    expect([bench.said(2), bench.said(3)]).toEqual([["data 1", "data 2", "data 3", "data 4"], ["data 1", "data 2", "data 3", "data 4"]]);
    bench.attached(2, { epoch: 2, received: 1 });
    bench.machine.send("5");
    expect([bench.said(2), bench.said(3)]).toEqual([["data 5"], ["data 5"]]);
    bench.attached(3, { epoch: 3, received: 5 });
    bench.machine.send("6");
    expect([bench.said(2), bench.said(3)]).toEqual([[], ["data 6"]]);
  });

  it("goes on on the old channel alone once there is no more room behind the ATTACH, and counts with empty frames what the store has of that", () => {
    const bench = moving(2);
    bench.sent(2);
    const long = "x".repeat(16_384 - 3 * 65 - 2); // A frame counts as 65 bytes more than its payload, and two of one byte are there.
    for (const message of [`${long}y`, "4", "5", "6"]) expect(bench.machine.send(message)).toBe("sent");
    expect([bench.said(1).length, bench.said(2)]).toEqual([4, []]); // Not "4" either: there would be a gap.
    bench.attached(2, { received: 5 });
    expect(bench.said(2)).toEqual(["data [0]", "data [0]", "data [0]", "data 6"]);
    bench.machine.ping(2, 7, bench.now);
    expect(bench.said(2)).toEqual(["ping 7 acked 0 sent 6"]);
    const other = moving(2);
    other.sent(2);
    other.machine.send(long);
    expect(other.said(2)).toEqual([`data ${long}`]);
  });

  it("says afterwards, on the new channel, what there was no room for and the store does not have", () => {
    const bench = moving(2);
    bench.machine.send("x".repeat(16_384));
    bench.machine.send("4");
    bench.sent(2);
    bench.attached(2, { received: 1 });
    expect(bench.said(2)).toEqual([`data ${"x".repeat(16_384)}`, "data 4"]);
  });

  it("puts nothing early that needs more than one frame", () => {
    const bench = moving(1, { frameMax: 256 });
    bench.machine.send("x".repeat(247));
    expect(bench.machine.send("x".repeat(248))).toBe("sent");
    bench.machine.send("4");
    expect(bench.said(2).map((word) => word.length - "data ".length)).toEqual([1, 247]);
  });

  it("keeps to the window of the keeper that serves it", () => {
    const bench = moving(1, { windowMessages: 2 });
    expect(bench.greeting(2)).toMatchObject({ early: true, sent: 2 });
    bench.machine.send("2");
    expect(bench.machine.send("3")).toBe("waiting");
    expect(bench.said(2)).toEqual(["data 1", "data 2"]);
  });

  it.each([
    ["there is no room for all that is not acknowledged", () => moving(300)],
    ["one of them needs several frames", () => { const bench = Bench.attached({}, { frameMax: 256 }); bench.machine.send("x".repeat(248)); bench.start(2); return bench; }],
    ["some of them are still to be sent again", () => {
      const bench = Bench.attached();
      for (const message of ["a", "b", "c"]) bench.machine.send(message);
      bench.machine.ended(1);
      bench.start(3);
      bench.attached(3, { received: 0, windowMessages: 1 });
      bench.start(2);
      return bench;
    }],
    ["no channel serves it", () => { const bench = Bench.attached(); bench.machine.send("a"); bench.machine.ended(1); bench.start(2); return bench; }],
  ])("does not begin where %s", (_, begin) => {
    const bench = begin();
    expect(bench.greeting(2)).toMatchObject({ type: "attach", early: false });
    expect(bench.said(2)).toEqual([]);
  });
});
