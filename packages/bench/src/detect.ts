import { faults, kinds, sides, type Case } from "./detect/case.ts";
import { isWithin, watch, type Finding } from "./detect/watch.ts";
import type { Report, Row } from "./report.ts";

const rounds = 100;
const heartbeat = { interval: 400, timeout: 400, maxMisses: 3 } as const;

/** Black holes: how long after the documented bound each was noticed, by links and by servers, and how many in time. */
export async function detect(): Promise<Report> {
  const rows: Row[] = [];
  for (const kind of kinds) {
    for (const side of sides) for (const fault of faults) rows.push(await measure({ kind, side, fault }));
  }
  return { name: "detect", about: `${rounds} connections at once fall silent at random moments; noticed within the bound (1600 ms; 2800 ms where only our words vanish) + 50 ms + what the loop was late; first column: worst overrun in ms, negative where it was before the bound`, rows };
}

const words = { both: "all dead", mute: "only our words vanish", deaf: "only its words vanish" } as const;

async function measure(one: Case): Promise<Row> {
  const { findings, lateness } = await watch(Array.from({ length: rounds }, () => one), { heartbeat, spread: 1_200 });
  const within = findings.filter((finding) => isWithin(finding, lateness)).length;
  const worst = Math.max(...findings.map(({ took, bound }) => took - bound));
  const strays = findings.filter((finding) => !isWithin(finding, lateness));
  if (strays.length > 0) console.error(strays.slice(0, 5).map(inWords).join("\n"));
  return {
    what: `${one.kind} ${one.side}, ${words[one.fault]}`,
    ours: worst, figure: within, unit: `of ${rounds}`, target: `loop late ${lateness.toFixed(0)} ms`, met: within === rounds,
  };
}

function inWords({ kind, side, fault, took, bound, cause }: Finding): string {
  return `outside: ${kind} ${side} ${fault}, ${cause} after ${took.toFixed(0)} ms, bound ${bound} ms`;
}
