import { pause, type PauseFound } from "../../../session/test/acceptance/pause.ts";
import type { Report, Row } from "../report.ts";
import { none } from "./none.ts";

const sessions = 1_000;
const timeout = 4_000;

/** A server process stands still (SIGSTOP) for two session timeouts. */
export async function sessionPause(): Promise<Report> {
  const rows: Row[] = [];
  for (const store of ["memory", "redis"] as const) rows.push(...rowsOf(store, await pause({ sessions, timeout, store })));
  return { name: "session-pause", about: `a server with ${sessions} sessions of ${timeout} ms is stopped for ${2 * timeout} ms while their clients go on asking and talking`, rows };
}

function rowsOf(store: string, { ended, resumed, said, lost, disordered, recovery }: PauseFound): readonly Row[] {
  return [
    none(`${store}: sessions lost or expired, of ${sessions}`, ended),
    { what: "  resumed in full", ours: resumed, figure: resumed, unit: "", target: String(sessions), met: resumed === sessions },
    none(`  messages lost, of ${said} each way`, lost), none("  doubled or reordered", disordered),
    { what: "  until the last of them was answered", ours: recovery, figure: recovery, unit: "ms" },
  ];
}
