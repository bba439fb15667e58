import { describe, expect, it } from "vitest";
import { getData, setData } from "../../src/operations/nodes.ts";
import { Root } from "../../src/records/root.ts";
import { reply, stat, statFields } from "../wire.ts";
import { fate, Rig } from "./rig.ts";

const root = new Root();
const read = (): ReturnType<typeof getData> => getData(root, "/a", false);
const write = (bytes: number): ReturnType<typeof setData> => setData(root, "/a", Buffer.alloc(bytes), -1);
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** The numbers of the requests in what was sent, frame by frame. */
function xids(frames: readonly Buffer[]): readonly (readonly number[])[] {
  return frames.map((frame) => {
    const found: number[] = [];
    for (let at = 0; at < frame.length; at += 4 + frame.readInt32BE(at)) found.push(frame.readInt32BE(at + 4));
    return found;
  });
}

/** With 16 requests in flight, and `room` for more. */
function busy(): Rig {
  const rig = Rig.greeted();
  for (let one = 0; one < 16; one += 1) rig.ask(read());
  rig.sent.length = 0;
  return rig;
}

describe("requests of one turn of the loop", () => {
  it("leave at once and one by one while few are in flight", () => {
    const rig = Rig.greeted();
    for (let one = 0; one < 16; one += 1) rig.ask(read());
    expect(rig.sent.length).toBe(16);
  });

  it("leave as one frame when many are", async () => {
    const rig = busy();
    for (let one = 0; one < 3; one += 1) rig.ask(read());
    expect(rig.sent).toEqual([]);
    await turn();
    expect(xids(rig.sent)).toEqual([[17, 18, 19]]);
    rig.ask(read());
    await turn();
    expect(xids(rig.sent)).toEqual([[17, 18, 19], [20]]);
  });

  it("keep their order with whatever else is said", async () => {
    const rig = busy();
    rig.ask(read());
    rig.conversation.ping(1);
    rig.ask(read());
    rig.ask(write(20_000)); // Too large to be joined.
    rig.ask(read());
    rig.conversation.close();
    expect(xids(rig.sent)).toEqual([[17], [-2], [18], [19], [20], [21]]);
    await turn();
    expect(rig.sent.length).toBe(6);
  });

  it("are not mixed with those of another connection", async () => {
    const [one, other] = [busy(), busy()];
    for (const rig of [one, other, one, other]) rig.ask(read());
    await turn();
    expect([xids(one.sent), xids(other.sent)]).toEqual([[[17], [18]], [[17], [18]]]);
  });

  it("leave when the memory they are written to is full, and none is written over", async () => {
    const rig = busy();
    for (let one = 0; one < 40; one += 1) rig.ask(write(4_000 + one));
    await turn();
    expect(xids(rig.sent).flat()).toEqual(Array.from({ length: 40 }, (_, at) => 17 + at));
    expect(rig.sent.length).toBeGreaterThan(1);
    expect(rig.sent.every((frame) => frame.length <= 65_536)).toBe(true);
  });

  it("say that the channel is full from the frame on that it would rather not have taken, until it drains", async () => {
    const rig = busy();
    rig.room = false;
    const asked = rig.ask(read());
    await turn();
    expect([asked.settled, rig.conversation.send(rig.request(read()))]).toEqual([false, false]);
    rig.room = true;
    rig.conversation.drained();
    expect([rig.names().at(-1), rig.conversation.send(rig.request(read()))]).toEqual(["drained", true]);
  });

  it("were sent, for all that is known, where the channel ends before they leave", async () => {
    const rig = busy();
    const asked = rig.ask(read());
    rig.conversation.closed();
    expect(await fate(asked)).toMatchObject({ error: { code: "ZK_CONNECTION_LOSS", outcome: "unknown" } });
    await turn();
    expect(rig.sent.length).toBe(1); // Into a channel that takes nothing any more.
  });

  it("count from the moment the first of them was made", async () => {
    const rig = busy();
    rig.ask(read());
    rig.clock.advance(5);
    const second = rig.ask(read());
    await turn();
    rig.clock.advance(5);
    const third = rig.ask(read());
    expect([second.sentAt, third.sentAt].map((at) => at - rig.clock.now())).toEqual([-10, 0]);
  });

  it("are answered one by one", async () => {
    const rig = busy();
    const asked = rig.ask(write(10));
    await turn();
    for (let xid = 1; xid <= 16; xid += 1) rig.receive(reply(xid, 9, -101));
    rig.receive(reply(17, 9, 0, statFields));
    expect(await fate(asked)).toEqual({ value: stat });
  });
});
