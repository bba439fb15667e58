import { seededRandom } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { OutQueue } from "../../src/store/out-queue.ts";
import { weigh } from "../../src/store/weight.ts";

describe("a queue of messages", () => {
  it.each([[1], [2], [3]])("agrees with a plain list, whatever comes and goes (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const queue = new OutQueue();
    const list: string[] = [];
    let acked = 0;
    for (let round = 0; round < 2_000; round += 1) {
      if (random() < 0.6) {
        const message = "x".repeat(Math.floor(random() * 5));
        queue.push(message);
        list.push(message);
      } else {
        acked = Math.min(list.length, acked + Math.floor(random() * (random() < 0.05 ? 200 : 3)));
        const weight = queue.bytesUpTo(acked);
        if (queue.letGo(acked) !== weight) throw new Error(`round ${round}: it let go of other bytes than it said`);
      }
      const rest = list.slice(acked);
      if (queue.acked !== acked || queue.sent !== list.length || queue.bytes !== rest.reduce((sum, message) => sum + weigh(message), 0)) throw new Error(`round ${round}: it counts wrong`);
      const from = acked - 1 + Math.floor(random() * 5);
      const expected = rest.map((message, at) => ({ sequence: acked + at + 1, message })).filter(({ sequence }) => sequence >= from).slice(0, 7);
      if (JSON.stringify(queue.read(from, 7)) !== JSON.stringify(expected)) throw new Error(`round ${round}: it reads wrong`);
    }
    expect(queue.sent).toBe(list.length);
  });
});

describe("the weight of a message", () => {
  it.each(["", "a", "é", "€", "😀", "a😀é€", "\ud800", "\udc00", "\ud800a", "\ud800\ud800\udc00", "\udc00\ud800"])("is its length in UTF-8, at least one: %j", (text) => {
    expect(weigh(text)).toBe(Math.max(1, new TextEncoder().encode(text).byteLength));
  });
});
