import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkError } from "../../src/errors/link-error.ts";
import type { LinkOptions } from "../../src/link/options.ts";
import type { Frame } from "../../src/ports/channel.ts";
import { framed } from "../../src/protocol/framed.ts";
import { json } from "../../src/protocol/json.ts";
import { text } from "../../src/protocol/plain.ts";
import { resend, type InFlight, type ResendOptions } from "../../src/resend/index.ts";
import { connected, rig, type Rig } from "./rig.ts";
import type { FakeChannel } from "./fake-transport.ts";

const hello = Uint8Array.of(9, 0x68, 0x66, 1, 2);
/** The peer pings, and says by the way how many messages it has. */
const has = (count: number): Uint8Array => Uint8Array.of(1, 0, 0, 0, 9, 0, 0, 0, count);
/** The texts among the frames that were sent. */
const texts = ({ sent }: FakeChannel): string => sent.flatMap((frame) => (typeof frame !== "string" && frame[0] === 5 ? [new TextDecoder().decode(frame.subarray(1))] : [])).join(" ");
/** What was told of losses and of what was given up. */
const news = ({ told }: Rig<Frame, Frame>): readonly string[] => told.filter((word) => /^(disconnected|migrated|dropped)/.test(word));

type Framed = Rig<Frame, Frame> & { readonly next: () => Promise<FakeChannel> };
function framedRig(limits: ResendOptions = {}, { outbox, ...more }: Partial<LinkOptions<Frame, Frame>> = {}): Framed {
  const made = rig<Frame, Frame>({ protocol: framed(), heartbeat: "wan", stagger: Infinity, suspicion: false, outbox: { resend: resend(limits), ...outbox }, ...more });
  void made.link.open();
  const next = async (): Promise<FakeChannel> => {
    for (let step = 0; step < 30 && (made.transport.last.channel !== undefined || made.link.phase === "waiting"); step += 1) await made.clock.advanceAsync(100);
    const channel = await made.accept();
    channel.deliver(hello);
    await made.settle();
    return channel;
  };
  return { ...made, next };
}
const reset = new LinkError("HF_RESET", "cut");

