import { describe, expect, it } from "vitest";
import { ConnectError } from "../../src/errors/connect-error.ts";
import { FrameError } from "../../src/errors/frame-error.ts";
import { LinkError } from "../../src/errors/link-error.ts";
import { text } from "../../src/protocol/plain.ts";
import { lan, scripted, wireRig } from "./wire-rig.ts";

/** A channel that greets as soon as the conversation begins. */
const eager = () => scripted({}, (line) => { line.greeted(); });

describe("a wire", () => {
  it("sends the greeting before anything is read", () => {
    let sentBefore: readonly unknown[] = [];
    const protocol = scripted({ frame: () => { sentBefore = [...channel.sent]; } }, (line) => { line.send("hello"); });
    const { channel, start } = wireRig({ protocol });
    channel.deliver("it was there first");
    start();
    expect(sentBefore).toEqual(["hello"]);
  });

  it("says greeted only once, with the terms", () => {
    const { start, told } = wireRig({ protocol: scripted({}, (line) => { line.greeted({ maxMisses: 1 }); line.greeted(); }) });
    start();
    expect(told).toEqual(["greeted"]);
    const later = scripted({});
    const rig = wireRig({ protocol: later });
    rig.start();
    expect(rig.told).toEqual([]);
    later.line().greeted({ resumed: true });
    later.line().greeted();
    expect(rig.told).toEqual(["greeted resumed true"]);
  });

  it("tells of a greeting made while it starts when the conversation can be spoken to", () => {
    const { start, told, channel } = wireRig({ protocol: eager(), when: { greeted: (wire) => { wire.say("first"); } } });
    start();
    expect([told, channel.sent]).toEqual([["greeted"], ["first"]]);
  });

  it("hands messages and wishes to its owner", () => {
    const protocol = eager();
    const { start, told } = wireRig({ protocol });
    start();
    protocol.line().message("hi");
    protocol.line().leave({ within: 10, spread: 5 });
    protocol.line().drained();
    expect(told.slice(1)).toEqual(["message hi", "leave within 10 spread 5", "drained"]);
  });

  it("asks the conversation what a drained channel means, or says so itself", () => {
    const own = wireRig({ protocol: scripted({ drained: () => { /* Sends something of its own first. */ } }, (line) => { line.greeted(); }) });
    own.start();
    own.channel.drain();
    expect(own.told).toEqual(["greeted"]);
    const plain = wireRig({ protocol: eager() });
    plain.start();
    plain.channel.drain();
    expect(plain.told).toEqual(["greeted", "drained"]);
  });

  it("pauses where the transport can, and says where it cannot", () => {
    const { wire, channel, start } = wireRig({ protocol: eager() });
    start();
    expect([wire.pause(), channel.paused]).toEqual([true, true]);
    wire.resume();
    expect(channel.paused).toBe(false);
    delete channel.pause;
    expect(wire.pause()).toBe(false);
  });

  it("dismisses the peer where the protocol has a word for it", () => {
    const asked: number[] = [];
    const { wire, start, channel } = wireRig({ protocol: scripted({ dismiss: ({ within }) => { asked.push(within); } }) });
    start();
    expect(wire.dismiss({ within: 9, spread: 0 })).toBe(true);
    channel.end();
    expect(wire.dismiss({ within: 8, spread: 0 })).toBe(false);
    expect(asked).toEqual([9]);
    const mute = wireRig({ protocol: text() as never });
    mute.start();
    expect(mute.wire.dismiss({ within: 9, spread: 0 })).toBe(false);
  });
});

