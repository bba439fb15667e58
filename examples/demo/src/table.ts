import type { Outcome } from "./fault.ts";

const heads = ["fault", "noticed", "bound", "recovered", "endpoint after", "", "naive client"];

/** The closing table, as wide as its words. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ fault, noticedMs, boundMs, recoveredMs, endpoint, survived, naive }) => [
    fault, time(noticedMs), time(boundMs), time(recoveredMs), endpoint ?? "-", survived ? "survived" : "FAILED", naive,
  ]);
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string => cells.map((cell, at) => (at >= 1 && at <= 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join("  ").trimEnd();
  return [line(heads), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

function time(ms: number | null): string {
  return ms === null ? "never" : `${ms} ms`;
}
