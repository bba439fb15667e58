import { describe, expect, it } from "vitest";
import { LinkError } from "../../src/errors/link-error.ts";
import { text } from "../../src/protocol/plain.ts";
import type { Conversation, Protocol } from "../../src/ports/protocol.ts";
import { exponential } from "../../src/policy/backoff.ts";
import type { FakeChannel } from "./fake-transport.ts";
import { connected, rig, type Rig } from "./rig.ts";

const broken = new LinkError("HF_RESET", "reset");

/** Connected to a, with b in reserve. */
async function reserved(options: Parameters<typeof connected<string, string>>[0] = {}): Promise<Rig<string, string> & { readonly channel: FakeChannel; readonly spare: FakeChannel }> {
  const made = await connected<string, string>({ standby: 1, ...options });
  return { ...made, spare: await made.accept() };
}

/** Its greeting takes over, so its channels in reserve are only dialled. Counts what is greeted. */
function takeover(greetings: string[]): Protocol<string, string> {
  return {
    pings: false, standby: "dialled",
    start: (line, role): Conversation<string> => {
      greetings.push(`${role.remote.host}, ${role.duty}`);
      line.send("hello");
      return { frame: (frame) => { if (frame === "welcome") line.greeted(); else line.message(String(frame)); }, send: (message) => line.send(message), close: () => undefined, closed: () => undefined };
    },
  };
}

