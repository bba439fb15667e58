import { hoarders } from "../../../session/test/acceptance/hoarders.ts";
import type { Report } from "../report.ts";

const mebibyte = 1_048_576;

/** What clients cost that read everything and acknowledge nothing. */
export async function sessionHoarders(): Promise<Report> {
  const [sessions, maxBytes] = [10_000, 16_384];
  const { attached, bound, kept, full, later, refused, taken, idle } = await hoarders({ sessions, maxBytes });
  const most = Math.max(...later);
  return {
    name: "session-hoarders", about: `${sessions} clients over TCP that never acknowledge, and a keeper that pours messages of 1 KiB upon them until each has left ${maxBytes} bytes`,
    rows: [
      { what: "messages kept (MiB); the bound, maxBytes x sessions", ours: kept / mebibyte, rival: bound / mebibyte, figure: kept / bound, unit: "x", target: "1 x", met: kept === bound },
      { what: "memory for them (MiB)", ours: full / mebibyte, rival: bound / mebibyte, figure: full / bound, unit: "x", target: "≤ 1.25 x", met: full <= 1.25 * bound },
      { what: `  after ${refused} more, at most (MiB); before`, ours: most / mebibyte, rival: full / mebibyte, figure: most / full, unit: "x", target: "≤ 1.05 x", met: most <= 1.05 * full && taken === 0 },
      { what: "  sessions that go on", ours: attached, figure: attached, unit: "", target: String(sessions), met: attached === sessions },
      { what: "memory of an idle session (kB)", ours: idle / 1_000, figure: idle / 1_000, unit: "kB" },
    ],
  };
}
