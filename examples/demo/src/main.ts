// `npm start`: eight faults, done for real to real sockets, and what becomes of an application that does nothing about them; then sessions,
// whose servers are killed.
import { parseArgs } from "node:util";
import { Application } from "./application.ts";
import type { Fault, Outcome } from "./fault.ts";
import { blackHoleIn, blackHoleOut } from "./faults/black-hole.ts";
import { busyPeer } from "./faults/busy-peer.ts";
import { downAtStart } from "./faults/down-at-start.ts";
import { drain } from "./faults/drain.ts";
import { flap } from "./faults/flap.ts";
import { ownStall } from "./faults/own-stall.ts";
import { rst } from "./faults/rst.ts";
import { Naive } from "./naive.ts";
import { JsonNarrator, TextNarrator, type Narrator, type Summary } from "./narrator.ts";
import { sessionsAct } from "./sessions/act.ts";
import { whole } from "./sessions/tally.ts";
import { names, Stage } from "./stage.ts";

const faults: readonly Fault[] = [downAtStart, rst, blackHoleOut, blackHoleIn, flap, busyPeer, ownStall, drain];

const help = `npm start [-- options]      npm --silent start -- --json

Three servers (TCP, TLS, WebSocket) start behind proxies that can break the network. One application keeps exchanging numbered
messages with them over one failover list, while eight faults are done to it. A naive client (a WebSocket and a timer) gets
the same faults; how it fared stands in the last column of the table. In the last act two servers that share their sessions are killed
in turn while numbered messages go both ways, and what each side wrote to disk is counted.

  --json   one JSON object for each event, and the summary as the last line
  --keep   stay up after the table until Ctrl-C
  --help   this text

Ends within 60 s. Exit code 0: every fault was really done, and survived within its bound, and no message of the sessions was lost or doubled.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, keep: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const say: Narrator = values.json ? new JsonNarrator() : new TextNarrator();
  say.note("starting three servers, each behind a proxy that can break the network");
  const stage = await Stage.build();
  const app = new Application(names.map((name) => (name === "tls" ? { uri: stage.uri(name), ca: stage.ca } : stage.uri(name))));
  const naive = new Naive(stage.uri("naive"));
  say.follow(app.link);
  const outcomes: Outcome[] = [];
  for (const [at, fault] of faults.entries()) {
    say.announce(fault, at + 1, faults.length);
    const outcome = await fault.run({ stage, app, naive, say });
    outcomes.push(outcome);
    say.outcome(outcome);
  }
  const sessions = await sessionsAct(say);
  if (values.keep) await keep(say);
  await app.finish();
  naive.end();
  const summary: Summary = { faults: outcomes, sent: app.sent, delivered: await stage.delivered(), unknown: app.unknown, sessions };
  await stage.close();
  const ok = outcomes.every(({ survived, injected }) => survived && injected) && honest(summary) && whole(sessions);
  say.end(summary, ok);
  return ok ? 0 : 1;
}

/** The link may be unsure of more than was lost, never of less. */
function honest({ sent, delivered, unknown }: Summary): boolean {
  return sent - delivered >= 0 && sent - delivered <= unknown;
}

async function keep(say: Narrator): Promise<void> {
  say.note("staying up until Ctrl-C");
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => { resolve(); }); // Wrappers such as npm may pass on more than one.
  await promise;
}

process.stdout.on("error", () => { process.exit(0); }); // Whoever read this has seen enough (`npm start | head`).
try {
  process.exitCode = await main();
} catch (error) {
  const usage = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  console.error(`${error instanceof Error ? error.message : String(error)}${usage ? ": see npm start -- --help" : ""}`);
  process.exitCode = usage ? 2 : 1;
}
