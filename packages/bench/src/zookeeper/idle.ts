import { Ensemble } from "@holdfast/test-servers";
import type { Report, Row } from "../report.ts";
import type { Weight } from "./driver/weight.ts";
import { DriverProcess, withJava, type Kind } from "./driver-process.ts";
import { prepare } from "./registry.ts";
import { timeout } from "./rounds.ts";

const kinds: readonly Kind[] = withJava(["holdfast", "node-zookeeper-client", "raw", "java"]);
const sessions = 200;
const milliseconds = 24_000;
const megabyte = 2 ** 20;

/** Sessions that do nothing, all in one process: what they weigh, and what their pings cost. */
export async function zooKeeperIdle(): Promise<Report> {
  await using ensemble = await Ensemble.start();
  await prepare(ensemble);
  const found = new Map<Kind, Weight>();
  const weigh = async (kind: Kind): Promise<void> => {
    await using driver = new DriverProcess(kind);
    found.set(kind, await driver.ask<Weight>("weigh", { servers: ensemble.connectString, timeout, sessions, milliseconds }));
  };
  // Those that are compared run side by side: what a shared machine does in those seconds happens to both.
  await Promise.all([weigh("holdfast"), weigh("node-zookeeper-client")]);
  for (const kind of kinds.filter((kind) => !found.has(kind))) await weigh(kind);
  const rows = [
    compare(found, "resident memory (MB)", ({ rss }) => rss / megabyte),
    compare(found, "heap that the sessions add (MB)", ({ heap }) => heap / megabyte, {}),
    compare(found, "CPU (% of one core)", ({ cpu }) => cpu),
    ...kinds.filter((kind) => kind !== "holdfast").map((kind) => ({ what: `${kind}: resident memory (MB), and CPU (%)`, ours: (found.get("holdfast")?.rss ?? 0) / megabyte, rival: (found.get(kind)?.rss ?? 0) / megabyte, figure: found.get(kind)?.cpu ?? 0, unit: "%" })),
    { what: "connections lost", ours: found.get("holdfast")?.lost ?? 0, figure: found.get("holdfast")?.lost ?? 0, unit: "", target: "0", met: found.get("holdfast")?.lost === 0 },
  ];
  return { name: "zookeeper-idle", about: `${sessions} idle sessions of ${timeout} ms in one process, for ${milliseconds} ms, beside node-zookeeper-client`, rows };
}

type Goal = Pick<Row, "target" | "met">;

function compare(found: ReadonlyMap<Kind, Weight>, what: string, of: (weight: Weight) => number, goal?: Goal): Row {
  const [ours, rival] = (["holdfast", "node-zookeeper-client"] as const).map((kind) => {
    const weight = found.get(kind);
    return weight === undefined ? Number.NaN : of(weight);
  });
  const figure = (ours ?? Number.NaN) / (rival ?? Number.NaN);
  return { what, ours: ours ?? Number.NaN, rival: rival ?? Number.NaN, figure, unit: "×", ...(goal ?? { target: "≤ 1.25 ×", met: figure <= 1.25 }) };
}
