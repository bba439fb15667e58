import { Ensemble } from "@holdfast/test-servers";
import type { Report, Row } from "../report.ts";
import type { Contest } from "./driver/contest.ts";
import { DriverProcess, withJava, type Kind } from "./driver-process.ts";
import { paths, prepare } from "./registry.ts";
import { timeout } from "./rounds.ts";

const kinds: readonly Kind[] = withJava(["holdfast", "node-zookeeper-client", "java"]);
const milliseconds = 10_000;
const every = 20;

/** Two processes hold one session and both write: do they throw each other off for ever, and does anybody say so? */
export async function zooKeeperContested(): Promise<Report> {
  await using ensemble = await Ensemble.start();
  await prepare(ensemble);
  const found = new Map<Kind, readonly [Contest, Contest]>();
  for (const kind of kinds) found.set(kind, await fight(ensemble, kind));
  const rows = [...found].flatMap(([kind, both]) => (kind === "holdfast" ? ourRows(both) : [rivalRow(kind, both, found.get("holdfast"))]));
  return { name: "zookeeper-contested", about: `two holders of one session of ${timeout} ms, each writing every ${every} ms for ${milliseconds} ms`, rows };
}

async function fight(ensemble: Ensemble, kind: Kind): Promise<readonly [Contest, Contest]> {
  await using stack = new AsyncDisposableStack();
  const [one, two] = [stack.use(new DriverProcess(kind)), stack.use(new DriverProcess(kind))];
  const order = { servers: ensemble.connectString, timeout };
  const ticket = await one.ask<string>("hold", order);
  const write = { path: paths.read, every, milliseconds };
  await two.ask<string>("hold", { ...order, ticket });
  return await Promise.all([one.ask<Contest>("write", write), two.ask<Contest>("write", write)]);
}

function ourRows(both: readonly [Contest, Contest]): readonly Row[] {
  const reconnects = reconnectsOf(both);
  const ends = both.map(({ over }) => over).filter((why) => why !== null);
  const clear = ends.length === 1 && ends[0] === "ZK_SESSION_CONTESTED";
  return [
    { what: "reconnects of both", ours: reconnects, figure: reconnects, unit: "", target: "≤ 4", met: reconnects <= 4 },
    { what: `holders that end (${ends.join(", ") || "none"})`, ours: ends.length, figure: ends.length, unit: "of 2", target: "1, contested", met: clear },
  ];
}

function rivalRow(kind: Kind, both: readonly [Contest, Contest], ours: readonly [Contest, Contest] | undefined): Row {
  const failed = both.flatMap(({ errors }) => Object.values(errors)).reduce((sum, count) => sum + count, 0);
  return { what: `${kind}: reconnects; failed writes`, ours: ours ? reconnectsOf(ours) : Number.NaN, rival: reconnectsOf(both), figure: failed, unit: "" };
}

function reconnectsOf([one, two]: readonly [Contest, Contest]): number {
  return one.reconnects + two.reconnects;
}
