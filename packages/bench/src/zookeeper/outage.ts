import { Ensemble } from "@holdfast/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonic } from "../monotonic.ts";
import { median, type Report } from "../report.ts";
import { DriverProcess, withJava, type Kind } from "./driver-process.ts";
import { firstSession, prepare } from "./registry.ts";
import { round, timeout, use, type Fault, type Sample } from "./rounds.ts";
import { lostOf, rivalsOf, times } from "./samples.ts";

const kinds: readonly Kind[] = withJava(["holdfast", "node-zookeeper-client", "java"]);
const rounds = 3;
const sessions = 3;
const down = 2 * timeout;

/** Every server is dead for twice the session's timeout. Servers that are down expire nobody, so a patient client keeps its session. */
export async function zooKeeperOutage(): Promise<Report> {
  await using ensemble = await Ensemble.start();
  await prepare(ensemble);
  await using stack = new AsyncDisposableStack();
  const drivers = kinds.map((kind) => stack.use(new DriverProcess(kind)));
  await use(drivers, ensemble.connectString, sessions);
  const samples: Sample[] = [];
  let later = 0;
  let slower = 0;
  for (let at = 0; at < rounds; at += 1) {
    const here = await round(ensemble, drivers, blackout(ensemble));
    later += laterThan(here, "node-zookeeper-client");
    if (median(times(here, "holdfast")) > median(times(here, "node-zookeeper-client"))) slower += 1;
    samples.push(...here);
  }
  const [ours, rival] = [median(times(samples, "holdfast")), median(times(samples, "node-zookeeper-client"))];
  return {
    name: "zookeeper-outage", about: `3 servers dead for ${down} ms, session ${timeout} ms; ${rounds} rounds, ${sessions} sessions of each of ${kinds.join(", ")}; times from when a probe that dials every 10 ms gets a session`,
    rows: [
      { what: "usable after a probe gets a session, p50 (ms)", ours, rival, figure: ours, unit: "ms", target: "≤ 150 ms", met: ours <= 150 },
      { what: "rounds later than node-zookeeper-client, by medians", ours: slower, figure: slower, unit: `of ${rounds}`, target: "0", met: slower === 0 },
      { what: "sessions later than its luckiest, second, third", ours: later, figure: later, unit: `of ${rounds * sessions}` },
      ...rivalsOf("outage", samples, kinds),
      lostOf("outage", samples),
    ],
  };
}

/** The quickest of ours is held against the quickest of theirs, and so on. */
function laterThan(samples: readonly Sample[], kind: Kind): number {
  const sorted = (who: Kind): readonly number[] => times(samples, who).toSorted((a, b) => a - b);
  const theirs = sorted(kind);
  return sorted("holdfast").filter((took, at) => took > (theirs[at] ?? Infinity)).length;
}

function blackout(ensemble: Ensemble): Fault {
  return {
    victims: ensemble.servers, everybody: true, within: down + 20_000,
    strike: async () => {
      await ensemble.killAll();
      await sleep(down);
      for (const server of ensemble.servers) await server.start();
    },
    from: () => firstSession(ensemble, monotonic, 60_000),
    mend: async () => {
      await ensemble.startAll();
      await sleep(1_000);
    },
  };
}
