import { seededRandom } from "@holdfast/testkit";
import { expect, it } from "vitest";
import { encodeData, fragments } from "../../src/frames/data.ts";
import { encode } from "../../src/frames/encode.ts";
import { Bench } from "./bench.ts";

const schedules = 120;

it("takes whatever bytes come, in whatever order, without throwing, and keeps what it holds within its bounds", { timeout: 60_000 }, () => {
  for (let seed = 1; seed <= schedules; seed += 1) {
    const random = seededRandom(seed);
    const pick = (below: number): number => Math.floor(random() * below);
    const bench = Bench.attached({ outbox: { maxMessages: 8, maxBytes: 4_000 }, grant: { frameMax: 1_024, windowMessages: 8, windowBytes: 4_000 } });
    let channel = 1;
    const acts: readonly (() => void)[] = [
      () => { bench.machine.send("x".repeat(pick(700))); },
      () => { bench.data(channel, "y".repeat(pick(700))); },
      () => { for (const part of fragments("z".repeat(pick(3_000)), 256)) bench.say(channel, part); },
      () => { bench.ack(channel, pick(12)); },
      () => { bench.say(channel, { type: random() < 0.5 ? "ping" : "pong", nonce: pick(4), acked: pick(6), sent: pick(6) }); },
      () => { bench.say(channel, { type: "moved", epoch: pick(5) }); },
      () => { bench.say(channel, { type: "close", code: 4_400 + pick(60), received: pick(9), reason: "" }); },
      () => { bench.refused(channel, 4_400 + pick(60), { proven: false, attach: pick(9) }); },
      () => { bench.say(channel, Uint8Array.from({ length: pick(40) }, () => pick(256))); },
      () => { const bytes = encode({ type: "ping", nonce: 1, acked: 0, sent: 0 }); bytes[pick(bytes.length)] = pick(256); bench.say(channel, bytes); },
      () => { bench.say(channel, encodeData("q", pick(9)).subarray(0, 1 + pick(3))); },
      () => { bench.handle(); },
      () => { bench.wait(pick(2_000)); },
      () => { bench.machine.ended(channel); },
      () => { bench.start(channel += 1); if (bench.greetings.has(channel) && random() < 0.8) bench.attached(channel); },
    ];
    for (let step = 0; step < 60; step += 1) {
      expect(() => { acts[pick(acts.length)]?.(); }, `seed ${seed}, step ${step}`).not.toThrow();
      const { outgoing, incoming, channels } = bench.machine.state;
      expect(outgoing.waitingBytes, `seed ${seed}, step ${step}`).toBeLessThanOrEqual(4_000);
      expect(incoming.sizes.length, `seed ${seed}, step ${step}`).toBeLessThanOrEqual(8);
      expect(Math.min(outgoing.waitingBytes, outgoing.flightBytes, outgoing.sent - outgoing.base, incoming.delivered - incoming.handled), `seed ${seed}, step ${step}`).toBeGreaterThanOrEqual(0);
      expect(channels.length).toBeLessThan(60);
    }
  }
});
