import { seededRandom } from "@holdfast/testkit";
import { codes } from "../../src/frames/codes.ts";
import { memoryStore } from "../../src/keeper/index.ts";
import { forge, kinds, type Kind, type Loot } from "../keeper/forgery.ts";
import { attachFrame, credentialOf, openFrame, type Credential } from "../keeper/scripted-client.ts";
import { visit } from "./raw-visit.ts";
import { History, recorded } from "./recording-store.ts";
import { OwnStation } from "./station.ts";

export interface CredentialsFound {
  readonly attempts: number;
  readonly perKind: Readonly<Record<string, number>>;
  /** Attempts that were answered with anything but a refusal, or not at all. */
  readonly unrefused: number;
  /** Attaches that the store accepted meanwhile. */
  readonly accepted: number;
  /** Refusals that judged nothing: come again later. */
  readonly putOff: number;
  /** How often each code was the answer. */
  readonly answers: Readonly<Record<number, number>>;
  /** Victims that still attach with what is theirs, of all. */
  readonly alive: number;
  readonly victims: number;
}

interface Victim { readonly credential: Credential; readonly recorded: readonly Uint8Array[]; readonly late: Uint8Array; left: number }

/** So many attaches of one session are judged at once; then it has to wait. Those that were needed to have something to replay count too. */
const judgedAtOnce = 5;
const attacksOnOne = judgedAtOnce - 3;
const abreast = 32;
/** Nobody speaks for the victims meanwhile, and yet they must not expire. */
const patience = 600_000;

/** ATTACHes that are forged, replayed or late, each on a TCP connection of its own. */
export async function credentials(attempts: number, seed = 1): Promise<CredentialsFound> {
  await using stack = new AsyncDisposableStack();
  const [history, random] = [new History(), seededRandom(seed)];
  const limits = { opensPerSecond: Infinity, failuresPerMinute: Infinity, maxSessions: Infinity, timeoutMax: patience };
  const station = stack.use(new OwnStation("tcp://127.0.0.1:0", recorded(memoryStore(), history, "keeper"), { limits }));
  await station.start();
  const all = [...kinds, "late"] as const;
  const victims = await gathered(Math.ceil(((attempts / all.length) * 2.1) / attacksOnOne), station.uri);
  const own = credentialOf((await visit(station.uri, openFrame()))[0]);
  const before = history.deeds.length;
  const [perKind, answers]: [Record<string, number>, Record<number, number>] = [{}, {}];
  let [done, unrefused] = [0, 0];
  await inTurns(attempts, async (at) => {
    const kind = all[at % all.length] as Kind | "late"; // The remainder is a place in the list.
    const frame = attack(kind, victims, own, random);
    const [answer, ...more] = await visit(station.uri, frame);
    perKind[kind] = (perKind[kind] ?? 0) + 1;
    done += 1;
    if (answer?.type !== "refused" || more.length > 0) unrefused += 1;
    else answers[answer.code] = (answers[answer.code] ?? 0) + 1;
  });
  const accepted = history.deeds.slice(before).filter(({ what, ok }) => what === "attach" && ok === "attached").length;
  let alive = 0;
  await inTurns(victims.length, async (at) => { if (await comesBack(station.uri, victims[at] as Victim)) alive += 1; }); // As many as there are.
  return { attempts: done, perKind, unrefused, accepted, putOff: (answers[codes.rate] ?? 0) + (answers[codes.busy] ?? 0), answers, alive, victims: victims.length };
}

/** Sessions whose attaches somebody could record: two that were accepted, and one that was held back between them. */
async function gathered(count: number, uri: string): Promise<readonly Victim[]> {
  const victims: Victim[] = [];
  await inTurns(count, async () => {
    const credential = credentialOf((await visit(uri, openFrame({ timeout: patience })))[0]);
    const [first, late, last] = [1, 2, 3].map((attach) => attachFrame(credential, { attach })) as [Uint8Array, Uint8Array, Uint8Array]; // Three, as asked for.
    for (const frame of [first, last]) {
      const [answer] = await visit(uri, frame);
      if (answer?.type !== "attached") throw new Error(`a victim could not attach, but was told ${answer?.type}`);
    }
    victims.push({ credential, recorded: [first, last], late, left: attacksOnOne });
  });
  return victims;
}

function attack(kind: Kind | "late", victims: readonly Victim[], own: Credential, random: () => number): Uint8Array {
  // What has a right proof counts against its session: those attacks are spread, so that none of them is merely put off.
  const proven = kind === "late" || kind === "a replay";
  const victim = (proven ? victims.find(({ left }) => left > 0) : undefined) ?? (victims[Math.floor(random() * victims.length)] as Victim); // There is at least one.
  if (proven) victim.left -= 1;
  if (kind === "late") return victim.late;
  const loot: Loot = { random, victim: victim.credential, recorded: victim.recorded, own, claim: () => ({ attach: 4 + Math.floor(random() * 1_000), restarted: random() < 0.5 }) };
  return forge(kind, loot);
}

async function comesBack(uri: string, { credential }: Victim): Promise<boolean> {
  const frame = attachFrame(credential, { attach: 4 });
  for (let turn = 0; turn < 10; turn += 1) {
    const [answer] = await visit(uri, frame);
    if (answer?.type === "attached") return true;
    if (answer?.type !== "refused" || answer.code !== codes.busy) return false;
    await new Promise((resolve) => { setTimeout(resolve, answer.retryAfter); });
  }
  return false;
}

/** A few at a time. */
async function inTurns(count: number, task: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: abreast }, async () => {
    while (next < count) {
      next += 1;
      await task(next - 1);
    }
  }));
}
