import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ensemble } from "@holdfast/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Election, Membership } from "../../src/recipes/index.ts";
import { Client, queued, text } from "../session/stage.ts";
import { curatorIsInstalled, kazooIsInstalled, Program } from "./program.ts";

let ensemble: Ensemble;
let folder: string;
beforeAll(async () => {
  ensemble = await Ensemble.start({ size: 3 });
  folder = await mkdtemp(join(tmpdir(), "holdfast-recipes-"));
}, 60_000);
afterAll(async () => {
  await ensemble.stop();
  await rm(folder, { recursive: true, force: true });
});

const holdfast = (...args: readonly string[]): Program => Program.holdfast(...args);
const curator = (...args: readonly string[]): Program => Program.curator(...args);
const kazoo = (...args: readonly string[]): Program => Program.kazoo(...args);
type Contender = readonly [name: string, start: (...args: readonly string[]) => Program, recipe: string];
interface Stay { readonly name: string; readonly token: bigint }

/** Each as often as the others. Gives who held it, in order, having checked that it was one at a time. */
async function contend(lock: string, rounds: number, contenders: readonly Contender[]): Promise<readonly Stay[]> {
  const history = join(folder, lock.replaceAll("/", "-"));
  await using stack = new AsyncDisposableStack();
  const programs = contenders.map(([name, start, recipe]) => stack.use(start(recipe, ensemble.connectString, lock, name, history, String(rounds))));
  await Promise.all(programs.map((program) => program.line("ready")));
  for (const program of programs) program.tell("go");
  await Promise.all(programs.map((program) => program.line("done")));
  const lines = (await readFile(history, "utf8")).trimEnd().split("\n");
  const stays: Stay[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const [, name = "", token = ""] = /^enter (\S+) (\d+)$/.exec(lines[at] ?? "") ?? [];
    expect(lines[at + 1]).toBe(`leave ${name} ${token}`); // Before anybody else came.
    stays.push({ name, token: BigInt(token) });
  }
  return stays;
}

function check(stays: readonly Stay[], rounds: number, contenders: readonly Contender[]): void {
  for (const [name] of contenders) expect(stays.filter((stay) => stay.name === name)).toHaveLength(rounds);
  for (const [at, { token }] of stays.entries()) expect(token).toBeGreaterThan(stays[at - 1]?.token ?? 0n);
  // First come first served, as the tokens rise with the places in the queue: it goes round, instead of being kept by whoever had it. Who is slow to queue again
  // lets the others have it more than once, but not for good.
  expect(stays.filter(({ name }, at) => name !== stays[at - 1]?.name).length).toBeGreaterThan(2 * contenders.length);
}

describe.skipIf(!curatorIsInstalled || !kazooIsInstalled)("one lock of ours, Curator's and kazoo's", { timeout: 240_000 }, () => {
  const four: readonly Contender[] = [["holdfast-1", holdfast, "lock"], ["holdfast-2", holdfast, "lock"], ["curator", curator, "lock"], ["kazoo", kazoo, "lock"]];

  it("has one holder at a time, with rising tokens, and everybody gets a turn: 100 rounds", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const stays = await contend("/interop/lock", 25, four);
    expect(stays).toHaveLength(100);
    check(stays, 25, four);
    expect(await queued(client, "/interop/lock")).toEqual([]); // Nobody has left anything behind.
  });
});

describe.skipIf(!kazooIsInstalled)("one lock of ours and of an unchanged kazoo, under kazoo's own names", { timeout: 240_000 }, () => {
  const two: readonly Contender[] = [["holdfast", holdfast, "lock"], ["kazoo", kazoo, "own-names"]];

  it("has one holder at a time, where kazoo is told to mind ours", async () => {
    const stays = await contend("/interop/kazoo", 20, two);
    expect(stays).toHaveLength(2 * 20);
    check(stays, 20, two);
  });
});

describe.skipIf(!curatorIsInstalled)("beside Curator", { timeout: 240_000 }, () => {
  it("an election goes from Curator's LeaderLatch to us and back, and each reads the names of the others", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    await using curator = Program.curator("election", ensemble.connectString, "/interop/election", "curator");
    expect(await curator.line("elected")).toBe("elected curator*");
    await using election = new Election(client.zk, "/interop/election", { data: "holdfast" });
    const won = election.campaign();
    await expect.poll(async () => (await election.candidates()).map(({ data }) => text(data))).toEqual(["curator", "holdfast"]);
    expect(election.leadership).toBeUndefined();
    curator.tell("resign");
    expect((await won).held).toBe(true);
    await curator.line("resigned");
    await using second = Program.curator("election", ensemble.connectString, "/interop/election", "curator-2");
    await second.line("standing");
    await expect.poll(async () => (await election.candidates()).length).toBe(2);
    await election.resign();
    expect(await second.line("elected")).toBe("elected curator-2*");
  });

  it("a group has Curator's GroupMember and us in it", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    await using curator = Program.curator("member", ensemble.connectString, "/interop/group", "curator");
    await using group = new Membership(client.zk, "/interop/group", { id: "holdfast", payload: "of_holdfast" });
    await group.open();
    await curator.line("ready");
    const names = (): Record<string, string> => Object.fromEntries([...group.members].map(([id, payload]) => [id, text(payload)]));
    await expect.poll(names).toEqual({ curator: "of curator", holdfast: "of_holdfast" });
    await expect.poll(() => { curator.tell("?"); return curator.lines.at(-1); }).toBe("members curator=of_curator holdfast=of_holdfast");
    curator.tell("leave");
    await curator.line("left");
    await expect.poll(names).toEqual({ holdfast: "of_holdfast" });
  });
});
