import { migrations, type MigrationsFound } from "../../../session/test/acceptance/migrations.ts";
import type { Report, Row } from "../report.ts";
import { none } from "./none.ts";

const moves = 1_000;
const sessions = 20;
/** Of each session. */
const warm = 5;

/** Sessions move back and forth between two servers while both sides talk. */
export async function sessionMigrate(): Promise<Report> {
  const near = await migrations({ moves, sessions, warm });
  const far = await migrations({ moves: moves / 5, sessions, warm, rtt: 50 });
  return {
    name: "session-migrate", about: `${sessions} sessions with a message each 5 ms both ways move between two servers on one store, over TCP; all of them, and who talks, in one process`,
    rows: [...losses(`${near.moves} moves`, near), ...delays(near), ...losses(`${far.moves} moves at a round trip of 50 ms`, far), ...delays(far)],
  };
}

function losses(scene: string, { outward, inward, failed, gaps }: MigrationsFound): readonly Row[] {
  return [
    none(`${scene}: lost, of ${outward.accepted + inward.accepted}`, outward.lost + inward.lost), none("  doubled", outward.doubled + inward.doubled),
    none("  reordered", outward.reordered + inward.reordered), none("  moves that failed, connections that broke", failed + gaps),
  ];
}

/** A busy machine stretches the moves that it stalls, so more messages meet those: the sham shows how much of the delay is that. */
function delays({ moving, sham, steady, move }: MigrationsFound): readonly Row[] {
  const ratio = moving.p99 / steady.p99;
  return [
    { what: `  p99 of ${moving.count} under way in a move (${move.toFixed(1)} ms); the others`, ours: moving.p99, rival: steady.p99, figure: ratio, unit: "x", target: "≤ 2 x", met: ratio <= 2 },
    { what: "  the same beside messages that met a sham", ours: moving.p99, rival: sham.p99, figure: moving.p99 / sham.p99, unit: "x" },
    { what: "  p50 of those in a move; in a sham", ours: moving.p50, rival: sham.p50, figure: moving.p50 / sham.p50, unit: "x" },
  ];
}
