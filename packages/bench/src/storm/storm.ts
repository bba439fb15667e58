import type { Report, Row } from "../report.ts";
import type { Storm } from "./crowd.ts";
import { average, busiest, by } from "./measures.ts";
import { cap, highCap, minute, outages, spread } from "./outages.ts";
import { draw } from "./pictures.ts";
import { real } from "./real.ts";
import { simulated } from "./simulated.ts";

type Name = keyof typeof outages;
type Storms = Readonly<Record<Name, Storm>>;

/**
 * Many clients lose a server at once: how evenly do they dial while it is gone, and how soon are they back? Simulated clocks and
 * networks, the shipped links; then real sockets, for the shape. With `--pictures` the curves are drawn for docs/concepts.
 */
export async function storm(): Promise<Report> {
  const storms: Partial<Record<Name, Storm>> = {};
  for (const name of Object.keys(outages) as Name[]) storms[name] = await simulated(outages[name]); // Keys of that table.
  const all = storms as Storms; // Now it is complete.
  if (process.argv.includes("--pictures")) draw(all);
  const rows = [
    ...outage("10 000 × 1 server × 60 s", all.lonely, cap),
    ...outage(`  3 servers, all gone, failoverSpread ${spread / 1_000} s`, all.allThree, cap, spread),
    ...calm(all.highCap),
    ...failover(all), ...await briefly(), ...await shape(),
  ];
  return { name: "storm", about: "outages of many clients. Beside us: the mean, or a scheduler that knows when the server is back and spreads everybody evenly over the longest wait", rows };
}

const ratio = (what: string, ours: number, rival: number, most: number): Row => ({ what, ours, rival, figure: ours / rival, unit: "×", target: `≤ ${most} ×`, met: ours <= most * rival });

/** `begins`: where the last client has made its first dial. */
function outage(name: string, { dials, back }: Storm, longest: number, begins = 0): readonly Row[] {
  const second = 1_000;
  const [early, late] = [begins + 5_000, minute - 20_000];
  return [
    ratio(`${name}: busiest 1 s after the first ${early / second}`, busiest(dials, second, early, minute), average(dials, second, early, minute), 1.5),
    ratio("    the same in the last 20 s, at the cap", busiest(dials, second, late, minute), average(dials, second, late, minute), 1.5),
    ratio("    99 % back after, ms, beside the ideal", by(back, 0.99) - minute, 0.99 * longest, 1.2),
  ];
}

/** Beside the default: waits up to 30 s spare the server more the longer it is gone, and so its rate is not even. */
function calm({ dials, back }: Storm): readonly Row[] {
  const mean = average(dials, 1_000, 5_000, minute);
  return [
    { what: `  backoff up to ${highCap / 1_000} s: busiest 1 s after the first 5`, ours: busiest(dials, 1_000, 5_000, minute), rival: mean, figure: busiest(dials, 1_000, 5_000, minute) / mean, unit: "×" },
    ratio("    99 % back after, ms, beside the ideal", by(back, 0.99) - minute, 0.99 * highCap, 1.2),
  ];
}

/** A third of the clients moves to two thirds of the servers. */
function failover({ bereft, spread: spreadOut }: Storms): readonly Row[] {
  const crowd = bereft.back.length;
  return [
    { what: `10 000 × 3 servers, 1 dies: busiest 100 ms of ${crowd} dials`, ours: busiest(bereft.dials, 100), figure: by(bereft.back, 0.99), unit: "ms, 99 %" },
    ratio(`  failoverSpread ${spread / 1_000} s: busiest 1 s`, busiest(spreadOut.dials, 1_000), average(spreadOut.dials, 1_000, 0, spread), 1.5),
    ratio("    99 % back after, ms, beside the ideal", by(spreadOut.back, 0.99), 0.99 * spread, 1.2),
  ];
}

/** The worst of five seeds: chance is large in a crowd so small. */
async function briefly(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, what] of [["brief", "500 × 1 server × 3 s"], ["quick", "  equal jitter, 500 ms … 2 s"], ["limited", "  one process, dialLimiter({ perSecond: 270 })"]] as const) {
    const storms = await Promise.all([1, 2, 3, 4, 5].map((seed) => simulated({ ...outages[name], seed })));
    const { lasts } = outages[name];
    const peak = Math.max(...storms.map(({ dials }) => busiest(dials, 100, lasts)));
    const last = Math.max(...storms.map(({ back }) => by(back, 1))) - lasts;
    rows.push({ what: `${what}: busiest 100 ms after`, ours: peak, figure: peak, unit: "dials", target: "≤ 30", met: peak <= 30 });
    rows.push({ what: "    all back after", ours: last, figure: last, unit: "ms", target: "≤ 2000", met: last <= 2_000 });
  }
  return rows;
}

/** What the simulation says is what sockets do. The bounds are wide because a process that makes 5 000 dials in its first second is late with them. */
async function shape(): Promise<readonly Row[]> {
  const [clients, lasts] = [2_000, 10_000];
  const model = await simulated({ clients, servers: 1, dying: 1, lasts });
  const sockets = await real({ clients, lasts });
  const beside = (what: string, measure: (storm: Storm) => number): Row => {
    const [ours, rival] = [measure(sockets), measure(model)];
    return { what, ours, rival, figure: ours / rival, unit: "×", target: "0.67 to 1.5 ×", met: 1.5 * ours >= rival && ours <= 1.5 * rival };
  };
  return [
    beside(`${clients} real sockets × ${lasts / 1_000} s, beside the model: dials`, ({ dials }) => dials.length),
    beside("    busiest 1 s after the first 5", ({ dials }) => busiest(dials, 1_000, 5_000, lasts)),
    beside("    busiest 1 s after the return", ({ dials }) => busiest(dials, 1_000, lasts)),
    beside("    half of them back after, ms", ({ back }) => by(back, 0.5) - lasts),
    beside("    99 % back after, ms", ({ back }) => by(back, 0.99) - lasts),
    { what: "    clients without a connection in the end", ours: clients - sockets.back.length, figure: clients - sockets.back.length, unit: "", target: "0", met: sockets.back.length === clients },
  ];
}
