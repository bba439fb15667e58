import { Broker } from "@holdfast/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonic } from "../monotonic.ts";
import { percentile, type Report, type Row } from "../report.ts";
import { compile, DriverProcess } from "./driver-process.ts";

/** Ours and Java's client as they come, and Java's with what makes it fastest. */
const kinds = ["holdfast", "java", "java, backup"] as const;
type Kind = (typeof kinds)[number];

interface Sample { readonly kind: Kind; readonly told: number; readonly receipt: number; readonly delivery: number }
interface Stand { readonly kind: Kind; readonly brokers: readonly [Broker, Broker]; readonly driver: DriverProcess; /** Not killed before. */ stableAt: number }

const kills = 30;
/** Ours dials at once after the loss of a connection that had lasted 10 s, and waits a little after that of a shorter one; Java's makes no difference. */
const stableAfter = 10_500;

/** A broker is killed while a second one lives: how long until a persistent send has its receipt there, and until a message is delivered. */
export async function activeMqFailover(): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  const classes = stack.use(compile());
  const stands: Stand[] = [];
  for (const kind of kinds) stands.push(await stand(kind, classes.folder, stack));
  const samples: Sample[] = [];
  for (let round = 0; round < kills; round += 1) {
    for (const one of stands) samples.push(await killed(one, round));
  }
  return {
    name: "activemq-failover",
    about: `two ActiveMQ brokers for each client, one killed and restarted in turn, ${kills} kills each; each had a few messages of somebody else before; Java's client speaks OpenWire, ours STOMP; times from the SIGKILL`,
    rows: [
      ...beside("receipt of a send", samples, "java", ({ receipt }) => receipt).map(withTarget),
      ...beside("message delivered", samples, "java", ({ delivery }) => delivery).map(withTarget),
      // A connection to the other broker that is open already.
      ...beside("receipt, beside backup=true", samples, "java, backup", ({ receipt }) => receipt),
      ...beside("message, beside backup=true", samples, "java, backup", ({ delivery }) => delivery),
      // How fast the system says that a process is dead is nobody's merit.
      ...beside("the loss told", samples, "java", ({ told }) => told),
    ],
  };
}

/** Only the first broker runs until the client is on it. */
async function stand(kind: Kind, classes: string, stack: AsyncDisposableStack): Promise<Stand> {
  const first = stack.use(await Broker.start({ name: "first" }));
  const second = stack.use(await Broker.create({ name: "second" }));
  const driver = stack.use(start(kind, classes, first, second));
  await driver.ready();
  await second.start();
  await second.serving();
  await driver.warm(place(kind, second));
  return { kind, brokers: [first, second], driver, stableAt: monotonic() + stableAfter };
}

/** A broker that has served nobody yet loads its classes for the first one, which takes longer than all the rest. */
function place(kind: Kind, broker: Broker): string {
  return kind === "holdfast" ? broker.stomp : broker.openWire;
}

function start(kind: Kind, classes: string, first: Broker, second: Broker): DriverProcess {
  if (kind === "holdfast") return DriverProcess.holdfast(`${first.stomp},${second.stomp}`, "bench");
  const options = kind === "java" ? "" : "?backup=true&initialReconnectDelay=0";
  return DriverProcess.java(classes, `failover:(${first.openWire},${second.openWire})${options}`, "bench");
}

/** The client is on the one that was not killed last. */
async function killed(stand: Stand, round: number): Promise<Sample> {
  const { kind, brokers, driver } = stand;
  await sleep(Math.max(0, stand.stableAt - monotonic()));
  const victim = brokers[round % 2 === 0 ? 0 : 1];
  const recovery = driver.recovery(60_000);
  const at = monotonic();
  await victim.kill();
  const { told, receipt, delivery } = await recovery;
  stand.stableAt = Math.max(receipt, delivery) + stableAfter;
  await victim.start();
  await victim.serving();
  await driver.warm(place(kind, victim));
  return { kind, told: told - at, receipt: receipt - at, delivery: delivery - at };
}

function beside(what: string, samples: readonly Sample[], rival: Kind, time: (sample: Sample) => number): readonly Row[] {
  const of = (kind: Kind, share: number): number => percentile(samples.filter((one) => one.kind === kind).map(time), share);
  return ([[0.5, "p50"], [0.95, "p95"]] as const).map(([share, name]) => {
    const [ours, theirs] = [of("holdfast", share), of(rival, share)];
    return { what: `${what}, ${name} (ms)`, ours, rival: theirs, figure: ours / theirs, unit: "×" };
  });
}

function withTarget(row: Row): Row {
  return { ...row, target: "< 1 ×", met: row.figure < 1 };
}
