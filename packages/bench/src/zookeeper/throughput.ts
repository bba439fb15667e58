import { Ensemble } from "@holdfast/test-servers";
import { median, type Report, type Row } from "../report.ts";
import type { Loaded, LoadOrder } from "./driver/load.ts";
import { DriverProcess, withJava, type Kind } from "./driver-process.ts";
import { paths, prepare } from "./registry.ts";
import { timeout } from "./rounds.ts";

const kinds: readonly Kind[] = withJava(["raw", "holdfast", "node-zookeeper-client", "java"]);
const rounds = 30;
const inFlight = 256;
const sizes = { get: { warm: 5_000, count: 20_000 }, set: { warm: 2_000, count: 20_000 } };

/** What an operation costs the client, and how many there are in a second, beside other clients and a socket with nothing round it. */
export async function zooKeeperThroughput(): Promise<Report> {
  // With all that Java has: so the client is the limit, not the server.
  await using ensemble = await Ensemble.start({ jvm: ["-Xmx256m", "-XX:TieredStopAtLevel=4", "-XX:ReservedCodeCacheSize=128m"] });
  await prepare(ensemble);
  const [follower] = await ensemble.followers();
  const servers = (follower ?? await ensemble.leader()).address;
  await using stack = new AsyncDisposableStack();
  const drivers = kinds.map((kind) => stack.use(new DriverProcess(kind)));
  const rows: Row[] = [];
  for (const operation of ["get", "set"] as const) rows.push(...await compare(drivers, { servers, timeout, path: paths.read, operation, inFlight, ...sizes[operation] }));
  return { name: "zookeeper-throughput", about: `64-byte node, ${inFlight} operations in flight through one session on one follower of 3, ${rounds} rounds: mean CPU and its standard error, median rate`, rows };
}

async function compare(drivers: readonly DriverProcess[], order: LoadOrder): Promise<readonly Row[]> {
  const found = new Map<Kind, Loaded[]>(drivers.map(({ kind }) => [kind, []]));
  // Once for nothing: code is compiled, here and in the server.
  for (const driver of drivers) await driver.ask("load", order);
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, so that a noisy second does not hurt the same one each time.
    for (let step = 0; step < drivers.length; step += 1) {
      const driver = drivers[(round + step) % drivers.length];
      // Between the first two it is a matter of a microsecond: the others are measured in every third round.
      const counts = driver?.kind === "raw" || driver?.kind === "holdfast" || round % 3 === 0;
      if (driver && counts) found.get(driver.kind)?.push(await driver.ask<Loaded>("load", order));
    }
  }
  // What an operation costs depends on how many answers come in one piece, and so on all that goes on: hence the mean of many rounds, and how far it can be trusted.
  const costs = (kind: Kind): readonly number[] => (found.get(kind) ?? []).map((one) => one.micros);
  const micros = (kind: Kind): number => mean(costs(kind));
  const rate = (kind: Kind): number => median((found.get(kind) ?? []).map((one) => one.rate));
  const ratio = micros("holdfast") / micros("raw");
  const doubt = Math.hypot(...(["holdfast", "raw"] as const).map((kind) => standardError(costs(kind)) / micros(kind)));
  const rivals = kinds.filter((kind) => kind !== "holdfast" && kind !== "raw");
  const best = Math.max(...rivals.map(rate));
  const { operation } = order;
  return [
    { what: `${operation}: client CPU beside the raw socket (µs), ± ${(doubt * 100).toFixed(0)} %`, ours: micros("holdfast"), rival: micros("raw"), figure: ratio, unit: "×", target: "≤ 1.3 ×", met: ratio <= 1.3 },
    { what: `${operation}: per second, beside the better rival`, ours: rate("holdfast"), rival: best, figure: rate("holdfast") / best, unit: "×", target: "> 1 ×", met: rate("holdfast") > best },
    ...[...rivals, "raw" as const].map((kind) => ({ what: `${operation}, ${kind}: per second, and CPU (µs)`, ours: rate("holdfast"), rival: rate(kind), figure: micros(kind), unit: "µs" })),
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean of these values. */
function standardError(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1) / values.length);
}