describe("messages that were not confirmed", () => {
  it("are sent again on the next channel: after what `connected` listeners say, before what waits, in order", async () => {
    const made = framedRig();
    const first = await made.next();
    for (const message of ["1", "2", "3"]) made.link.send(message);
    first.deliver(has(1));
    made.link.on("connected", () => { made.link.send("login"); });
    first.end(reset);
    made.link.send("4");
    expect(made.link.snapshot().outbox).toEqual({ messages: 3, bytes: 3 });
    const second = await made.next();
    made.link.send("5");
    expect(texts(second)).toBe("login 2 3 4 5");
    expect(news(made)).toEqual(["disconnected a reset resent 2 HF_RESET"]);
    expect(made.told.at(-1)).toBe("drained");
    made.link.abort();
  });

  it("are counted instead where nobody asks for it, as ever", async () => {
    const { link, channel, told, accept } = await connected();
    link.send("1");
    channel.end();
    expect((await accept()).sent).toEqual([]);
    expect(told.at(-3)).toBe("disconnected a closed unconfirmed 1");
    link.abort();
  });

  it("are sent again until a channel confirms them, whatever was sent anew between two losses", async () => {
    const made = framedRig();
    (await made.next().then((channel) => { made.link.send("1"); made.link.send("2"); return channel; })).end(reset);
    const second = await made.next();
    made.link.send("3");
    second.deliver(has(1));
    second.end(reset);
    const third = await made.next();
    expect([texts(second), texts(third)]).toEqual(["1 2 3", "2 3"]);
    third.deliver(has(2));
    third.end(reset);
    expect(texts(await made.next())).toBe("");
    expect(news(made).map((word) => /resent \d/.exec(word)?.[0])).toEqual(["resent 2", "resent 2", "resent 0"]);
    made.link.abort();
  });

  it("keep their order where the next channel takes them one by one, and is lost in the middle", async () => {
    const made = framedRig();
    const first = await made.next();
    for (const message of ["1", "2", "3", "4"]) made.link.send(message);
    first.end(reset);
    const dial = made.transport.last;
    const second = dial.accept();
    second.room = 2; // The greeting, and one more.
    await made.settle();
    second.deliver(hello);
    made.link.send("5");
    second.drain(1);
    expect(texts(second)).toBe("1 2");
    second.deliver(has(1));
    second.end(reset);
    expect(texts(await made.next())).toBe("2 3 4 5");
    made.link.abort();
  });

  it("are what was sent since the last answered ping, with a protocol that only pings", async () => {
    const protocol = json<unknown, unknown>({ ping: (nonce: number) => ({ ping: nonce }), pong: (message) => (message as { pong?: number }).pong ?? false });
    const { link, channel, clock, accept, told } = await connected<unknown, unknown>({ protocol, heartbeat: "lan", outbox: { resend: resend() } });
    link.send("before");
    await clock.advanceAsync(1_000);
    const nonce = /\{"ping":(\d+)\}/.exec(channel.sent.join())?.[1];
    link.send("after");
    channel.deliver(`{"pong":${nonce}}`);
    channel.end();
    expect((await accept()).sent).toEqual(['"after"']);
    expect(told).toContain("disconnected a closed resent 1");
    link.abort();
  });

  it("are forgotten beyond the limits, oldest first, and then reported", async () => {
    for (const [limits, again, forgotten] of [[{ maxBytes: 5 }, "ccc dd", 2], [{ maxMessages: 1 }, "dd", 3]] as const) {
      const made = framedRig(limits);
      const first = await made.next();
      for (const message of ["a", "bb", "ccc", "dd"]) made.link.send(message);
      first.end(reset);
      expect(news(made)).toEqual([`disconnected a reset unconfirmed ${forgotten} resent ${4 - forgotten} HF_RESET`, `dropped message undefined why forgotten count ${forgotten}`]);
      expect(texts(await made.next())).toBe(again);
      made.link.abort();
    }
  });

  it("are not forgotten because there were many, if they were confirmed", async () => {
    const made = framedRig({ maxBytes: 10 });
    const first = await made.next();
    for (let message = 1; message <= 100; message += 1) {
      made.link.send("12345");
      first.deliver(has(message));
    }
    first.end(reset);
    expect(news(made)).toEqual(["disconnected a reset resent 0 HF_RESET"]);
    made.link.abort();
  });

  it("are given up by `ttl` like others that wait", async () => {
    const made = framedRig({}, { outbox: { resend: resend(), ttl: 3_000 } });
    const first = await made.next();
    made.link.send("old");
    await made.clock.advanceAsync(2_000);
    first.end(reset);
    await made.clock.advanceAsync(1_000);
    made.link.send("new");
    await made.clock.advanceAsync(1_999);
    expect(news(made)).toHaveLength(1);
    await made.clock.advanceAsync(1);
    expect(news(made).slice(1)).toEqual(["dropped message old why expired"]);
    expect(made.link.snapshot().outbox.messages).toBe(1);
    made.link.abort();
  });

  it("go out before the goodbye of a link that is closed, and are reported where nobody takes them any more", async () => {
    const made = framedRig();
    (await made.next().then((channel) => { made.link.send("1"); made.link.send("2"); return channel; })).end(reset);
    const second = made.transport.last.accept();
    second.room = 1;
    await made.settle();
    second.deliver(hello);
    void made.link.close();
    expect(texts(second)).toBe("1 2");
    const other = framedRig();
    (await other.next().then((channel) => { other.link.send("1"); return channel; })).end(reset);
    other.link.abort();
    expect(news(other).slice(1)).toEqual(["dropped message 1 why closed"]);
  });

  it("are counted, not sent again, where we end it ourselves", async () => {
    const made = framedRig();
    await made.next();
    made.link.send("1");
    made.link.abort();
    expect(news(made)).toEqual(["disconnected a requested unconfirmed 1"]);
  });

  it("are sent again after a move from a channel that did not confirm them, and not where it did", async () => {
    const made = framedRig({}, { drainTimeout: 1_000 });
    const first = await made.next();
    made.link.send("1");
    const moved = made.link.migrate();
    const second = await made.next();
    expect(texts(second)).toBe("");
    await made.clock.advanceAsync(1_000);
    await moved;
    expect(texts(second)).toBe("1");
    expect(first.state).toBe("closing");
    second.deliver(has(1));
    const back = made.link.migrate();
    expect(texts(await made.next())).toBe("");
    await back;
    expect(news(made).map((word) => word.replace(/from.*to \S+ ?/, ""))).toEqual(["migrated requested resent 1", "migrated requested resent 0"]);
    made.link.abort();
  });

  it("are not those that could not be encoded", async () => {
    const made = framedRig();
    const first = await made.next();
    made.link.send("1");
    expect(() => made.link.send(Symbol("no") as never)).toThrow(/\w/);
    made.link.send("2");
    first.end(reset);
    expect(news(made)).toEqual(["disconnected a reset resent 2 HF_RESET"]);
    expect(texts(await made.next())).toBe("1 2");
    made.link.abort();
  });

  it("arrive at least once and in order, whatever is confirmed and lost when", async () => {
    const step = fc.oneof({ weight: 5, arbitrary: fc.constant("send") }, { weight: 2, arbitrary: fc.constant("confirm") }, { weight: 1, arbitrary: fc.nat({ max: 9 }).map((kept) => ["lose", kept] as const) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const made = framedRig();
      const sent: string[] = [];
      const arrived: string[] = [];
      let channel = await made.next();
      let confirmed = 0;
      for (const what of [...steps, ["lose", 0] as const]) {
        const there = texts(channel).split(" ").filter(Boolean);
        if (what === "send") {
          sent.push(String(sent.length + 1));
          made.link.send(sent.at(-1) ?? "");
        }
        else if (what === "confirm") {
          confirmed = there.length;
          channel.deliver(has(confirmed));
        }
        else {
          arrived.push(...there.slice(0, Math.max(confirmed, what[1]))); // The rest was on its way.
          channel.end(reset);
          channel = await made.next();
          confirmed = 0;
        }
      }
      arrived.push(...texts(channel).split(" ").filter(Boolean));
      made.link.abort();
      expect([...new Set(arrived)]).toEqual(sent);
    }), { numRuns: 100, seed: 3 });
  });
});

