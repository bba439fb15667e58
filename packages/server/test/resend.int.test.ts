import { resend } from "@holdfast/core/resend";
import { describe, expect, it } from "vitest";
import { kinds, stand, type Stand } from "./real.ts";

/** Writes down what arrives, and cuts each peer off at some message, in the middle of what is on its way. */
function fickle(arrived: string[], { server }: Stand, cuts: number): void {
  let left = cuts;
  server.on("peer", ({ peer }) => {
    let patience = 40;
    peer.on("message", (message) => {
      arrived.push(String(message));
      patience -= 1;
      if (patience > 0 || left === 0) return;
      left -= 1;
      peer.abort();
    });
  });
}

describe.each(kinds)("a link that sends again, over $scheme", (kind) => {
  it("loses nothing and keeps the order while its servers cut it off twenty times", async () => {
    await using one = await stand(kind);
    await using other = await stand(kind);
    const arrived: string[] = [];
    for (const place of [one, other]) fickle(arrived, place, 10);
    const link = one.link({ endpoints: `${one.uri},${other.uri}`, stableAfter: 0, backoff: { delay: () => 5 }, outbox: { maxMessages: 100_000, maxBytes: 10_000_000, resend: resend({ maxBytes: 1_000_000 }) } });
    let resent = 0;
    const lost: unknown[] = [];
    link.on("disconnected", (event) => {
      resent += event.resent ?? 0;
      lost.push(event.unconfirmed);
    });
    link.on("dropped", (event) => { lost.push(event); });
    await link.ready();
    const sent = Array.from({ length: 3_000 }, (_, index) => `message ${index}`);
    for (const [index, message] of sent.entries()) {
      await link.write(message);
      if (index % 10 === 0) await new Promise(setImmediate);
    }
    while (new Set(arrived).size < sent.length) await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect([...new Set(arrived)]).toEqual(sent);
    expect(resent).toBeGreaterThan(0);
    expect(lost.filter((what) => what !== 0)).toEqual([]);
    expect(arrived.length).toBeGreaterThan(sent.length); // At least once: some came twice.
  });
});
