import { expect, it } from "vitest";
import { Example } from "./example.ts";

interface Line { readonly summary?: Summary }
interface Summary { readonly faults: readonly Fault[]; readonly sent: number; readonly delivered: number; readonly unknown: number }
interface Fault { readonly fault: string; readonly injected: boolean; readonly survived: boolean; readonly noticedMs: number | null; readonly boundMs: number }

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
});