describe("outbox.resend", () => {
  const make = (more: Partial<LinkOptions<string, string>>, traits = {}): void => { rig({ outbox: { resend: resend() }, heartbeat: "wan", ...more }, traits); };

  it("is refused where nobody would ever confirm anything", () => {
    expect(() => make({ heartbeat: false })).toThrow(/^outbox\.resend must be left out here, because without a heartbeat that is answered/);
    expect(() => make({ heartbeat: { mode: "one-way" }, protocol: { ...text(), pings: true } })).toThrow(/^outbox\.resend must be left out here, because without a heartbeat that is answered/);
    expect(() => make({ heartbeat: { optional: true } })).toThrow(/^outbox\.resend must be left out here, because nobody can ping over fake/);
    expect(() => make({ protocol: { ...text(), pings: true, replays: true } })).toThrow(/^outbox\.resend must be left out here, because the protocol itself sends again/);
    expect(() => make({}, { pings: true })).not.toThrow();
  });

  it("is what resend() makes, with limits that can be kept", () => {
    expect(() => make({ outbox: { resend: { maxBytes: 1 } as never } })).toThrow(/^outbox\.resend must be made by resend\(\) of @holdfast\/core\/resend, got an object/);
    expect(() => resend({ maxBytes: 0 })).toThrow(/^maxBytes must be a number of at least 1/);
    expect(() => resend({ maxMessages: Number.NaN })).toThrow(/^maxMessages must be a number of at least 1/);
  });

  it("may be a memory of your own, which hears of every answered ping, so that it can give back what is confirmed", async () => {
    const settled: number[] = [];
    const memory: InFlight<never> = {
      waiting: { messages: 0, bytes: 0 }, expiresAt: Infinity, say: (wire, message) => wire.say(message), resend: () => true, recall: () => 0, expire: () => [],
      settle: (unconfirmed) => { settled.push(unconfirmed); },
    };
    const made = framedRig({}, { outbox: { resend: { start: () => memory as never } } });
    const channel = await made.next();
    channel.onSend = (frame) => { if (typeof frame !== "string" && frame[0] === 1) channel.deliver(Uint8Array.of(2, ...frame.subarray(1, 5), 0, 0, 0, 1)); };
    made.link.send("1");
    made.link.send("2");
    await made.clock.advanceAsync(10_000);
    expect(settled.length).toBeGreaterThan(0);
    expect(new Set(settled)).toEqual(new Set([1]));
    made.link.abort();
  });

  it("may be shared by links, which share no memory", async () => {
    const shared = resend();
    const [one, other] = [framedRig({}, { outbox: { resend: shared } }), framedRig({}, { outbox: { resend: shared } })];
    const [first, second] = [await one.next(), await other.next()];
    one.link.send("1");
    first.end(reset);
    second.end(reset);
    expect([texts(await one.next()), texts(await other.next())]).toEqual(["1", ""]);
    one.link.abort();
    other.link.abort();
  });
});