describe("standby: 1", () => {
  it("keeps a channel to another endpoint ready, and tells of it", async () => {
    const { link, told, transport } = await reserved();
    expect(told).toEqual(["connecting a attempt 1", "connected a", "connecting b attempt 1", "prepared b"]);
    expect(link.snapshot()).toMatchObject({ endpoint: "fake://a", slots: [{ stage: "active" }, { stage: "spare", endpoint: "fake://b" }] });
    expect(transport.open).toHaveLength(2);
  });

  it("is connected again before send() could be called, when the channel in use is lost", async () => {
    const { link, channel, spare, told } = await reserved();
    link.send("1");
    link.on("disconnected", () => { expect(link.phase).toBe("connected"); link.send("2"); });
    link.on("connected", () => { link.send("first"); });
    channel.end(broken);
    link.send("3");
    expect([channel.sent, spare.sent]).toEqual([["1"], ["first", "2", "3"]]);
    expect(told.slice(4, 6)).toEqual(["disconnected a reset unconfirmed 1 HF_RESET", "connected b"]);
  });

  it("sends nothing there before, and gives what arrives there only once it is used", async () => {
    const { link, channel, spare } = await reserved();
    const heard: string[] = [];
    link.on("message", (message) => { heard.push(message); });
    link.on("connected", () => { heard.push("connected"); });
    spare.deliver("welcome to b");
    channel.deliver("news of a");
    expect(heard).toEqual(["news of a"]);
    channel.end(broken);
    spare.deliver("news of b");
    expect(heard).toEqual(["news of a", "connected", "welcome to b", "news of b"]);
    expect(spare.sent).toEqual([]);
  });

  it("keeps the latest 64 messages that arrive before it is used, and reports the others", async () => {
    const { link, channel, spare, told } = await reserved();
    const heard: string[] = [];
    link.on("message", (message) => { heard.push(message); });
    for (let count = 0; count < 66; count += 1) spare.deliver(`${count}`);
    expect(told.slice(4)).toEqual(["dropped message 0 why unread", "dropped message 1 why unread"]);
    channel.end(broken);
    expect([heard.length, heard[0], heard[63]]).toEqual([64, "2", "65"]);
  });

  it("is replaced when it ends, after the backoff", async () => {
    const { spare, clock, transport, told } = await reserved();
    spare.end(broken);
    expect(told.slice(4)).toEqual(["failed b attempt 1 HF_RESET"]);
    await clock.advanceAsync(999);
    expect(transport.dials).toHaveLength(2);
    await clock.advanceAsync(1);
    expect(transport.last.endpoint.host).toBe("b");
  });

  it("is replaced by the endpoint that was lost, when it was used", async () => {
    const { channel, clock, accept, link } = await reserved();
    channel.end(broken);
    await clock.advanceAsync(1_000);
    await accept();
    expect(link.snapshot().slots.map(({ stage, endpoint }) => `${stage} ${endpoint}`)).toEqual(["active fake://b", "spare fake://a"]);
  });

  it("has a heart of its own: one that falls silent is given up, and nobody else is harmed", async () => {
    const { clock, channel, told, transport, accept } = await connected({ standby: 1, protocol: text(), heartbeat: { interval: 1_000, timeout: 500, maxMisses: 2 } }, { pings: true });
    const spare = await accept();
    expect(transport.open).toHaveLength(2);
    for (let count = 0; count < 30 && spare.state === "open"; count += 1) {
      channel.pong();
      await clock.advanceAsync(100);
    }
    expect(told.slice(3).filter((word) => /^(failed|missed|suspected|disconnected)/.test(word))).toEqual(["failed b attempt 1 HF_HEARTBEAT"]);
    expect(channel.state).toBe("open");
  });

  it("greets it as a standby, and tells its conversation when it is used", async () => {
    const duties: string[] = [];
    const protocol: Protocol<string, string> = {
      ...text(),
      start: (line, role) => {
        duties.push(`${role.remote.host} ${role.duty}`);
        return Object.assign(text().start(line, role), { activate: () => { duties.push(`${role.remote.host} used`); } });
      },
    };
    const { channel } = await reserved({ protocol });
    channel.end(broken);
    expect(duties.slice(0, 3)).toEqual(["a active", "b standby", "b used"]);
  });

  it("is only dialled where its greeting would be a takeover: the conversation begins at the loss", async () => {
    const greetings: string[] = [];
    const { link, accept, transport, settle, told } = rig<string, string>({ standby: 1, protocol: takeover(greetings) });
    void link.open();
    const channel = await accept();
    channel.deliver("welcome");
    await settle();
    const spare = await accept();
    expect([greetings, spare.sent, told.at(-1)]).toEqual([["a, active"], [], "prepared b"]);
    channel.end(broken);
    expect([greetings, spare.sent, link.phase]).toEqual([["a, active", "b, active"], ["hello"], "connecting"]);
    spare.deliver("welcome");
    expect([link.phase, link.endpoint, transport.dials.length]).toEqual(["connected", "fake://b", 2]);
  });

  it("keeps what a server says before its greeting is asked for, up to 64 frames", async () => {
    const greetings: string[] = [];
    const made = rig<string, string>({ standby: 1, protocol: takeover(greetings) });
    void made.link.open();
    const channel = await made.accept();
    channel.deliver("welcome");
    await made.settle();
    const spare = await made.accept();
    spare.deliver("welcome"); // It speaks first.
    channel.end(broken);
    expect([made.link.phase, made.link.endpoint]).toEqual(["connected", "fake://b"]);
    await made.clock.advanceAsync(5_000);
    const other = await made.accept();
    for (let count = 0; count < 65; count += 1) other.deliver("noise");
    expect(made.told.at(-1)).toMatch(/^failed a .*HF_STALLED/);
  });

  it("is where migrate() goes, without a dial", async () => {
    const { link, transport, told } = await reserved();
    await link.migrate();
    expect(transport.dials.slice(0, 2).map(({ endpoint }) => endpoint.host)).toEqual(["a", "b"]);
    expect(told.slice(4, 5)).toEqual(["migrated requested from fake://a to fake://b"]);
  });

  it("leaves nothing behind after close()", async () => {
    const { link, channel, spare, clock, transport } = await reserved();
    const closing = link.close();
    channel.end();
    spare.end();
    await closing;
    expect([transport.open, clock.pending, link.snapshot().slots]).toEqual([[], 0, []]);
  });

  it("does not hammer servers that accept and drop", async () => {
    const { link, transport, clock, settle, channel } = await connected({ standby: 1, backoff: exponential({ initial: 250, max: 30_000, jitter: "none" }) });
    channel.end(broken);
    for (let ms = 0; ms < 60_000; ms += 50) {
      transport.dials.filter((dial) => dial.channel === undefined && !dial.signal.aborted).forEach((dial) => dial.accept());
      await settle();
      for (const open of transport.open) open.end(broken);
      await clock.advanceAsync(50);
    }
    expect(transport.dials.length).toBeLessThan(50);
    link.abort();
  });
});

describe("standby: 2", () => {
  it("keeps two channels to two other endpoints, and uses one after the other", async () => {
    const { link, channel, accept, transport } = await connected({ standby: 2, endpoints: "fake://a,fake://b,fake://c" });
    const spares = [await accept(), await accept()];
    expect(transport.open).toHaveLength(3);
    channel.end(broken);
    spares[0]?.end(broken);
    expect([link.endpoint, link.phase]).toEqual(["fake://c", "connected"]);
  });
});
