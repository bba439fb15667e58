import { killCycles, type KillsFound } from "../../../session/test/acceptance/kills.ts";
import { together } from "../../../session/test/acceptance/tally.ts";
import type { Report, Row } from "../report.ts";
import { none } from "./none.ts";

const kills = 25;

/** Servers that are killed under a session that talks both ways each 5 ms: what was accepted, against receipts on the disk. */
export async function sessionKills(): Promise<Report> {
  const rows: Row[] = [];
  for (const killed of ["keeper", "processes"] as const) {
    for (const rtt of [0, 50]) rows.push(...rowsOf(`${killed === "keeper" ? "one keeper" : "kill -9, two processes, Redis"}, ${rtt} ms`, await killCycles({ kills, rtt, of: killed })));
  }
  return { name: "session-kills", about: `${kills} kills under a message each 5 ms both ways, every second kill between effect and commit`, rows };
}

function rowsOf(scene: string, { outward, answers, inward, again, atEffect, slowest, broken }: KillsFound): readonly Row[] {
  const all = together([outward, answers, inward]);
  return [
    none(`${scene}: lost, of ${all.accepted}`, all.lost), none("  doubled", all.doubled), none("  reordered", all.reordered), none("  not resumed in full", broken),
    { what: "  handled again, with their receipt there", ours: again, figure: again, unit: "", target: `≥ ${atEffect}`, met: again >= atEffect },
    { what: "  slowest from kill to attached", ours: slowest, figure: slowest, unit: "ms" },
  ];
}
