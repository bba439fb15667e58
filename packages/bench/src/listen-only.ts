import { kinds } from "./detect/case.ts";
import { listen } from "./listen-only/listen.ts";
import type { Report } from "./report.ts";

const interval = 1_000;
const minutes = 10;

/** Clients that only listen, under servers that close whoever they read nothing from for two intervals. */
export async function listenOnly(): Promise<Report> {
  const { longest, lost, messages } = await listen(interval, minutes * 60_000);
  return {
    name: "listen-only", about: `${minutes} minutes, heartbeat every ${interval} ms, over ${kinds.join(", ")}; ${messages} messages were heard`,
    rows: [
      { what: "connections lost", ours: lost, figure: lost, unit: "", target: "0", met: lost === 0 },
      { what: "longest silence the servers heard (intervals)", ours: longest / interval, figure: longest, unit: "ms", target: `< ${2 * interval} ms`, met: longest < 2 * interval },
    ],
  };
}
