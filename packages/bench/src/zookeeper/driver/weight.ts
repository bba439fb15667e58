import { setTimeout as sleep } from "node:timers/promises";
import type { MakeSession, Session } from "./session.ts";

export interface WeighOrder { readonly servers: string; readonly timeout: number; readonly sessions: number; readonly milliseconds: number }
export interface Weight {
  /** Of the process, in bytes: with one session, and with all. */
  readonly alone: number;
  readonly rss: number;
  /** What all but the first added to the heap; 0 where nobody can say. */
  readonly heap: number;
  /** Of one core, in percent. */
  readonly cpu: number;
  readonly lost: number;
}

/** Holds sessions that do nothing. */
export async function weigh(make: MakeSession, { servers, timeout, sessions, milliseconds }: WeighOrder): Promise<Weight> {
  let lost = 0;
  const hearer = { lost: (): void => { lost += 1; }, attached: (): void => { /* As hoped. */ }, over: (): void => { lost += 1; } };
  const open = async (): Promise<Session> => {
    const session = make({ servers, timeout, hearer });
    await session.open();
    return session;
  };
  const kept = [await open()];
  const before = await settle();
  while (kept.length < sessions) kept.push(...await Promise.all(Array.from({ length: Math.min(20, sessions - kept.length) }, open)));
  await settle(); // What the opening has left behind is not the sessions' doing.
  const start = { at: performance.now(), cpu: process.cpuUsage() };
  await sleep(milliseconds);
  const { user, system } = process.cpuUsage(start.cpu);
  const cpu = (user + system) / 10 / (performance.now() - start.at);
  const after = await settle();
  const weight = { alone: before.rss, rss: after.rss, heap: after.heapUsed - before.heapUsed, cpu, lost };
  // What is lost from here on is lost by us.
  for (const session of kept) session.close();
  return weight;
}

async function settle(): Promise<NodeJS.MemoryUsage> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await sleep(100);
  }
  return process.memoryUsage();
}
