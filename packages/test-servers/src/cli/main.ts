// `npm run ensemble -- --size 3`: a ZooKeeper ensemble for people, with words on stdin that break it.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Ensemble } from "../zookeeper/ensemble.ts";
import { zooKeeperIsInstalled } from "../zookeeper/jar.ts";
import { obey, status } from "./words.ts";

const help = `npm run ensemble [-- options]

Starts real ZooKeeper servers on 127.0.0.1, prints their connect string, and obeys these words on stdin until Ctrl-C:

  status       a line for each server
  kill N       server N ends at once (SIGKILL); it keeps its data and its port
  start N      it comes back
  freeze N     it stands still with its connections open (SIGSTOP)
  thaw N       it goes on

  --size N        voting servers (default 3)
  --observers N   servers without a vote (default 0)
  --tick MS       tickTime (default 500)
  --help          this text

The servers and their data are gone when this ends.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { size: { type: "string", default: "3" }, observers: { type: "string", default: "0" }, tick: { type: "string", default: "500" }, help: { type: "boolean" } } });
  if (values.help) {
    console.log(help);
    return;
  }
  if (!zooKeeperIsInstalled()) throw new Error("ZooKeeper or Java is not installed: run `node scripts/provide.ts`, or let ZOOKEEPER_JAR name the jar and JAVA_PATH the program");
  await using ensemble = await Ensemble.start({ size: whole("size", values.size, 1), observers: whole("observers", values.observers, 0), tickTime: whole("tick", values.tick, 100) });
  console.log(`connect string: ${ensemble.connectString}`);
  console.log(await status(ensemble));
  await listen(ensemble);
}

/** Resolves at Ctrl-C. The end of stdin changes nothing: it may be empty from the start. */
async function listen(ensemble: Ensemble): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const lines = createInterface({ input: process.stdin });
  // For good: npm passes on what the terminal has sent already, and the second one must not end us before the servers are gone.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => { resolve(); });
  // One word after the other, also where they come in one piece.
  let before = Promise.resolve();
  lines.on("line", (words) => {
    before = before.then(async () => { console.log(await obey(ensemble, words)); });
  });
  await promise;
  lines.close();
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 100_000) throw new Error(`--${name} must be a whole number of at least ${least}, got ${text}`);
  return value;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
