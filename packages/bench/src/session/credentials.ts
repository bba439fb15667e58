import { credentials } from "../../../session/test/acceptance/credentials.ts";
import type { Report } from "../report.ts";
import { none } from "./none.ts";

const attempts = 10_000;

/** Attempts to take sessions that belong to others. */
export async function sessionCredentials(): Promise<Report> {
  const { perKind, accepted, unrefused, putOff, answers, alive, victims } = await credentials(attempts);
  const told = Object.entries(answers).map(([code, count]) => `${count} × ${code}`).join(", ");
  return {
    name: "session-credentials", about: `${attempts} ATTACHes of ${Object.keys(perKind).length} kinds (${Object.keys(perKind).join(", ")}), each on a TCP connection of its own: ${told}`,
    rows: [
      none(`accepted, of ${attempts}`, accepted), none("  answered with anything but a refusal", unrefused), none("  put off without being judged", putOff),
      { what: "  their owners who still come in", ours: alive, figure: alive, unit: `of ${victims}`, target: String(victims), met: alive === victims },
    ],
  };
}
