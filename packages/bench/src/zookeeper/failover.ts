import { Ensemble, type ZooKeeperServer } from "@holdfast/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { median, percentile, type Report, type Row } from "../report.ts";
import { DriverProcess, withJava, type Kind } from "./driver-process.ts";
import { attachments, prepare } from "./registry.ts";
import { round, timeout, use, type Fault, type Sample } from "./rounds.ts";
import { bestRival, lostOf, rivalsOf, times } from "./samples.ts";

const kinds: readonly Kind[] = withJava(["holdfast", "node-zookeeper-client", "java"]);
const sessions = 3;

/** A follower is killed, the leader is killed, a server stands still: how long until a session works again, beside other clients of the same servers. */
export async function zooKeeperFailover(): Promise<Report> {
  await using ensemble = await Ensemble.start();
  await prepare(ensemble);
  const rows = [
    ...await withDrivers(ensemble, "followers", (drivers) => followerKilled(ensemble, drivers, 16)),
    ...await withDrivers(ensemble, "all", (drivers) => leaderKilled(ensemble, drivers, 16)),
    ...await withDrivers(ensemble, "followers", (drivers) => serverFrozen(ensemble, drivers, 5)),
  ];
  return { name: "zookeeper-failover", about: `3 servers, tick 500 ms, session ${timeout} ms; ${sessions} sessions of each of ${kinds.join(", ")}; times until a read succeeds`, rows };
}

/** With the followers' addresses only, clients are where we strike. */
async function withDrivers(ensemble: Ensemble, whom: "followers" | "all", work: (drivers: readonly DriverProcess[]) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  await ensemble.startAll();
  const servers = whom === "all" ? ensemble.connectString : (await ensemble.followers()).map(({ address }) => address).join(",");
  await using stack = new AsyncDisposableStack();
  const drivers = kinds.map((kind) => stack.use(new DriverProcess(kind)));
  await use(drivers, servers, sessions);
  return await work(drivers);
}

async function followerKilled(ensemble: Ensemble, drivers: readonly DriverProcess[], rounds: number): Promise<readonly Row[]> {
  const samples: Sample[] = [];
  for (let at = 0; at < rounds; at += 1) samples.push(...(await round(ensemble, drivers, killing(await crowded(ensemble), false))).filter(({ hit }) => hit));
  const ours = times(samples, "holdfast");
  return [
    figure("follower killed, p50 (ms)", percentile(ours, 0.5), 30, samples, 0.5),
    figure("follower killed, p95 (ms)", percentile(ours, 0.95), 45, samples, 0.95),
    beside("follower killed, p50 beside the best rival", samples),
    sinceTold("follower killed, from the loss told, p50 (ms)", samples),
    ...rivalsOf("follower killed", samples, kinds),
    lostOf("follower killed", samples),
  ];
}

async function leaderKilled(ensemble: Ensemble, drivers: readonly DriverProcess[], rounds: number): Promise<readonly Row[]> {
  const samples: Sample[] = [];
  let close = 0;
  for (let at = 0; at < rounds; at += 1) {
    const here = await round(ensemble, drivers, killing(await ensemble.leader(), true));
    if (median(times(here, "holdfast")) <= 2 * bestRival(here)) close += 1;
    samples.push(...here);
  }
  const ours = times(samples, "holdfast");
  return [
    figure("leader killed, p50 (ms)", percentile(ours, 0.5), 450, samples, 0.5),
    figure("leader killed, p95 (ms)", percentile(ours, 0.95), 700, samples, 0.95),
    { what: "leader killed, rounds within 2 × the best rival session", ours: close, figure: close, unit: `of ${rounds}`, target: `≥ ${rounds - 1}`, met: close >= rounds - 1 },
    ...rivalsOf("leader killed", samples, kinds),
    lostOf("leader killed", samples),
  ];
}

async function serverFrozen(ensemble: Ensemble, drivers: readonly DriverProcess[], rounds: number): Promise<readonly Row[]> {
  const samples: Sample[] = [];
  for (let at = 0; at < rounds; at += 1) samples.push(...(await round(ensemble, drivers, freezing(await crowded(ensemble)))).filter(({ hit }) => hit));
  return [
    figure("server frozen, slowest (ms)", Math.max(...times(samples, "holdfast")), 2_000, samples, 1),
    ...rivalsOf("server frozen", samples, kinds),
    lostOf("server frozen", samples),
  ];
}

/** The follower that most sessions are attached to. */
async function crowded(ensemble: Ensemble): Promise<ZooKeeperServer> {
  const followers = await ensemble.followers();
  const where = [...(await attachments(ensemble)).values()];
  const crowd = (server: ZooKeeperServer): number => where.filter((one) => one === server).length;
  const [first, ...rest] = followers;
  if (!first) throw new Error("the ensemble has no follower");
  return rest.reduce((most, server) => (crowd(server) > crowd(most) ? server : most), first);
}

function killing(victim: ZooKeeperServer, everybody: boolean): Fault {
  return {
    victims: [victim], everybody, within: 15_000,
    strike: () => victim.kill(),
    mend: async () => {
      await victim.start();
      await victim.serving();
      await sleep(500);
    },
  };
}

function freezing(victim: ZooKeeperServer): Fault {
  return {
    victims: [victim], everybody: false, within: 12_000,
    strike: () => { victim.freeze(); },
    mend: async () => {
      victim.thaw();
      await victim.serving();
      await sleep(1_000);
    },
  };
}

function figure(what: string, ours: number, most: number, samples: readonly Sample[], share: number): Row {
  return { what, ours, rival: bestOf(samples, share), figure: ours, unit: "ms", target: `≤ ${most} ms`, met: ours <= most };
}

/** The machine's own part is in both. */
function beside(what: string, samples: readonly Sample[]): Row {
  const ours = median(times(samples, "holdfast"));
  const best = bestOf(samples, 0.5);
  return { what, ours, rival: best, figure: ours / best, unit: "×" };
}

/** Without the time that a process needs to die. */
function sinceTold(what: string, samples: readonly Sample[]): Row {
  const of = (kind: Kind): number => median(samples.filter((one) => one.kind === kind).map(({ took, told }) => (took ?? Infinity) - (told ?? 0)));
  const ours = of("holdfast");
  return { what, ours, rival: of("node-zookeeper-client"), figure: ours, unit: "ms" };
}

function bestOf(samples: readonly Sample[], share: number): number {
  return Math.min(...kinds.filter((kind) => kind !== "holdfast").map((kind) => percentile(times(samples, kind), share)));
}
