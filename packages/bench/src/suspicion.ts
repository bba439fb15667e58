import { seededRandom } from "@holdfast/testkit";
import type { Report, Row } from "./report.ts";
import { Client } from "./suspicion/client.ts";
import { models } from "./suspicion/models.ts";

const heartbeats = 400_000;
const day = 86_400_000;

/** Healthy peers behind four kinds of network: how often a link gives one up (never), and how often it moves away from one for nothing. */
export function suspicion(): Report {
  const rows = Object.entries(models).flatMap(([name, model]): Row[] => {
    const client = new Client(name === "lan" ? "lan" : "wan", model, seededRandom(7));
    client.run(heartbeats);
    const perDay = client.moves / (client.now / day);
    return [
      { what: `${name}: live peers given up in ${heartbeats} heartbeats`, ours: client.kills, figure: client.kills, unit: "", target: "0", met: client.kills === 0 },
      { what: `${name}: moves for nothing (of ${client.suspicions} suspicions and misses)`, ours: client.moves, figure: perDay, unit: "a day", ...(name !== "stall" && { target: "≤ 1 a day", met: perDay <= 1 }) },
    ];
  });
  return { name: "suspicion", about: "simulated heartbeats with peers that are always well; lan with the preset lan, the others with wan", rows };
}
