// A keeper that pours messages upon clients until nothing more is taken, and says what it weighs. Ends when whoever forked it does.
import { BackpressureError } from "@holdfast/core";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { memoryStore, type KeptSession } from "../../src/keeper/index.ts";
import { OwnStation } from "./station.ts";

export interface HoarderOrder { readonly messageBytes: number; readonly maxBytes: number }
export type HoarderAsked = "weigh" | "pour";
/** Weight: heap and what hangs on it, right after a collection. Taken, refused: messages in the last pouring. */
export interface HoarderTold { readonly uri: string; readonly sessions: number; readonly weight: number; readonly taken: number; readonly refused: number }

const { messageBytes, maxBytes } = JSON.parse(process.argv[2] ?? "") as HoarderOrder; // As `hoarders` writes it.
const sessions = new Set<KeptSession>();
const limits = { maxBytes, maxSessions: 1e6, opensPerSecond: 1e6, timeoutMax: 600_000 };
const station = new OwnStation("tcp://127.0.0.1:0", memoryStore(), { limits, handle: () => undefined });
await station.start();
station.keeper.on("session", ({ session }) => { sessions.add(session); });

/** A text of its own for each: one that all share would weigh nothing. */
const message = (): string => randomBytes(messageBytes / 2).toString("hex");

/** To every session until it is full, and a little more. */
async function pour(): Promise<{ readonly taken: number; readonly refused: number }> {
  let [taken, refused] = [0, 0];
  for (const session of sessions) {
    for (let more = 2; more > 0;) {
      try {
        session.send(message());
        taken += 1;
      } catch (error) {
        if (!(error instanceof BackpressureError)) throw error;
        refused += 1;
        more -= 1;
      }
    }
    if (taken % 256 < 16) await sleep(0); // As it goes in a server: what was said goes out, and is committed.
  }
  await sleep(500);
  return { taken, refused };
}

async function weigh(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    await sleep(50);
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function answer(asked: HoarderAsked): Promise<void> {
  const poured = asked === "pour" ? await pour() : { taken: 0, refused: 0 };
  tell({ uri: station.uri, sessions: station.keeper.sessions.size, weight: await weigh(), ...poured });
}

function tell(told: HoarderTold): void {
  process.send?.(told);
}

process.on("disconnect", () => { process.exit(); });
process.on("message", (asked: HoarderAsked) => { void answer(asked); });
tell({ uri: station.uri, sessions: 0, weight: await weigh(), taken: 0, refused: 0 });
