// `npm run bench -- <name> [--json]`: each benchmark runs beside its rival or the raw socket and prints ratios.
import type { Report } from "./report.ts";
import { print } from "./report.ts";

const benchmarks: Readonly<Record<string, () => Promise<Report>>> = {
  echo: async () => (await import("./echo.ts")).echo(),
  failover: async () => (await import("./failover.ts")).failover(),
  standby: async () => (await import("./standby.ts")).standby(),
  suspicion: async () => (await import("./suspicion.ts")).suspicion(),
  "redial-loop": async () => (await import("./redial-loop.ts")).redialLoop(),
  detect: async () => (await import("./detect.ts")).detect(),
  stalls: async () => (await import("./stalls.ts")).stallsOfLoops(),
  "listen-only": async () => (await import("./listen-only.ts")).listenOnly(),
  storm: async () => (await import("./storm/storm.ts")).storm(),
  dials: async () => (await import("./dials.ts")).dials(),
  memory: async () => (await import("./memory.ts")).memory(),
  "session-throughput": async () => (await import("./session/throughput.ts")).sessionThroughput(),
  "session-bytes": async () => (await import("./session/bytes.ts")).sessionBytes(),
  "session-expiry": async () => (await import("./session/expiry.ts")).sessionExpiry(),
  "zookeeper-failover": async () => (await import("./zookeeper/failover.ts")).zooKeeperFailover(),
  "zookeeper-outage": async () => (await import("./zookeeper/outage.ts")).zooKeeperOutage(),
  "zookeeper-throughput": async () => (await import("./zookeeper/throughput.ts")).zooKeeperThroughput(),
  "zookeeper-idle": async () => (await import("./zookeeper/idle.ts")).zooKeeperIdle(),
  "zookeeper-contested": async () => (await import("./zookeeper/contested.ts")).zooKeeperContested(),
  "session-kills": async () => (await import("./session/kills.ts")).sessionKills(),
  "session-holders": async () => (await import("./session/holders.ts")).sessionHolders(),
  "session-pause": async () => (await import("./session/pause.ts")).sessionPause(),
  "session-migrate": async () => (await import("./session/migrate.ts")).sessionMigrate(),
  "session-hoarders": async () => (await import("./session/hoarders.ts")).sessionHoarders(),
  "session-credentials": async () => (await import("./session/credentials.ts")).sessionCredentials(),
  "activemq-failover": async () => (await import("./activemq/failover.ts")).activeMqFailover(),
};

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const json = process.argv.includes("--json");
const unknown = names.find((name) => !(name in benchmarks));
if (unknown !== undefined || names.length === 0) {
  console.error(`${unknown === undefined ? "Which benchmark?" : `There is no benchmark called ${unknown}.`} npm run bench -- <name> [--json], with a name from: ${Object.keys(benchmarks).join(", ")}`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    const report = await benchmarks[name]?.();
    if (report) print(report, json);
    if (report?.rows.some(({ met }) => met === false)) process.exitCode = 1;
  }
}
