import { expect, it } from "vitest";
import { JsonNarrator } from "../demo/src/narrator.ts";
import { sessionsAct, usualStore } from "../demo/src/sessions/act.ts";
import { whole, type Tally } from "../demo/src/sessions/tally.ts";
import { Example } from "./example.ts";

interface Line { readonly summary?: Summary }
interface Summary { readonly faults: readonly Fault[]; readonly sent: number; readonly delivered: number; readonly unknown: number; readonly sessions: Tally }
interface Fault { readonly fault: string; readonly injected: boolean; readonly survived: boolean; readonly noticedMs: number | null; readonly boundMs: number }

const some = expect.any(Number) as number;

/** It lives in real time: a machine that stood still for a moment may try once more. */
const again = { timeout: 90_000, retry: 1 };

it("the demonstration really does its eight faults, notices each within its bound, and vouches for no message that was lost", again, async ({ onTestFinished }) => {
  const { code, stdout, stderr } = await new Example("demo", onTestFinished, ["--json"]).outcome;
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout });
  const { summary } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Line;
  expect(summary?.faults.map(({ fault }) => fault)).toEqual(["down-at-start", "rst", "black-hole-out", "black-hole-in", "flap", "busy-peer", "own-stall", "drain"]);
  for (const outcome of summary?.faults ?? []) {
    expect(outcome).toMatchObject({ injected: true, survived: true });
    expect({ ...outcome, inTime: outcome.noticedMs !== null && outcome.noticedMs <= outcome.boundMs }).toMatchObject({ inTime: true });
  }
  const { sent = NaN, delivered = NaN, unknown = NaN } = summary ?? {};
  expect(sent).toBeGreaterThan(0);
  expect(sent - delivered).toBeGreaterThanOrEqual(0);
  expect(sent - delivered).toBeLessThanOrEqual(unknown);
  expect(summary?.sessions).toEqual(intact(usualStore));
});

it("its last act needs no Redis: sessions in a store in memory, whose servers crash in turn", { timeout: 60_000 }, async () => {
  class Silent extends JsonNarrator {
    override tell(): void { /* Nobody listens. */ }
    override act(): void { /* Nobody listens. */ }
  }
  const tally = await sessionsAct(new Silent(), "memory");
  expect(tally).toEqual(intact("memory"));
  expect(whole(tally)).toBe(true);
});

/** Servers were killed, and what went either way arrived once and in order. */
function intact(store: Tally["store"]): object {
  const all = { sent: some, received: some, doubled: 0, lost: 0, inOrder: true };
  return { store, kills: expect.toSatisfy((kills: number) => kills > 1), messages: all, answers: all, repeated: some };
}
