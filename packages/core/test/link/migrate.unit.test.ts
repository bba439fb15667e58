import { describe, expect, it } from "vitest";
import { LinkError } from "../../src/errors/link-error.ts";
import { OptionError } from "../../src/errors/option-error.ts";
import type { Frame } from "../../src/ports/channel.ts";
import type { Conversation, Line, Protocol } from "../../src/ports/protocol.ts";
import { framed } from "../../src/protocol/framed.ts";
import { text } from "../../src/protocol/plain.ts";
import type { FakeChannel } from "./fake-transport.ts";
import { connected, rig } from "./rig.ts";

const three = "fake://a,fake://b,fake://c";
/** Where the move of a link ended: `moved`, or the code it was rejected with. */
function outcome(moved: Promise<void>): Promise<string> {
  return moved.then(() => "moved", (error: unknown) => (error as { code?: string }).code ?? String(error));
}

describe("migrate()", () => {
  it("changes the channel between two messages, and tells migrated instead of a loss", async () => {
    const { link, channel, transport, accept, told } = await connected();
    link.send("1");
    const moved = outcome(link.migrate());
    link.send("2");
    const next = await accept();
    expect(await moved).toBe("moved");
    link.send("3");
    expect([channel.sent, next.sent]).toEqual([["1", "2"], ["3"]]);
    expect(channel.state).toBe("closing");
    expect(told.slice(2)).toEqual(["connecting b attempt 1", "migrated requested from fake://a to fake://b unconfirmed 2", "connected b"]);
    expect([link.endpoint, link.snapshot().epoch, link.phase]).toEqual(["fake://b", 2, "connected"]);
    expect(link.snapshot().slots.map(({ stage }) => stage)).toEqual(["draining", "active"]);
    channel.end();
    expect(transport.open).toEqual([next]);
    expect(link.snapshot().slots.map(({ stage }) => stage)).toEqual(["active"]);
  });

  it("delivers what the old channel still brings, and drops it after drainTimeout", async () => {
    const { link, channel, clock, accept } = await connected({ drainTimeout: 2_000 });
    const heard: string[] = [];
    link.on("message", (message) => { heard.push(message); });
    const moved = link.migrate();
    await accept();
    await moved;
    channel.deliver("late");
    expect(heard).toEqual(["late"]);
    await clock.advanceAsync(1_999);
    expect(channel.state).toBe("closing");
    await clock.advanceAsync(1);
    expect(channel.state).toBe("closed");
    expect(clock.pending).toBe(0);
  });

  it("takes a label or a URI of the list, and refuses others without showing them", async () => {
    const { link, transport, accept } = await connected({ endpoints: "fake://a,fake://user:secret@b" });
    const error = await link.migrate("fake://user:secret@z").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OptionError);
    expect(String(error)).toMatch(/endpoint must be one of those the link knows: fake:\/\/a, fake:\/\/.*b/);
    expect(String(error)).not.toContain("secret");
    for (const given of ["fake://user:secret@b", "fake://a"]) {
      const moved = link.migrate(given);
      await accept();
      await moved;
    }
    expect(transport.dials.map(({ endpoint }) => endpoint.host)).toEqual(["a", "b", "a"]);
  });

  it("rejects where nobody took it, and stays", async () => {
    const { link, channel, transport, settle, told } = await connected({ endpoints: three });
    const moved = link.migrate().catch((error: unknown) => error);
    for (let count = 0; count < 2; count += 1) {
      transport.last.refuse();
      await settle();
    }
    expect(await moved).toMatchObject({ code: "HF_NOT_MOVED", message: expect.stringMatching(/did not move: every endpoint .* was tried .* stays on fake:\/\/a.*try again/) });
    expect(told.slice(2)).toEqual(["connecting b attempt 1", "failed b attempt 1 HF_DIAL_FAILED", "connecting c attempt 2", "failed c attempt 2 HF_DIAL_FAILED"]);
    expect([link.phase, link.endpoint, link.snapshot().attempt, transport.open]).toEqual(["connected", "fake://a", 1, [channel]]);
  });

  it("rejects where the connection is lost first, and the candidate becomes the connection", async () => {
    const { link, channel, transport, accept, told } = await connected();
    const moved = outcome(link.migrate());
    channel.end(new LinkError("HF_RESET", "reset"));
    expect(await moved).toBe("HF_NOT_CONNECTED");
    await accept();
    expect(transport.dials).toHaveLength(2);
    expect(told.slice(2)).toEqual(["connecting b attempt 1", "disconnected a reset HF_RESET", "connected b"]);
  });

  it("rejects where the link is not connected, closed, or closed meanwhile", async () => {
    const { link, accept } = rig();
    expect(await outcome(link.migrate())).toBe("HF_NOT_CONNECTED");
    void link.open();
    await accept();
    const moved = outcome(link.migrate());
    void link.close();
    expect(await moved).toBe("HF_NOT_CONNECTED");
    expect(await outcome(link.migrate("fake://nobody"))).toBe("HF_NOT_CONNECTED");
  });

  it("rejects with the reason of its signal, and the move goes on", async () => {
    const { link, accept } = await connected();
    const controller = new AbortController();
    const moved = link.migrate(undefined, { signal: controller.signal });
    controller.abort(new Error("no patience"));
    await expect(moved).rejects.toThrow("no patience");
    await expect(link.migrate(undefined, { signal: controller.signal })).rejects.toThrow("no patience");
    await accept();
    expect(link.endpoint).toBe("fake://b");
  });

  it("joins a move that is under way, but not one to somewhere else", async () => {
    const { link, transport, accept } = await connected({ endpoints: three });
    const moves = [link.migrate("fake://c"), link.migrate(), link.migrate("fake://c")].map(outcome);
    const elsewhere = outcome(link.migrate("fake://b"));
    await accept();
    expect(await Promise.all(moves)).toEqual(["moved", "moved", "moved"]);
    expect(await elsewhere).toBe("HF_NOT_MOVED");
    expect(transport.dials).toHaveLength(2);
  });

  it("does not exist where a second channel may not", async () => {
    const protocol: Protocol<string, string> = { ...text(), standby: "none" };
    const { link, transport } = await connected({ protocol });
    await expect(link.migrate()).rejects.toMatchObject({ code: "HF_NOT_MOVED", message: expect.stringContaining("suspect()") });
    expect(transport.dials).toHaveLength(1);
  });

  it("may be asked for inside of any listener", async () => {
    const { link, accept, told } = rig();
    const moves: Promise<string>[] = [];
    link.once("connected", () => { moves.push(outcome(link.migrate())); });
    link.once("migrated", () => { moves.push(outcome(link.migrate())); });
    void link.open();
    for (let count = 0; count < 3; count += 1) await accept();
    expect(await Promise.all(moves)).toEqual(["moved", "moved"]);
    expect(told.filter((line) => line.startsWith("migrated"))).toEqual(["migrated requested from fake://a to fake://b", "migrated requested from fake://b to fake://a"]);
  });

  it("lets what listeners of `connected` send go out first, on the new channel", async () => {
    const { link, accept } = await connected();
    link.on("connected", () => { link.send("login"); });
    const moved = link.migrate();
    const next = await accept();
    await moved;
    link.send("after");
    expect(next.sent).toEqual(["login", "after"]);
  });

  it("leaves nothing behind when the link is closed or aborted at any moment of a move", async () => {
    for (const how of ["close", "abort"] as const) {
      for (const moment of ["dialling", "greeting", "standby", "draining"] as const) {
        const { link, channel, transport, clock, settle } = await framedRig();
        link.send("open question");
        const moved = outcome(link.migrate());
        let next: FakeChannel | undefined;
        if (moment !== "dialling") next = transport.last.accept();
        await settle();
        if (moment !== "greeting") next?.deliver(hello);
        if (moment === "draining") pong(channel, 1);
        expect(link.snapshot().slots.map(({ stage }) => stage)).toEqual({ dialling: ["active", "dialing"], greeting: ["active", "greeting"], standby: ["active", "standby"], draining: ["draining", "active"] }[moment]);
        const closed = how === "close" ? link.close() : link.abort();
        expect(await moved).toBe(moment === "draining" ? "moved" : "HF_NOT_CONNECTED");
        await clock.advanceAsync(5_000);
        await closed;
        expect(transport.last.signal.aborted).toBe(moment === "dialling");
        expect([transport.open, channel.state, clock.pending, link.snapshot().slots]).toEqual([[], "closed", 0, []]);
      }
    }
  });
});

