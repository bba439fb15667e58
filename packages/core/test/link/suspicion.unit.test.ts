import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/ports/channel.ts";
import type { Conversation, Protocol } from "../../src/ports/protocol.ts";
import { connected } from "./rig.ts";
import type { FakeChannel } from "./fake-transport.ts";

const heartbeat = { interval: 1_000, timeout: 1_000, maxMisses: 3, suspectMargin: 250 };

/** Greets at once, pings as `ping`, and takes `pong` for the answer. */
function pinging(standby: Protocol<string, string>["standby"] = "greeted", more: Partial<Protocol<string, string>> = {}): Protocol<string, string> {
  return {
    pings: true, standby, ...more,
    start: (line): Conversation<string> => {
      line.greeted();
      return {
        frame: (frame) => {
          if (frame === "pong") line.pong();
          else line.message(String(frame));
        },
        send: (message) => line.send(message), ping: () => { line.send("ping"); }, close: () => undefined, closed: () => undefined,
      };
    },
  };
}

/** Answers the first pings, so that the round trip is known, and then falls silent. */
function answers(channel: FakeChannel, pings: number): void {
  let left = pings;
  channel.onSend = (frame: Frame) => {
    if (frame === "ping" && left-- > 0) channel.deliver("pong");
  };
}

const dials = (told: readonly string[]): readonly string[] => told.filter((word) => word.startsWith("connecting"));

describe("a suspicion", () => {
  it("prepares another channel, and moves there when it has greeted and the peer is still silent", async () => {
    const { link, channel, clock, accept, told } = await connected({ heartbeat, protocol: pinging() });
    answers(channel, 1);
    await clock.advanceAsync(1_500); // The first ping at 500, the second at 1500.
    link.send("lost");
    await clock.advanceAsync(260);
    expect(told.slice(2)).toEqual(["suspected a", "connecting b attempt 1"]);
    const next = await accept();
    expect(told.slice(4)).toEqual(["migrated suspected from fake://a to fake://b unconfirmed 1", "connected b"]);
    link.send("hello");
    expect([next.sent, channel.state]).toEqual([["hello"], "closing"]);
  });

  it("is over when anything is heard of the peer, and the other channel is given back", async () => {
    const { channel, clock, transport, settle, told } = await connected({ heartbeat, protocol: pinging() });
    answers(channel, 1);
    await clock.advanceAsync(1_760);
    channel.deliver("news");
    expect(transport.last.signal.aborted).toBe(true);
    transport.last.accept();
    await settle();
    expect(told.slice(2)).toEqual(["suspected a", "connecting b attempt 1"]);
    expect(transport.open).toEqual([channel]);
  });

  it("kills nobody: a peer that answers late stays connected, and the next margin is wider", async () => {
    const { link, channel, clock, told } = await connected({ heartbeat, protocol: pinging() });
    answers(channel, 1);
    const alarms = (): number => told.filter((word) => word.startsWith("suspected")).length;
    for (let alarm = 1; alarm <= 3; alarm += 1) {
      while (alarms() < alarm) await clock.advanceAsync(10);
      channel.deliver("pong"); // A little too late, each time.
    }
    expect(dials(told)).toHaveLength(2); // Of the connection, and of the first false alarm.
    expect([link.phase, link.endpoint]).toEqual(["connected", "fake://a"]);
  });

  it("tells, and does nothing else, with suspicion: false", async () => {
    const { channel, clock, told } = await connected({ heartbeat, protocol: pinging(), suspicion: false });
    answers(channel, 1);
    await clock.advanceAsync(2_400);
    expect(told.slice(2)).toEqual(["suspected a"]);
  });

  it("does nothing else where a second greeting would be a takeover that nobody replays", async () => {
    const { channel, clock, told } = await connected({ heartbeat, protocol: pinging("dialled") });
    answers(channel, 1);
    await clock.advanceAsync(2_400);
    expect(told.slice(2)).toEqual(["suspected a"]);
  });

  it("does nothing else where peers beat by themselves, and so may skip a beat", async () => {
    const { clock, told } = await connected({ heartbeat: { ...heartbeat, mode: "one-way" }, protocol: pinging() });
    await clock.advanceAsync(4_100);
    expect(told.slice(2)).toEqual(["suspected a", "missed a misses 1 of 3", "missed a misses 2 of 3"]);
  });

  it("only dials where a greeting is a takeover that is replayed, and greets when the peer is given up", async () => {
    const { channel, clock, accept, told, link } = await connected({ heartbeat, protocol: pinging("dialled", { replays: true }) });
    answers(channel, 1);
    await clock.advanceAsync(1_760);
    await accept();
    expect(told.slice(2)).toEqual(["suspected a", "connecting b attempt 1", "prepared b"]);
    await clock.advanceAsync(2_700);
    expect(link.endpoint).toBe("fake://a");
    await clock.advanceAsync(100); // The third miss of the pings since 1500.
    expect(told.slice(-2)).toEqual(["disconnected a heartbeat HF_HEARTBEAT", "connected b"]);
    expect(clock.now()).toBe(4_560);
  });

  it("hears when the channel it prepared, and never greeted, ends", async () => {
    const { channel, clock, accept, told, transport } = await connected({ heartbeat, protocol: pinging("dialled", { replays: true }), endpoints: "fake://a,fake://b" });
    answers(channel, 1);
    await clock.advanceAsync(1_760);
    (await accept()).end();
    expect(told.slice(5)).toEqual(["failed b attempt 1 HF_REFUSED"]);
    expect(transport.open).toEqual([channel]);
  });

  it("ends with the connection: nothing is left of it after close()", async () => {
    const { link, channel, clock, accept, transport } = await connected({ heartbeat, protocol: pinging("dialled", { replays: true }) });
    answers(channel, 1);
    await clock.advanceAsync(1_760);
    await accept();
    const closing = link.close();
    for (const each of transport.dials) each.channel?.end();
    await closing;
    expect([transport.open, clock.pending]).toEqual([[], 0]);
  });
});
