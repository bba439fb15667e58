// What a client does about those who mean harm, one threat after the other. Most are met where the case is tested that they would misuse; see docs/guides/security.md.
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { encode } from "../../src/frames/encode.ts";
import { Bench, generation, id, secret } from "./bench.ts";

/** A session with two messages under way, whose channel has ended; it greets on channel 2. */
function returning(): Bench {
  const bench = Bench.attached();
  for (const text of ["a", "b"]) bench.machine.send(text);
  bench.machine.ended(1);
  bench.start(2);
  return bench;
}

/** It has lost nothing, and goes on elsewhere. */
function unharmed(bench: Bench): void {
  expect(bench.types()).toEqual(["attached"]);
  expect(bench.machine.state.credential).toMatchObject({ id, secret, generation });
  bench.start(9);
  bench.attached(9, { received: 0 });
  expect(bench.said(9)).toEqual(["data a", "data b"]);
}

describe("T4: fixation", () => {
  it("does not work by an OPENED that nobody asked for, right as its proof may be for its own secret", () => {
    const bench = returning();
    bench.opened(2, { id: new Uint8Array(16).fill(66), secret: new Uint8Array(32).fill(66) }, new Uint8Array(32).fill(66));
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_PROTOCOL elsewhere");
    unharmed(bench);
  });
});

describe("T20: a refusal by somebody who is no keeper", () => {
  it.each(Object.entries(codes))("%s (%i) neither ends the session nor stops it, from all endpoints, again and again", (_, code) => {
    const bench = returning();
    for (let lap = 0; lap < 3; lap += 1) {
      for (const channel of [2, 3, 4].map((at) => at + 10 * lap)) {
        if (channel > 2) bench.start(channel, `k${channel % 10}`);
        bench.refused(channel, code, { received: 2, attach: 2 ** 50, reason: "go away" });
        expect(bench.orders.at(-1)).toBe(`drop ${channel} HF_SESSION_REFUSED elsewhere`);
      }
      // The one that served it last is away: it might know it.
      bench.machine.unreachable("k1");
      bench.machine.lapFailed();
    }
    unharmed(bench);
  });
});

describe("T21: a rogue endpoint in the list", () => {
  it("that accepts everything is not taken for a keeper, and is told neither the secret nor a message", () => {
    const bench = returning();
    bench.attached(2, {}, new Uint8Array(32).fill(66));
    expect(bench.orders.at(-1)).toBe("drop 2 HF_SESSION_UNPROVEN elsewhere");
    expect(bench.said(2)).toEqual([]);
    expect(Buffer.from(encode(bench.greeting(2))).includes(Buffer.from(secret))).toBe(false);
    unharmed(bench);
  });
});
