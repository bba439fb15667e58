import { isDeepStrictEqual } from "node:util";
import type { Report } from "./report.ts";
import { byLoop, byResetOnConnect, byRetry, traceOf, type Loop } from "./redial-loop/loops.ts";
import { byMachine } from "./redial-loop/machine.ts";
import { dropping, worldOf, type Trace, type World } from "./redial-loop/world.ts";

const dials = 50;

/**
 * Why the redial loop is a machine: the shipped machine beside the same policy as an async loop, on p-retry and without it. All
 * dial at the same moments in the same simulated worlds, or nothing is timed. And what a server that accepts and drops gets to
 * bear from a loop that takes connecting for success. docs/adr/0002 quotes these figures.
 */
export async function redialLoop(): Promise<Report> {
  const worlds = Array.from({ length: 50 }, (_, seed) => worldOf(seed, dials));
  const machine = await rate((world) => byMachine(world), worlds);
  const retry = await rateOf(byRetry, worlds);
  const loop = await rateOf(byLoop, worlds);
  const { stable, connect } = await hammering();
  return {
    name: "redial-loop", about: `schedules of ${dials} dials simulated per second; dials that a server which accepts and drops gets per minute`,
    rows: [
      { what: "schedules per second, beside a loop on p-retry", ours: machine, rival: retry, figure: machine / retry, unit: "×" },
      { what: "schedules per second, beside a plain async loop", ours: machine, rival: loop, figure: machine / loop, unit: "×" },
      { what: "accept and drop: dials in the first minute", ours: stable.first, rival: connect.first, figure: connect.first / stable.first, unit: "×" },
      { what: "accept and drop: dials a minute after that", ours: stable.later, rival: connect.later, figure: connect.later / stable.later, unit: "×" },
    ],
  };
}

/** On the fastest clock a loop can run on: the one that lets promises run no further than this loop needs. */
async function rateOf(loop: Loop, worlds: readonly World[]): Promise<number> {
  const depth = await shallowest(loop, worlds);
  return rate((world) => traceOf(loop, world, depth), worlds);
}

/** The least depth of promise chains with which a loop still dials as the machine does. */
async function shallowest(loop: Loop, worlds: readonly World[]): Promise<number> {
  for (let depth = 1; depth < 100; depth += 1) {
    let same = true;
    for (const world of worlds) same &&= isDeepStrictEqual(await traceOf(loop, world, depth), byMachine(world));
    if (same) return depth;
  }
  throw new Error("the loop does not dial as the machine does: they do not follow the same policy");
}

/** Schedules per second: the best of five runs of about `ms`, which is what a quiet machine does. */
async function rate(run: (world: World) => unknown, worlds: readonly World[], ms = 600): Promise<number> {
  let best = 0;
  for (let repeat = 0; repeat < 5; repeat += 1) {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < ms) {
      for (const world of worlds) await run(world);
      done += worlds.length;
    }
    best = Math.max(best, (done / (performance.now() - start)) * 1000);
  }
  return best;
}

interface Dials { readonly first: number; readonly later: number }

/** Mean dials in the first minute, and per minute in the ten after it. `connect`: the count is reset by connecting. */
async function hammering(seeds = 50, minutes = 10): Promise<{ readonly stable: Dials; readonly connect: Dials }> {
  const minute = 60_000;
  const end = (1 + minutes) * minute;
  const stable: Trace[] = [];
  const connect: Trace[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const world = dropping(seed, 1_000 * minutes);
    stable.push(byMachine(world, end));
    connect.push(await traceOf(byResetOnConnect, world, "quiet", end));
  }
  const mean = (traces: readonly Trace[]): Dials => {
    const all = traces.flat();
    return { first: all.filter((at) => at < minute).length / seeds, later: all.filter((at) => at >= minute && at < end).length / seeds / minutes };
  };
  return { stable: mean(stable), connect: mean(connect) };
}
