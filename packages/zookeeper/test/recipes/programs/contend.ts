// Contends for a lock, or for leadership, as we do it: a process that can be killed and frozen. What it says and is told are lines.
import { appendFileSync, closeSync, openSync, unlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { ZooKeeper } from "../../../src/index.ts";
import { Election, Lock } from "../../../src/recipes/index.ts";

const [recipe = "", servers = "", path = "", name = "", history = "", rounds = "0"] = process.argv.slice(2);
const words = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const word = async (): Promise<string> => ((await words.next()).value as string | undefined) ?? "end"; // Lines are text.
const say = (line: string): void => { process.stdout.write(`${line}\n`); };
const sessionTimeout = recipe === "lock" ? 20_000 : 3_000;

const zk = new ZooKeeper({ servers, sessionTimeout, onExpiry: "renew" });
zk.on("disconnected", () => { say("disconnected"); });
await zk.open();
say("ready");
if (recipe === "lock") await contend();
else if (recipe === "hold") await hold();
else await lead();
await zk.close();
process.exit(0);

async function contend(): Promise<void> {
  const lock = new Lock(zk, path, { data: name });
  await word();
  for (let round = 0; round < Number(rounds); round += 1) {
    await using held = await lock.acquire();
    const guard = openSync(`${history}.held`, "wx"); // Throws where somebody else holds it.
    appendFileSync(history, `enter ${name} ${held.token}\n`);
    await sleep(5);
    if (!held.held) throw held.lost.reason;
    appendFileSync(history, `leave ${name} ${held.token}\n`);
    closeSync(guard);
    unlinkSync(`${history}.held`);
  }
  say("done");
}

/** Says what it believes as often as it can: a frozen process runs this first when it is thawed. */
async function hold(): Promise<void> {
  const held = await new Lock(zk, path, { data: name }).acquire();
  held.lost.addEventListener("abort", () => { say(`lost ${(held.lost.reason as Error).message}`); });
  say(`held ${held.token}`);
  const saying = setInterval(() => { say(`claim ${held.held} ${process.hrtime.bigint()}`); }, 10);
  while (await word() !== "end");
  clearInterval(saying);
}

async function lead(): Promise<void> {
  const election = new Election(zk, path, { data: name });
  election.on("elected", ({ leadership }) => { say(`elected ${leadership.token}`); });
  election.on("deposed", ({ error }) => { say(`deposed ${error.message}`); });
  void election.campaign().catch((error: unknown) => { say(`over ${String(error)}`); });
  while (await word() !== "end");
  await election.resign();
  say("resigned");
}