const hello = Uint8Array.of(9, 0x68, 0x66, 1, 2);
/** Answers the latest ping, and says how many messages have arrived. */
function pong(channel: FakeChannel, count: number): void {
  const ping = channel.sent.findLast((frame) => frame[0] === 1) as Uint8Array;
  channel.deliver(Uint8Array.of(2, ...ping.subarray(1, 5), 0, 0, 0, count));
}
function words(channel: FakeChannel): readonly string[] {
  return channel.sent.map((frame) => ({ 1: "ping", 4: "goodbye", 5: new TextDecoder().decode((frame as Uint8Array).subarray(1)), 9: "hello" })[Number(frame[0])] ?? "?");
}
async function framedRig(...[options, traits]: Parameters<typeof rig<Frame, Frame>>): Promise<Awaited<ReturnType<typeof connected<Frame, Frame>>>> {
  const made = rig<Frame, Frame>({ protocol: framed(), heartbeat: "lan", drainTimeout: 2_000, ...options }, traits);
  void made.link.open();
  const channel = await made.accept();
  channel.deliver(hello);
  return { ...made, channel };
}

describe("a move of a link whose peer confirms", () => {
  it("sends nothing more on the old channel until it is vouched for, and loses nothing", async () => {
    const { link, channel, accept, told } = await framedRig();
    link.send("1");
    const moved = outcome(link.migrate());
    const next = await accept();
    next.deliver(hello);
    expect([link.send("2"), link.send("3")]).toEqual([false, false]);
    expect(words(channel)).toEqual(["hello", "1", "ping"]);
    expect(link.snapshot()).toMatchObject({ endpoint: "fake://a", outbox: { messages: 2 } });
    pong(channel, 1);
    expect(await moved).toBe("moved");
    expect([words(channel), words(next)]).toEqual([["hello", "1", "ping", "goodbye"], ["hello", "2", "3"]]);
    expect(told.slice(2)).toEqual(["connecting b attempt 1", "migrated requested from fake://a to fake://b", "connected b", "drained"]);
  });

  it("asks again where the answer was to an earlier question", async () => {
    const { link, channel, accept, clock } = await framedRig();
    await clock.advanceAsync(500); // The first ping of the heart.
    link.send("1");
    const moved = outcome(link.migrate());
    (await accept()).deliver(hello);
    pong(channel, 0);
    expect(link.snapshot().endpoint).toBe("fake://a");
    pong(channel, 1);
    expect(await moved).toBe("moved");
    expect(words(channel)).toEqual(["hello", "ping", "1", "ping", "goodbye"]);
  });

  it("changes at once where nothing is open", async () => {
    const { link, channel, accept } = await framedRig();
    const moved = link.migrate();
    (await accept()).deliver(hello);
    await moved;
    expect(words(channel)).toEqual(["hello", "goodbye"]);
  });

  it("does not wait for ever, and says what is not confirmed", async () => {
    const { link, accept, clock, told } = await framedRig({ heartbeat: "wan" });
    link.send("1");
    const moved = outcome(link.migrate());
    (await accept()).deliver(hello);
    await clock.advanceAsync(2_000);
    expect(await moved).toBe("moved");
    expect(told.slice(-2)).toEqual(["migrated requested from fake://a to fake://b unconfirmed 1", "connected b"]);
  });

  it("just changes where the old channel dies meanwhile", async () => {
    const { link, channel, accept, told } = await framedRig();
    link.send("1");
    const moved = outcome(link.migrate());
    const next = await accept();
    next.deliver(hello);
    link.send("2");
    channel.end(new LinkError("HF_RESET", "reset"));
    expect(await moved).toBe("moved");
    expect(words(next)).toEqual(["hello", "2"]);
    expect(told.slice(2)).toEqual(["connecting b attempt 1", "migrated requested from fake://a to fake://b unconfirmed 1", "connected b", "drained"]);
  });

  it("sends on the old channel again where the candidate ends, in order", async () => {
    const { link, channel, accept } = await framedRig();
    link.send("1");
    const moved = outcome(link.migrate());
    const next = await accept();
    next.deliver(hello);
    link.send("2");
    next.end();
    expect(await moved).toBe("HF_NOT_MOVED");
    link.send("3");
    expect(words(channel)).toEqual(["hello", "1", "ping", "2", "3"]);
  });

  it("sends what waits on the old channel when the user closes in the middle", async () => {
    const { link, channel, accept, told } = await framedRig();
    link.send("1");
    link.migrate().catch(() => { /* The link is closed. */ });
    (await accept()).deliver(hello);
    link.send("2");
    void link.close();
    expect(words(channel)).toEqual(["hello", "1", "ping", "2", "goodbye"]);
    expect(told.some((line) => line.startsWith("dropped"))).toBe(false);
  });

  it("reads the old channel to its end where a slow reader had paused it", async () => {
    const { link, channel, accept } = await framedRig({ maxUnread: 1 });
    const reader = link[Symbol.asyncIterator]();
    void reader.next();
    for (const letter of [65, 66, 67]) channel.deliver(Uint8Array.of(5, letter));
    expect(channel.paused).toBe(true);
    const moved = link.migrate();
    const next = await accept();
    next.deliver(hello);
    await moved;
    expect([channel.paused, next.paused]).toEqual([false, true]);
    channel.deliver(Uint8Array.of(5, 68));
    expect([(await reader.next()).value, (await reader.next()).value, (await reader.next()).value]).toEqual(["B", "C", "D"]);
    expect(next.paused).toBe(false);
  });
});

