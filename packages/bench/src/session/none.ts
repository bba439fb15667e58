import type { Row } from "../report.ts";

/** What must not happen, and how often it did. */
export function none(what: string, count: number): Row {
  return { what, ours: count, figure: count, unit: "", target: "0", met: count === 0 };
}
