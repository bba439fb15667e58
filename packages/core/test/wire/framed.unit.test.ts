import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { framed } from "../../src/protocol/framed.ts";
import type { Frame } from "../../src/ports/channel.ts";
import { lan, wireRig, type WireRig } from "./wire-rig.ts";

const protocol = framed() as never;
const dialer = (heartbeat = true): WireRig => wireRig({ protocol, ...(heartbeat && { heartbeat: lan }) });
const listener = (): WireRig => wireRig({ protocol, side: "listener" });
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const helloFrom = (side: 1 | 2): Uint8Array => bytes(9, 0x68, 0x66, 1, side);
const control = (kind: number, first: number, second: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(9));
  view.setUint8(0, kind);
  view.setUint32(1, first);
  view.setUint32(5, second);
  return new Uint8Array(view.buffer);
};

/** A dialer and a listener whose channels are one. */
function pair(): { readonly client: WireRig; readonly server: WireRig } {
  const client = dialer();
  const server = listener();
  client.channel.onSend = (frame) => { server.channel.deliver(frame); };
  server.channel.onSend = (frame) => { client.channel.deliver(frame); };
  client.start();
  server.start();
  return { client, server };
}

/** A dialer that was greeted. */
function met(): WireRig {
  const rig = dialer();
  rig.start();
  rig.channel.deliver(helloFrom(2));
  return rig;
}

describe("the framed greeting", () => {
  it("is said by the dialer at once, and answered by the listener", () => {
    const [one, other] = [dialer(), listener()];
    one.start();
    other.start();
    expect([one.channel.sent, other.channel.sent]).toEqual([[helloFrom(1)], []]);
    other.channel.deliver(helloFrom(1));
    expect([other.channel.sent, other.told]).toEqual([[helloFrom(2)], ["greeted"]]);
    one.channel.deliver(helloFrom(2));
    expect(one.told).toEqual(["greeted"]);
  });

  it.each<[string, Frame, string]>([
    ["an echo", helloFrom(1), "it sends back what we sent"],
    ["a message", bytes(0, 1, 2), "its first frame is not a greeting"],
    ["nothing", bytes(), "its first frame is not a greeting"],
    ["a greeting of another version", bytes(9, 0x68, 0x66, 2, 2), "its first frame is not a greeting"],
    ["a greeting that goes on", bytes(9, 0x68, 0x66, 1, 2, 0), "its first frame is not a greeting"],
    ["HTTP", new TextEncoder().encode("HTTP/1.1 400 Bad Request"), "its first frame is not a greeting"],
    ["text", "hello", "it sent a text frame"],
  ])("is not taken for one when it is %s", (_, frame, why) => {
    const rig = dialer();
    rig.start();
    rig.channel.deliver(frame);
    expect(rig.told).toEqual(["ended refused HF_NOT_HOLDFAST"]);
    expect(rig.channel.aborted).toMatchObject({ next: "elsewhere", whose: "remote", message: expect.stringContaining(`(${why})`) });
    expect(rig.channel.aborted?.message).toContain("use text(), bytes() or json() for a plain server");
  });

  it("is missed at its first byte on a stream, not after a time-out", () => {
    const framer = framed().framing?.start(1_000);
    expect(() => framer?.push(bytes(0x48), () => { /* Nothing. */ })).toThrow("its first byte is no greeting");
    const other = framed().framing?.start(1_000);
    const whole: number[] = [];
    other?.push(bytes(), () => { /* Nothing. */ });
    other?.push(bytes(5, 9, 0x68), () => { /* Not whole yet. */ });
    other?.push(bytes(0x66, 1, 2, 1, 4), (frame) => whole.push(frame.length));
    expect(whole).toEqual([5, 1]);
  });
});

