import { twoHolders } from "../../../session/test/acceptance/holders.ts";
import { lateRequests } from "../../../session/test/acceptance/late-requests.ts";
import type { Report } from "../report.ts";
import { none } from "./none.ts";

const rounds = 100;

/** Who owns a session: two holders of one ticket, and what comes late from an old connection. */
export async function sessionHolders(): Promise<Report> {
  const two = await twoHolders({ rounds, timeout: 2_000 });
  const late = await lateRequests(rounds);
  return {
    name: "session-holders", about: `${rounds} sessions with two holders that both talk; ${rounds} requests that were held on the old connection while the client moved`,
    rows: [
      { what: `${two.actions} openings and takeovers: moved, once each`, ours: two.moved, figure: two.moved, unit: "", target: String(two.actions), met: two.moved === two.actions },
      { what: "  attaches for one of them, at most", ours: two.most, figure: two.most, unit: "", target: "≤ 2", met: two.most <= 2 && two.attaches <= 2 * two.actions },
      none("  attaches that nobody asked for, in two timeouts", two.fights), none("  messages taken from a holder that had moved", two.spoken),
      none("  commits of an epoch that was not the latest", two.overlaps + late.overlaps),
      { what: "late requests that changed nothing", ours: late.unchanged, figure: late.unchanged, unit: `of ${rounds}`, target: `${rounds}`, met: late.unchanged === rounds },
      { what: "  of these fenced off by the store alone", ours: late.fenced, figure: late.fenced, unit: "", target: `${rounds / 2}`, met: late.fenced === rounds / 2 },
      none(`  lost, doubled or reordered, of ${late.all.accepted}`, late.all.lost + late.all.doubled + late.all.reordered),
    ],
  };
}
