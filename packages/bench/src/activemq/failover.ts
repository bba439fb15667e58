import { Broker } from "@holdfast/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonic } from "../monotonic.ts";
import { percentile, type Report, type Row } from "../report.ts";
import { compile, DriverProcess } from "./driver-process.ts";

/** Java's client as it comes, and with what makes it fastest; ours as it comes. */
const kinds = ["holdfast", "java", "java with backup=true and no delay"] as const;
type Kind = (typeof kinds)[number];

interface Sample { readonly kind: Kind; readonly told: number; readonly receipt: number; readonly delivery: number }
interface Stand { readonly kind: Kind; readonly brokers: readonly [Broker, Broker]; readonly driver: DriverProcess; /** Not killed before. */ stableAt: number }

const kills = 20;
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
      ...beside("first receipt of a persistent send", samples, ({ receipt }) => receipt),
      ...beside("first message delivered", samples, ({ delivery }) => delivery),
      ...beside("the loss told", samples, ({ told }) => told).map(withoutTarget),
      ...kinds.slice(1).map((kind) => ofRival(kind, samples)),
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

function beside(what: string, samples: readonly Sample[], time: (sample: Sample) => number): readonly Row[] {
  const of = (kind: Kind, share: number): number => percentile(samples.filter((one) => one.kind === kind).map(time), share);
  return ([[0.5, "p50"], [0.95, "p95"]] as const).map(([share, name]) => {
    const ours = of("holdfast", share);
    const rival = Math.min(of(kinds[1], share), of(kinds[2], share));
    return { what: `${what}, ${name} (ms), beside the faster Java`, ours, rival, figure: ours / rival, unit: "×", target: "< 1 ×", met: ours < rival };
  });
}

/** How fast the system says that a process is dead is nobody's merit. */
function withoutTarget({ what, ours, rival, figure, unit }: Row): Row {
  return { what, ours, figure, unit, ...(rival !== undefined && { rival }) };
}

function ofRival(kind: Kind, samples: readonly Sample[]): Row {
  const of = (time: (sample: Sample) => number, share: number): number => percentile(samples.filter((one) => one.kind === kind).map(time), share);
  const span = (time: (sample: Sample) => number): string => `${of(time, 0.5).toFixed(0)}, ${of(time, 0.95).toFixed(0)}`;
  return { what: `${kind}: receipt, message p50`, ours: of(({ receipt }) => receipt, 0.5), rival: of(({ delivery }) => delivery, 0.5), figure: of(({ receipt }) => receipt, 0.95), unit: "ms p95", target: `${span(({ receipt }) => receipt)}; ${span(({ delivery }) => delivery)}` };
}