describe("a peer that asks its link to leave", () => {
  it("is left when another one has greeted", async () => {
    const { link, channel, clock, transport, settle, told } = await framedRig();
    channel.deliver(Uint8Array.of(3, 0, 0, 0x27, 0x10, 0, 0, 0x03, 0xe8)); // Within 10 s, in the first second.
    await clock.advanceAsync(500);
    expect(transport.last.endpoint.host).toBe("b");
    transport.last.accept().deliver(hello);
    await settle();
    expect(told.slice(2)).toEqual(["draining a within 10000", "connecting b attempt 1", "migrated drained from fake://a to fake://b", "connected b"]);
    expect(link.endpoint).toBe("fake://b");
  });
});

describe("a protocol that replays", () => {
  /** Writes down what its conversations are told. */
  function session(diary: string[], standby: Protocol<string, string>["standby"] = "dialled"): Protocol<string, string> {
    return {
      pings: false, standby, replays: true,
      start: (line: Line<string>, { epoch }): Conversation<string> => {
        diary.push(`${epoch} start`);
        return {
          frame: (frame) => { if (frame === "welcome") line.greeted({ resumed: epoch > 1 }); else line.message(String(frame)); },
          send: (message) => { diary.push(`${epoch} send ${message}`); return line.send(message); },
          close: () => { diary.push(`${epoch} close`); },
          closed: () => { diary.push(`${epoch} closed`); },
        };
      },
    };
  }

  it("is moved as soon as the candidate has greeted, and has both conversations until the old one is gone", async () => {
    const diary: string[] = [];
    const { link, transport, accept, told } = rig({ protocol: session(diary) });
    void link.open();
    const old = await accept();
    old.deliver("welcome");
    link.send("1");
    const moved = link.migrate();
    const next = await accept();
    link.send("2");
    link.once("migrated", () => { link.send("3"); });
    next.deliver("welcome");
    await moved;
    link.send("4");
    old.deliver("late");
    old.end();
    expect(diary).toEqual(["1 start", "1 send 1", "2 start", "1 send 2", "2 send 3", "1 close", "2 send 4", "1 closed"]);
    expect(told.slice(-2)).toEqual(["migrated requested from fake://a to fake://b", "connected b resumed true"]);
    expect(transport.open).toEqual([next]);
  });

  it("has one conversation where its candidate fails", async () => {
    const diary: string[] = [];
    const { link, accept } = rig({ protocol: session(diary) });
    void link.open();
    (await accept()).deliver("welcome");
    const moved = outcome(link.migrate());
    (await accept()).end();
    expect(await moved).toBe("HF_NOT_MOVED");
    link.send("1");
    expect(diary).toEqual(["1 start", "2 start", "2 closed", "1 send 1"]);
  });

  it("breaks before it makes where a second channel may not exist", async () => {
    const { link, accept } = rig({ protocol: session([], "none") });
    void link.open();
    (await accept()).deliver("welcome");
    expect(await outcome(link.migrate())).toBe("HF_NOT_MOVED");
  });
});