describe("framed messages", () => {
  it("arrive as what they were sent as", () => {
    const { client, server } = pair();
    client.wire.say("text");
    client.wire.say(bytes(1, 2));
    client.wire.say("");
    server.wire.say("back");
    expect(server.told.slice(1)).toEqual(["message text", "message [1,2]", "message "]);
    expect(client.told.slice(1)).toEqual(["message back"]);
  });

  it("arrive whatever their text is", () => {
    const { client, server } = pair();
    fc.assert(fc.property(fc.string({ unit: "grapheme" }).map((text) => text.toWellFormed()), (text) => {
      client.wire.say(`\u{feff}${text}`);
      return server.told.at(-1) === `message \u{feff}${text}`;
    }));
  });

  it.each<unknown>([Symbol("no"), {}, 7])("that are none are refused, and harm no other: %s", (message) => {
    const { client, server } = pair();
    expect(() => client.wire.say(message as Frame)).toThrow(/\w/);
    client.wire.say("text");
    expect([server.told.at(-1), client.wire.unconfirmed]).toEqual(["message text", 1]);
  });

  it.each<[string, Frame, string]>([
    ["of an unknown kind", bytes(7, 1), "unknown kind 7"],
    ["without a kind", bytes(), "unknown kind (empty)"],
    ["of a kind that has its time", helloFrom(2), "unknown kind 9"],
    ["that are pings cut short", bytes(1, 0, 0, 0, 1), "a control frame of a wrong length"],
    ["that are pongs with more to them", bytes(...control(2, 1, 1), 0), "a control frame of a wrong length"],
    ["of text", "plain", "it sent a text frame"],
  ])("%s end the channel: the peer broke the rules", (_, frame, why) => {
    const rig = met();
    rig.channel.deliver(frame);
    expect(rig.told.at(-1)).toMatch(/^ended protocol HF_(BAD_FRAME|NOT_HOLDFAST)$/);
    expect(rig.channel.aborted?.message).toContain(why);
  });

  it("end with a goodbye, which the other side takes for an orderly end", () => {
    const { client, server } = pair();
    client.wire.close();
    expect(server.told.at(-1)).toBe("ended closed");
    expect(server.channel.state).toBe("closing");
  });

  it("may be a wish to move", () => {
    const { client, server } = pair();
    expect(server.wire.dismiss({ within: 30_000, spread: 10_000 })).toBe(true);
    expect(client.told.at(-1)).toBe("leave within 30000 spread 10000");
  });
});

describe("a framed wish to move", () => {
  const leave = (more: string): Uint8Array => Uint8Array.of(...control(3, 1_000, 500), ...new TextEncoder().encode(more));

  it("may name endpoints, in order, and is as short as ever where it names none", () => {
    const { client, server } = pair();
    server.wire.dismiss({ within: 1_000, spread: 500, to: ["tcp://a:1", "wss://b/x"] });
    server.wire.dismiss({ within: 1_000, spread: 500, to: [] });
    expect(client.told.slice(1)).toEqual(["leave within 1000 spread 500 to tcp://a:1,wss://b/x", "leave within 1000 spread 500"]);
    expect(server.channel.sent.slice(-2)).toEqual([leave("tcp://a:1\nwss://b/x"), control(3, 1_000, 500)]);
  });

  it("ends the channel where it is cut short, and is no more than text where it is nonsense", () => {
    const rig = met();
    rig.channel.deliver(Uint8Array.of(...control(3, 1_000, 500), 0xff, 0x0a));
    expect(rig.told.at(-1)).toBe("leave within 1000 spread 500 to \u{fffd},");
    rig.channel.deliver(control(3, 1_000, 500).subarray(0, 8));
    expect(rig.told.at(-1)).toBe("ended protocol HF_BAD_FRAME");
  });

  it("names 8192 bytes of endpoints at most", () => {
    const rig = met();
    rig.channel.deliver(leave("x".repeat(8_192)));
    expect(rig.told).toHaveLength(2);
    rig.channel.deliver(leave("x".repeat(8_193)));
    expect(rig.told.at(-1)).toBe("ended protocol HF_BAD_FRAME");
  });
});

describe("framed counts", () => {
  it("answer a ping with its number and what arrived", () => {
    const { client, server } = pair();
    client.wire.say("1");
    client.wire.say("2");
    server.channel.sent.length = 0;
    server.channel.deliver(control(1, 42, 0));
    expect(server.channel.sent).toEqual([control(2, 42, 2)]);
  });

  it("tell exactly what is unconfirmed", () => {
    const { client, server } = pair();
    for (let message = 0; message < 5; message += 1) client.wire.say("m");
    expect(client.wire.unconfirmed).toBe(5);
    client.wire.probe();
    expect(client.wire.unconfirmed).toBe(0);
    server.channel.onSend = undefined; // From here on nothing comes back.
    client.wire.say("lost, or not");
    client.wire.probe();
    expect(client.wire.unconfirmed).toBe(1);
  });

  it("confirm by a ping of the other side, too", () => {
    const rig = met();
    rig.wire.say("1");
    rig.channel.deliver(control(1, 1, 1));
    expect(rig.wire.unconfirmed).toBe(0);
  });

  it("do not let a peer confirm what was not sent", () => {
    const rig = met();
    rig.wire.say("1");
    rig.channel.deliver(control(1, 1, 2), control(1, 2, 0xffff_ffff));
    expect(rig.wire.unconfirmed).toBe(1);
  });

  it("keep both sides alive", () => {
    const { client, server } = pair();
    client.clock.advance(60_000);
    expect([client.told, server.told]).toEqual([["greeted"], ["greeted"]]);
    expect(client.wire.rtt?.last).toBe(0);
  });
});
