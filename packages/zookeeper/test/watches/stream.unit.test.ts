import { describe, expect, it } from "vitest";
import { WatchStream } from "../../src/watches/stream.ts";
import type { WatchEvent } from "../../src/watches/watch-event.ts";

const event = (at: number): WatchEvent => ({ type: "changed", path: `/${at}`, zxid: BigInt(at) });
const end = { done: true, value: undefined };

describe("a stream of events", () => {
  it("gives them in their order, whether they or the reader came first", async () => {
    const stream = new WatchStream("/");
    const first = stream.next();
    stream.listener(event(1));
    stream.listener(event(2));
    stream.listener(event(3));
    expect([await first, await stream.next(), await stream.next()]).toEqual([1, 2, 3].map((at) => ({ done: false, value: event(at) })));
  });

  it("gives what is unread before it ends", async () => {
    const stream = new WatchStream("/");
    stream.listener(event(1));
    stream.end();
    stream.listener(event(2));
    expect([await stream.next(), await stream.next(), await stream.next()]).toEqual([{ done: false, value: event(1) }, end, end]);
  });

  it("gives the error it ends with, also to a reader that waits, and keeps the first", async () => {
    const [why, later] = [new Error("expired"), new Error("later")];
    const [waiting, unread] = [new WatchStream("/"), new WatchStream("/")];
    const next = waiting.next();
    waiting.end(why);
    await expect(next).rejects.toBe(why);
    unread.listener(event(1));
    unread.end(why);
    unread.end(later);
    expect(await unread.next()).toEqual({ done: false, value: event(1) });
    await expect(unread.next()).rejects.toBe(why);
  });

  it("ends a reader that waits without an error, where there is none", async () => {
    const stream = new WatchStream("/");
    const next = stream.next();
    stream.end();
    expect(await next).toEqual(end);
  });

  it("holds 1024 events for a slow reader, and says that there is a gap rather than more", async () => {
    const stream = new WatchStream("/x");
    for (let at = 0; at < 1_024; at += 1) stream.listener(event(at));
    expect(await stream.next()).toEqual({ done: false, value: event(0) });
    for (let at = 1_024; at < 1_026; at += 1) stream.listener(event(at));
    stream.listener(event(2_000));
    expect([await stream.next(), await stream.next()]).toEqual([{ done: false, value: { type: "gap", path: "/x", zxid: 0n } }, { done: false, value: event(2_000) }]);
  });
});
