import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constant } from "@holdfast/core";
import { Session } from "@holdfast/session";
import { tcp } from "@holdfast/tcp";
import { redisIsInstalled } from "@holdfast/test-servers";
import { pause } from "../fault.ts";
import type { Narrator } from "../narrator.ts";
import { until } from "../watch.ts";
import { Ledger } from "./ledger.ts";
import { makePair } from "./pair.ts";
import { count, type Tally } from "./tally.ts";

const mostKills = 6;
/** Processes take long to start on a machine that has much to do: then there are fewer kills. */
const lasts = 9_000;

/** Where sessions live, unless it is said: in a Redis, if there is one to start. */
export const usualStore: Tally["store"] = redisIsInstalled() ? "redis" : "memory";

/** The last act: a session goes from server to server as they are killed, and what both sides wrote to disk is counted. */
export async function sessionsAct(say: Narrator, store: Tally["store"] = usualStore): Promise<Tally> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [sent, heard] = [new Ledger(join(folder, "sent")), new Ledger(join(folder, "heard"))];
  const pair = stack.use(await makePair(folder, store));
  say.act("sessions", store === "redis" ? "two servers that share a Redis are killed in turn (kill -9) while messages go both ways" : "two servers that share a store crash in turn while messages go both ways");

  const session = new Session({ endpoints: pair.uris, transports: [tcp()], backoff: constant(50), logger: false });
  session.on("attached", (event) => { say.tell("attached", event); });
  session.on("detached", (event) => { say.tell("detached", event); });
  session.receive((answer) => { heard.write(Number(answer)); });
  await session.open();
  const talk = setInterval(() => {
    const number = sent.last + 1;
    sent.write(number);
    session.send(String(number)); // Never mind whether a server is there.
  }, 10);
  const kills = await killInTurn(session, pair.uris, (uri) => pair.kill(uri));
  clearInterval(talk);
  await until(() => heard.last >= sent.last);
  await session.close();

  const { last } = sent;
  const handled = new Ledger(join(folder, "handled")).numbers;
  return { store, kills, messages: count(last, handled), answers: count(last, heard.numbers), repeated: new Ledger(join(folder, "repeated")).numbers.length };
}

/** Always the one that has the session. Gives how many. */
async function killInTurn(session: Session, uris: readonly string[], kill: (uri: string) => Promise<void>): Promise<number> {
  const end = performance.now() + lasts;
  for (let kills = 0; ; kills += 1) {
    await pause(300);
    if (kills === mostKills || performance.now() >= end) return kills;
    await until(() => session.phase === "attached");
    const { endpoint } = session.snapshot().link;
    await kill(uris.find((uri) => uri === endpoint) ?? "");
  }
}
