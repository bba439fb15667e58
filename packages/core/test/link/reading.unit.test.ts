import { describe, expect, it } from "vitest";
import type { Protocol } from "../../src/ports/protocol.ts";
import { connected, rig } from "./rig.ts";

const messages = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

describe("reading with for await", () => {
  it("gives the messages in order of arrival", async () => {
    const { link, channel } = await connected();
    const read = link[Symbol.asyncIterator]();
    channel.deliver("1", "2");
    expect([(await read.next()).value, (await read.next()).value]).toEqual(["1", "2"]);
    const next = read.next();
    channel.deliver("3");
    expect(await next).toEqual({ value: "3", done: false });
  });

  it("goes on over a loss", async () => {
    const { link, channel, accept } = await connected();
    const read = link[Symbol.asyncIterator]();
    const next = read.next();
    channel.end();
    (await accept()).deliver("from b");
    expect((await next).value).toBe("from b");
  });

  it("ends, after what had arrived, when the link is closed by request", async () => {
    const { link, channel } = await connected();
    const read: string[] = [];
    const done = (async () => { for await (const message of link) read.push(message); })();
    channel.deliver("1");
    link.abort();
    await done;
    expect(read).toEqual(["1"]);
    expect(await link[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true });
  });

  it("throws when the link ended otherwise", async () => {
    const { link, transport, settle } = rig({ endpoints: "fake://a", maxAttempts: 1 });
    void link.open();
    const waiting = link[Symbol.asyncIterator]().next();
    transport.last.refuse();
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: "HF_GAVE_UP" }), settle()]);
    await expect(link[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "HF_GAVE_UP" });
  });

  it("pauses the channel above the mark, and resumes it at half of it", async () => {
    const { link, channel, told } = await connected({ maxUnread: 4 });
    const read = link[Symbol.asyncIterator]();
    channel.deliver(...messages(4));
    expect(channel.paused).toBe(false);
    channel.deliver("5");
    expect(channel.paused).toBe(true);
    channel.deliver("6"); // It had been read already when we paused.
    for (const expected of ["1", "2", "3"]) expect((await read.next()).value).toBe(expected);
    expect(channel.paused).toBe(true);
    expect((await read.next()).value).toBe("4");
    expect(channel.paused).toBe(false);
    expect([(await read.next()).value, (await read.next()).value]).toEqual(["5", "6"]);
    expect(told.filter((event) => event.startsWith("dropped"))).toEqual([]);
  });

  it("pauses the next channel, too, while the reader is behind", async () => {
    const { link, channel, accept } = await connected({ maxUnread: 2 });
    const read = link[Symbol.asyncIterator]();
    channel.deliver(...messages(3));
    channel.end();
    const next = await accept();
    expect(next.paused).toBe(true);
    for (let count = 0; count < 3; count += 1) await read.next();
    expect(next.paused).toBe(false);
  });

  it("tells what it could not keep where the transport cannot pause", async () => {
    const { link, channel, told } = await connected({ maxUnread: 2 }, { pauses: false });
    const read = link[Symbol.asyncIterator]();
    channel.deliver(...messages(3));
    expect(told.slice(2)).toEqual(["dropped message 3 why unread"]);
    expect((await read.next()).value).toBe("1");
  });

  it("resumes the channel when the loop is left", async () => {
    const { link, channel } = await connected({ maxUnread: 1 });
    channel.deliver("1");
    for await (const message of link) {
      channel.deliver("2", "3");
      expect([message, channel.paused]).toEqual(["1", true]);
      break;
    }
    expect(channel.paused).toBe(false);
  });

  it("loses no message to an iterator that was left while it waited", async () => {
    const { link, channel } = await connected();
    const left = link[Symbol.asyncIterator]();
    const waiting = left.next();
    await left.return?.();
    const read = link[Symbol.asyncIterator]();
    channel.deliver("1");
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect((await read.next()).value).toBe("1");
    expect(await left.next()).toEqual({ value: undefined, done: true });
  });

  it("shares the messages between two readers", async () => {
    const { link, channel } = await connected();
    const [one, other] = [link[Symbol.asyncIterator](), link[Symbol.asyncIterator]()];
    const both = [one.next(), other.next()];
    channel.deliver("1", "2");
    expect((await Promise.all(both)).map(({ value }) => value as string)).toEqual(["1", "2"]);
  });
});

describe("messages", () => {
  it("wait for the first reader as long as nobody listens, within the mark", async () => {
    const { link, channel, told } = await connected({ maxUnread: 2 });
    channel.deliver(...messages(3));
    expect(told.slice(2)).toEqual(["dropped message 3 why unread"]);
    const read = link[Symbol.asyncIterator]();
    expect([(await read.next()).value, (await read.next()).value]).toEqual(["1", "2"]);
  });

  it("go to listeners and readers alike", async () => {
    const { link, channel } = await connected();
    const heard: string[] = [];
    const stop = link.receive((message) => { heard.push(message); });
    const read = link[Symbol.asyncIterator]();
    channel.deliver("1");
    stop();
    channel.deliver("2");
    expect([heard, (await read.next()).value, (await read.next()).value]).toEqual([["1"], "1", "2"]);
  });

  it("are not kept where somebody listens and nobody reads", async () => {
    const { link, channel, told } = await connected({ maxUnread: 1 });
    link.receive(() => { /* Heard. */ });
    channel.deliver(...messages(5));
    expect([channel.paused, told.length]).toEqual([false, 2]);
  });

  it("of an old channel still count while it says goodbye", async () => {
    const { link, channel, clock, accept } = await connected({ protocol: leaving() });
    channel.deliver("leave");
    await clock.advanceAsync(1_000);
    expect(channel.state).toBe("closing");
    const next = await accept();
    const heard: string[] = [];
    link.receive((message) => { heard.push(message); });
    channel.deliver("from a");
    next.deliver("from b");
    expect(heard).toEqual(["from a", "from b"]);
  });
});

/** Text, with one word for "please leave within a second". */
function leaving(): Protocol<string, string> {
  return {
    pings: false, standby: "none",
    start: (line) => {
      line.greeted();
      return {
        frame: (frame) => { if (frame === "leave") line.leave({ within: 1_000, spread: 1_000 }); else line.message(String(frame)); },
        send: (message) => line.send(message), close: () => { /* No word for it. */ }, closed: () => { /* Nothing is kept. */ },
      };
    },
  };
}
