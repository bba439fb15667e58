/** One figure of a benchmark: ours, the rival's in the same run, and what we aim at. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly rival?: number;
  /** The figure the target speaks of: a ratio, a count, a time. */
  readonly figure: number;
  readonly unit: string;
  readonly target?: string;
  readonly met?: boolean;
}
export interface Report { readonly name: string; readonly about: string; readonly rows: readonly Row[] }

export function print(report: Report, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  console.log(`\n${report.name}: ${report.about}\n`);
  const widths = [52, 12, 12, 12, 22];
  const line = (cells: readonly string[]): string => cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" ");
  console.log(line(["", "holdfast", "beside it", "figure", "target"]));
  for (const { what, ours, rival, figure, unit, target, met } of report.rows) {
    const mark = met === undefined ? "" : met ? " met" : " MISSED";
    console.log(line([what, short(ours), rival === undefined ? "" : short(rival), `${short(figure)} ${unit}`, `${target ?? ""}${mark}`]));
  }
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the given share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