describe("a wire ends", () => {
  it.each([
    ["orderly", undefined, "ended closed"],
    ["by a peer that closes with a code", new LinkError("HF_CLOSED_BY_PEER", "closed (1001)"), "ended closed HF_CLOSED_BY_PEER"],
    ["by a reset", new LinkError("HF_RESET", "reset"), "ended reset HF_RESET"],
    ["by a frame that breaks the rules", new FrameError("HF_FRAME_TOO_LONG", "remote", "too long"), "ended protocol HF_FRAME_TOO_LONG"],
    ["by an error of a stranger", new TypeError("socket hang up"), "ended reset HF_BAD_FRAME"],
  ])("%s", (_, error, words) => {
    const { start, channel, told, clock } = wireRig({ protocol: eager(), heartbeat: lan });
    start();
    channel.end(error);
    expect(told).toEqual(["greeted", words]);
    expect(clock.pending).toBe(0);
  });

  it.each<[string, { when: "start" | "frame"; met: boolean }, string]>([
    ["refused, when the protocol throws while it starts", { when: "start", met: false }, "ended refused HF_BAD_FRAME"],
    ["refused, when it throws before the greeting", { when: "frame", met: false }, "ended refused HF_BAD_FRAME"],
    ["protocol, when it throws after the greeting", { when: "frame", met: true }, "ended protocol HF_BAD_FRAME"],
  ])("%s", (_, { when, met }, words) => {
    const fail = (): never => { throw new RangeError("a slip of the pen"); };
    const protocol = scripted(when === "frame" ? { frame: fail } : {}, (line) => {
      if (met) line.greeted();
      if (when === "start") fail();
    });
    const { start, channel, told, clock } = wireRig({ protocol, heartbeat: lan });
    start();
    channel.deliver("anything");
    expect(told.at(-1)).toBe(words);
    expect(channel.aborted?.message).toContain("a slip of the pen");
    expect(channel.aborted).toMatchObject({ cause: expect.any(RangeError) });
    expect(clock.pending).toBe(0);
  });

  it("protocol, when it cannot even ask for a sign of life", () => {
    const protocol = scripted({ ping: () => { throw new RangeError("a slip of the pen"); } }, (line) => { line.greeted(); });
    const { start, channel, told, clock } = wireRig({ protocol, heartbeat: lan });
    start();
    clock.advance(500);
    expect(told.at(-1)).toBe("ended protocol HF_BAD_FRAME");
    expect(channel.aborted).toMatchObject({ cause: expect.any(RangeError) });
    expect(clock.pending).toBe(0);
  });

  it("as the conversation says: done, or failed", () => {
    const done = eager();
    const first = wireRig({ protocol: done });
    first.start();
    done.line().done();
    expect([first.told.at(-1), first.channel.state]).toEqual(["ended closed", "closing"]);
    const failed = eager();
    const second = wireRig({ protocol: failed });
    second.start();
    failed.line().fail(new ConnectError("HF_REFUSED", "fake://a", "no", { next: "stop" }));
    expect([second.told.at(-1), second.channel.aborted]).toEqual(["ended protocol HF_REFUSED", expect.objectContaining({ next: "stop" })]);
  });

  it("once: what comes after the end tells nobody anything", () => {
    const protocol = eager();
    const { start, told, wire, channel } = wireRig({ protocol, heartbeat: lan });
    start();
    protocol.line().done();
    const line = protocol.line();
    channel.deliver("late");
    line.message("late");
    line.leave({ within: 0, spread: 0 });
    line.fail(new LinkError("HF_RESET", "late"));
    line.greeted();
    line.drained();
    line.pong(1);
    wire.probe();
    wire.close();
    channel.end();
    expect(told).toEqual(["greeted", "ended closed"]);
  });

  it("without a word to the owner where the owner aborts it", () => {
    const { start, told, wire, channel } = wireRig({ protocol: eager(), heartbeat: lan });
    start();
    wire.abort(new LinkError("HF_ABORTED", "enough"));
    expect(told).toEqual(["greeted"]);
    expect(channel.aborted).toMatchObject({ code: "HF_ABORTED" });
  });

  it("with a goodbye where the owner closes it, and tells when it is over", () => {
    const { start, told, wire, channel, clock } = wireRig({ protocol: eager(), heartbeat: lan });
    start();
    wire.close({ code: 1001 });
    expect([channel.sent, channel.farewell, channel.state]).toEqual([["goodbye"], { code: 1001 }, "closing"]);
    clock.advance(60_000);
    expect(told).toEqual(["greeted"]);
    channel.end();
    expect(told).toEqual(["greeted", "ended closed"]);
  });
});
