import type { SessionStore } from "@holdfast/session";
import { claim } from "../../conformance/claim.ts";
import { seededRandom, type SeededRandom } from "../../random/seeded-random.ts";
import type { StoreCase } from "../case.ts";
import { fits, show } from "../expect.ts";
import type { StoreStage, Subject } from "../stage.ts";
import { linearizable, type Call } from "./linearizable.ts";
import { maxBytes, type Operation } from "./model.ts";

const callers = 4;
const callsEach = 3;
const sessionsPerSeed = 5;

/** Random calls by four callers at once, who know little of each other. */
export function histories(seeds: number): readonly StoreCase[] {
  return [{
    sentence: "calls at the same time, through two handles, look as if they came one after the other",
    run: async (stage) => {
      for (let seed = 0; seed < seeds; seed += 1) {
        const random = seededRandom(seed);
        for (let session = 0; session < sessionsPerSeed; session += 1) {
          const history = await record(stage, random.fork());
          claim(linearizable(history, fits), `no order of these calls explains their answers (seed ${seed}, session ${session}):\n${history.map(line).join("\n")}`);
        }
      }
    },
  }];
}

/** What callers have heard from the store, all of them together. */
interface Knowledge { epochs: number[]; sent: number }

async function record(stage: StoreStage, random: SeededRandom): Promise<readonly Call[]> {
  const subject = await stage.create({ maxBytes });
  const history: Call[] = [];
  const known: Knowledge = { epochs: [1], sent: 0 };
  let moment = 0;
  const caller = async (own: SeededRandom, name: number): Promise<void> => {
    for (let at = 0; at < callsEach; at += 1) {
      const operation = choose(own, known, `${name}${at}`);
      const invoked = (moment += 1);
      const answer: unknown = await perform(own() < 0.5 ? stage.store : stage.other, subject, operation);
      history.push({ operation, invoked, returned: (moment += 1), answer });
      learn(known, answer);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, name) => caller(random.fork(), name)));
  return history.sort((one, other) => one.invoked - other.invoked);
}

function choose(random: SeededRandom, { epochs, sent }: Knowledge, name: string): Operation {
  const below = (count: number): number => Math.floor(random() * count);
  const epoch = random() < 0.7 ? epochs.at(-1) ?? 1 : epochs[below(epochs.length)] ?? 1;
  const messages = Array.from({ length: 1 + below(2) }, (_, at) => String.fromCharCode(0x30 + ((Number(name) * 2 + at) % 64)));
  const dice = random();
  if (dice < 0.3) return { name: "attach", claim: { attach: 1 + below(8), received: below(sent + 2), sent: below(6), acked: below(3), restarted: random() < 0.5 } };
  if (dice < 0.65) return { name: "commit", epoch, change: { received: below(5), acked: below(sent + 1), ...(random() < 0.6 ? { append: messages } : {}) } };
  if (dice < 0.78) return { name: "append", messages };
  if (dice < 0.88) return { name: "touch", epoch };
  if (dice < 0.97) return { name: "read" };
  return { name: "close", epoch };
}

async function perform(store: SessionStore, subject: Subject, operation: Operation): Promise<unknown> {
  const { id, generation } = subject;
  switch (operation.name) {
    case "attach": return store.attach(id, { ...operation.claim, generation });
    case "commit": return store.commit(id, operation.epoch, operation.change);
    case "append": return store.append(id, operation.messages);
    case "touch": return store.touch(id, operation.epoch);
    case "close": return store.close(id, operation.epoch);
    case "read": return store.read(id, 1, 100);
  }
}

function learn(known: Knowledge, answer: unknown): void {
  const { ok, epoch, sent } = answer as { ok?: string; epoch?: number; sent?: number }; // Looked at, not trusted.
  if (ok === "attached" && epoch !== undefined) known.epochs.push(epoch);
  if (ok === "committed" || ok === "attached") known.sent = Math.max(known.sent, sent ?? 0);
}

function line({ operation, invoked, returned, answer }: Call): string {
  return `  ${String(invoked).padStart(2)}…${String(returned).padStart(2)}  ${show(operation)} → ${show(answer)}`;
}
