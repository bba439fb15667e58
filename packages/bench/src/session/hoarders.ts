import { hoarders } from "../../../session/test/acceptance/hoarders.ts";
import type { Report } from "../report.ts";

const mebibyte = 1_048_576;

/** What clients cost that read everything and acknowledge nothing. */
export async function sessionHoarders(): Promise<Report> {
  const [sessions, maxBytes] = [10_000, 16_384];
  const { attached, bound, kept, full, later, refused, taken, idle } = await hoarders({ sessions, maxBytes });
  const [most, first, last] = [Math.max(full, ...later), later[0] ?? 0, later.at(-1) ?? 0];
  return {
    name: "session-hoarders", about: `${sessions} clients over TCP that never acknowledge, and a keeper that pours messages of 1 KiB upon them until each has left ${maxBytes} bytes`,
    rows: [
      { what: "messages kept (MiB); the bound, maxBytes x sessions", ours: kept / mebibyte, rival: bound / mebibyte, figure: kept / bound, unit: "x", target: "1 x", met: kept === bound },
      { what: "memory for them, at most (MiB)", ours: most / mebibyte, rival: bound / mebibyte, figure: most / bound, unit: "x", target: "≤ 1.25 x", met: most <= 1.25 * bound },
      { what: `  after ${refused} more (MiB); after a third of those`, ours: last / mebibyte, rival: first / mebibyte, figure: last / first, unit: "x", target: "≤ 1.05 x", met: last <= 1.05 * first && taken === 0 },
      { what: "  sessions that go on", ours: attached, figure: attached, unit: "", target: String(sessions), met: attached === sessions },
      { what: "memory of an idle session (kB)", ours: idle / 1_000, figure: idle / 1_000, unit: "kB" },
    ],
  };
}
