import { describe, expect, it } from "vitest";
import { measure, Outbox, resolveOutbox, type OutboxOptions } from "../../src/link/outbox.ts";

/** An outbox for texts, and what it dropped. */
function outbox(options: OutboxOptions): { readonly box: Outbox<string>; readonly dropped: string[] } {
  const dropped: string[] = [];
  return { dropped, box: new Outbox<string>(resolveOutbox(options), measure, { dropped: (message, why) => { dropped.push(`${message} ${why}`); } }) };
}
function emptied(box: Outbox<string>): string {
  const out: string[] = [];
  box.flush((message) => { out.push(message); return true; });
  return out.join(" ");
}

describe("an outbox", () => {
  it("is bounded by messages and by bytes, whichever comes first", () => {
    const { box } = outbox({ maxMessages: 2, maxBytes: 10 });
    expect([box.offer("12345", 0), box.offer("123456", 0), box.offer("12345", 0), box.offer("", 0)]).toEqual([true, false, true, false]);
    expect([box.length, box.bytes]).toEqual([2, 10]);
  });

  it("takes nothing where it may hold nothing", () => {
    expect(outbox({ maxMessages: 0 }).box.offer("1", 0)).toBe(false);
    const { box, dropped } = outbox({ maxMessages: 0, overflow: "dropOldest" });
    expect([box.offer("1", 0), dropped, box.length]).toEqual([true, ["1 overflow"], 0]);
  });

  it("drops as many of the oldest as make room, the oldest first", () => {
    const { box, dropped } = outbox({ maxBytes: 6, overflow: "dropOldest" });
    for (const message of ["aa", "bb", "cc", "dddd"]) box.offer(message, 0);
    expect([dropped, emptied(box)]).toEqual([["aa overflow", "bb overflow"], "cc dddd"]);
  });

  it("drops the new one, not all the others, where it would not fit alone", () => {
    const { box, dropped } = outbox({ maxBytes: 6, overflow: "dropOldest" });
    for (const message of ["aa", "1234567"]) box.offer(message, 0);
    expect([dropped, emptied(box)]).toEqual([["1234567 overflow"], "aa"]);
  });

  it("stops where the channel says so, and goes on from there", () => {
    const { box } = outbox({});
    for (const message of ["1", "2", "3"]) box.offer(message, 0);
    expect(box.flush(() => false)).toBe(false);
    expect([box.length, emptied(box), box.flush(() => false)]).toEqual([2, "2 3", true]);
  });

  it("lets messages expire in order, each after its own time", () => {
    const { box, dropped } = outbox({ ttl: 10 });
    box.offer("1", 0);
    box.offer("2", 5);
    expect(box.expiresAt).toBe(10);
    box.expire(9);
    box.expire(10);
    expect([dropped, box.expiresAt]).toEqual([["1 expired"], 15]);
    box.clear();
    expect([dropped, box.expiresAt, box.bytes]).toEqual([["1 expired", "2 closed"], Infinity, 0]);
  });

  it("keeps its order and its count over thousands of messages", () => {
    const { box } = outbox({ maxMessages: 5_000 });
    const out: string[] = [];
    for (let message = 0; message < 12_000; message += 1) {
      box.offer(String(message), 0);
      if (message % 3 !== 0) box.flush((sent) => { out.push(sent); return false; });
    }
    box.flush((sent) => { out.push(sent); return true; });
    expect(out).toEqual(Array.from({ length: 12_000 }, (_, message) => String(message)));
    expect([box.length, box.bytes]).toEqual([0, 0]);
  });

  it("measures strings by their length, bytes by theirs, and cannot measure the rest", () => {
    expect([measure("four"), measure(new Uint8Array(3)), measure({ a: 1 })]).toEqual([4, 3, 0]);
  });
});
