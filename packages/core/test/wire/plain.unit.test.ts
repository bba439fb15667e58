import { describe, expect, it } from "vitest";
import { json } from "../../src/protocol/json.ts";
import { bytes, text } from "../../src/protocol/plain.ts";
import { lan, wireRig, type WireRig } from "./wire-rig.ts";

function begun(protocol: object, heartbeat = false): WireRig {
  const rig = wireRig({ protocol: protocol as never, ...(heartbeat && { heartbeat: lan }) }); // Each test sends what its protocol takes.
  rig.start();
  return rig;
}
const encode = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("text", () => {
  it("greets at once, and sends and receives strings, one per frame", () => {
    const rig = begun(text());
    rig.wire.say("out");
    rig.channel.deliver("in", encode("größer"), "");
    expect([rig.channel.sent, rig.told]).toEqual([["out"], ["greeted", "message in", "message größer", "message "]]);
  });

  it("keeps a mark at the beginning that others take for an encoding", () => {
    const rig = begun(text());
    rig.channel.deliver(encode("\u{feff}in"));
    expect(rig.told.at(-1)).toBe("message \u{feff}in");
  });

  it("has no ping: the transport's is used", () => {
    expect(text().pings).toBe(false);
    const rig = begun(text(), true);
    rig.clock.advance(500);
    expect(rig.channel.pings).toBe(1);
  });
});

describe("bytes", () => {
  it("sends what it is given and receives bytes", () => {
    const rig = begun(bytes());
    rig.wire.say(Uint8Array.of(1));
    rig.wire.say("as text");
    rig.channel.deliver(Uint8Array.of(2), "é");
    expect([rig.channel.sent, rig.told]).toEqual([[Uint8Array.of(1), "as text"], ["greeted", "message [2]", "message [195,169]"]]);
  });
});

describe("json", () => {
  const spoken = (made: object): unknown => (made as WireRig).channel.sent.map((frame) => JSON.parse(frame as string) as unknown);

  it("sends and receives values, one per frame, as text or as bytes", () => {
    const rig = begun(json());
    rig.wire.say({ a: [1] } as never);
    rig.channel.deliver('{"b":null}', encode("7"), encode("\u{feff}8"), "null");
    expect([rig.channel.sent, rig.told]).toEqual([['{"a":[1]}'], ["greeted", 'message {"b":null}', "message 7", "message 8", "message null"]]);
  });

  it("ends the channel at a frame that is not JSON", () => {
    const rig = begun(json());
    rig.channel.deliver("<html>");
    expect(rig.told.at(-1)).toBe("ended protocol HF_BAD_FRAME");
    expect(rig.channel.aborted?.message).toContain("a frame that is not JSON: is it the right endpoint");
  });

  it.each([["undefined", undefined], ["a function", () => 1], ["a symbol", Symbol("s")]])("refuses to send %s", (_, message) => {
    expect(() => begun(json()).wire.say(message as never)).toThrow(expect.objectContaining({ code: "HF_BAD_FRAME", whose: "local" }));
  });

  it("pings with a value, and takes an answer for proof, which is not delivered", () => {
    const rig = begun(json<unknown, unknown>({ ping: { type: "ping" }, pong: (message) => (message as { type?: string }).type === "pong" }), true);
    rig.clock.advance(500);
    rig.channel.deliver('{"type":"pong"}');
    rig.clock.advance(1_000);
    expect([spoken(rig), rig.told]).toEqual([[{ type: "ping" }, { type: "ping" }], ["greeted"]]);
  });

  it("pings with a number that the answer carries back", () => {
    const rig = begun(json<unknown, unknown>({ ping: (n: number) => ({ n }), pong: (message) => (message as { n?: number }).n ?? false }), true);
    rig.clock.advance(500);
    rig.channel.deliver('{"n":99}');
    rig.clock.advance(1_000);
    expect([spoken(rig), rig.told]).toEqual([[{ n: 1 }, { n: 2 }], ["greeted", "suspected", "missed 1/3"]]);
    rig.channel.deliver('{"n":2}');
    rig.clock.advance(999);
    expect(rig.told).toHaveLength(3);
  });

  it("answers pings of the peer, which are not delivered", () => {
    const rig = begun(json({ answer: (message) => (message === "ping" ? "pong" : undefined) }));
    rig.channel.deliver('"ping"', '"other"');
    expect([rig.channel.sent, rig.told]).toEqual([['"pong"'], ["greeted", "message other"]]);
  });

  it("has pings only where both words are known", () => {
    expect([json().pings, json({ ping: 1 }).pings, json({ pong: () => true }).pings, json({ ping: 1, pong: () => true }).pings]).toEqual([false, false, false, true]);
  });

  it("measures a message by its text", () => {
    expect([json().size?.({ a: 1 }), json().size?.(undefined)]).toEqual([7, 0]);
  });

  it.each([["pong", { pong: () => { throw new Error("slip"); } }], ["answer", { answer: () => { throw new Error("slip"); } }]])("ends the channel where `%s` throws", (_, options) => {
    const rig = begun(json(options));
    rig.channel.deliver("1");
    expect(rig.told.at(-1)).toBe("ended protocol HF_BAD_FRAME");
    expect(rig.channel.aborted?.message).toContain("slip");
  });
});
