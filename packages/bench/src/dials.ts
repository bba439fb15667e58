import { exponential, framed, Link, type Protocol, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { blockRepeatedly, sleep } from "./busy.ts";
import { Child } from "./child.ts";
import type { Accepted } from "./dials/dropper.ts";
import { LoopLateness } from "./lateness.ts";
import { monotonic } from "./monotonic.ts";
import type { Report, Row } from "./report.ts";

const rounds = 100;
const dialTimeout = 300;

/** When dials really happen: they end at their timeout where nobody speaks, and redials keep their schedule on a loop that is 90 % busy. */
export async function dials(): Promise<Report> {
  const dropper = new Child(new URL("./dials/dropper.ts", import.meta.url), []);
  const silent = new Child(new URL("./dials/silent.ts", import.meta.url), []);
  try {
    const { port } = await dropper.hear<{ readonly port: number }>();
    const { port: mute } = await silent.hear<{ readonly port: number }>();
    const rows: Row[] = [];
    for (const scheme of ["tcp", "tls", "ws", "wss"] as const) rows.push(await unanswered(scheme, mute));
    rows.push(await schedule(dropper, port, { busy: 0 }), await schedule(dropper, port, { busy: 45 }));
    return { name: "dials", about: `${rounds} dials each; first column: worst lateness in ms`, rows };
  } finally {
    await dropper.end();
    await silent.end();
  }
}

const transports: readonly Transport[] = [tcp(), websocket()];
const protocol = framed() as Protocol<string, string>; // Only strings are sent here, and none arrives.

/** From dial to the failure that ends it. */
async function unanswered(scheme: string, port: number): Promise<Row> {
  const loop = new LoopLateness();
  const took = await Promise.all(Array.from({ length: rounds }, async () => {
    const link = new Link<string, string>({ endpoints: `${scheme}://127.0.0.1:${port}`, transports, protocol, dialTimeout, maxAttempts: 1, logger: false });
    let dialledAt = 0;
    const { promise, resolve } = Promise.withResolvers<number>();
    link.on("connecting", () => { dialledAt = monotonic(); });
    link.on("failed", ({ error }) => { resolve(error.code === "HF_DIAL_TIMEOUT" ? monotonic() - dialledAt : Number.NaN); });
    const opening = link.open();
    const time = await promise;
    await opening.catch(() => { /* It gave up: that is the point. */ });
    return time;
  }));
  const lateness = loop.stop();
  const late = took.map((time) => time - dialTimeout);
  const within = late.filter((time) => time >= -10 && time <= 50 + lateness).length; // The link counts from a moment before it tells us.
  return { what: `${scheme}: accepted and left in silence`, ours: Math.max(...late), figure: within, unit: `of ${rounds}`, target: `loop late ${lateness.toFixed(0)} ms`, met: within === rounds };
}

/** The waits that `waiting` announces, beside the moments at which the server was really dialled. */
async function schedule(dropper: Child, port: number, { busy }: { readonly busy: number }): Promise<Row> {
  const stop = busy === 0 ? undefined : blockRepeatedly(busy, 50);
  const loop = new LoopLateness();
  const link = new Link<string, string>({ endpoints: `tcp://127.0.0.1:${port}`, transports, protocol, backoff: exponential({ initial: 20, max: 200 }), logger: false });
  const due: number[] = [];
  const dialled: number[] = [];
  link.on("waiting", ({ delay }) => { due.push(monotonic() + delay); });
  void link.open().catch(() => { /* It is aborted in the end. */ });
  while (dialled.length <= rounds) dialled.push((await dropper.hear<Accepted>()).at);
  link.abort();
  stop?.();
  const lateness = loop.stop();
  await sleep(100);
  // The first dial followed no wait.
  const late = dialled.slice(1).map((moment, at) => moment - (due[at] ?? Number.NaN));
  const kept = late.filter((time) => time >= -10 && time <= 50 + lateness).length;
  return { what: busy === 0 ? "redials on an idle loop" : `redials on a loop that is ${busy * 2} % busy`, ours: Math.max(...late), figure: kept, unit: `of ${rounds}`, target: `loop late ${lateness.toFixed(0)} ms`, met: kept === rounds };
}
