import type { Alarm, Clock, Millis } from "@holdfast/core";
import { systemClock } from "@holdfast/core";
import { Keeper, memoryStore, type SessionStore } from "@holdfast/session/keeper";
import { median, type Report, type Row } from "../report.ts";

const count = 100_000;
const timeout: Millis = 4_000;
/** How often a keeper looks; and what one look may cost everybody else. */
const every: Millis = 1_000;
const goal: Millis = 20;
const rounds = 3;

interface Found { readonly alarms: number; readonly turns: number; readonly longest: Millis; readonly late: Millis }

/** What the end of 100 000 sessions costs the loop of a server: alarms, and the time of the longest turn. */
export async function sessionExpiry(): Promise<Report> {
  const rows: Row[] = [];
  for (const [how, spread] of [["at one moment", 0], ["within ten seconds", 10_000]] as const) {
    const found: Found[] = [];
    for (let round = 0; round < rounds; round += 1) found.push(await expire(spread));
    const looks = Math.ceil((timeout + spread) / every) + 2;
    const alarms = Math.max(...found.map((one) => one.alarms));
    const longest = median(found.map((one) => one.longest));
    rows.push(
      { what: `${how}: alarms`, ours: alarms, rival: count, figure: alarms, unit: "", target: `≤ ${looks}`, met: alarms <= looks },
      { what: `${how}: longest turn (ms of CPU)`, ours: longest, figure: longest, unit: "ms", target: `≤ ${goal} ms`, met: longest <= goal },
      { what: `${how}: turns`, ours: median(found.map((one) => one.turns)), figure: median(found.map((one) => one.turns)), unit: "" },
      { what: `${how}: last one found after its deadline (ms)`, ours: median(found.map((one) => one.late)), figure: median(found.map((one) => one.late)), unit: "ms" },
    );
  }
  return { name: "session-expiry", about: `${count} detached sessions of ${timeout} ms on memoryStore() expire, beside an alarm for each; ${rounds} rounds, median`, rows };
}

async function expire(spread: Millis): Promise<Found> {
  const clock = new CountingClock();
  const store = memoryStore({ clock, maxSessions: 2 * count });
  fill(store, spread);
  const last = clock.now() + timeout + spread;
  const done = Promise.withResolvers<Millis>();
  clock.begin();
  const keeper = new Keeper({ store, clock, limits: { expireEvery: every }, handle: () => { /* Nobody speaks. */ } });
  let left = count;
  keeper.on("expired", () => { if (--left === 0) done.resolve(clock.now() - last); });
  const late = await done.promise;
  await keeper.close();
  return { alarms: clock.alarms, turns: clock.turns, longest: clock.longest, late };
}

function fill(store: SessionStore, spread: Millis): void {
  for (let at = 0; at < count; at += 1) {
    void store.create(at.toString(16).padStart(32, "0"), { timeout: timeout + (at / count) * spread, principal: "", maxBytes: 1_024, secret: new Uint8Array(32) });
  }
}

/** The system's clock, which counts the alarms that ring, and the CPU time of what they lead to, microtasks included: others may use the machine. */
class CountingClock implements Clock {
  alarms = 0;
  turns = 0;
  longest: Millis = 0;

  now(): Millis {
    return systemClock.now();
  }

  begin(): void {
    this.alarms = this.turns = this.longest = 0;
  }

  alarm(at: Millis, wake: () => void): Alarm {
    return systemClock.alarm(at, () => {
      this.alarms += 1;
      this.#timed(wake);
    });
  }

  turn(wake: () => void): void {
    systemClock.turn(() => { this.#timed(wake); });
  }

  #timed(wake: () => void): void {
    const began = process.threadCpuUsage();
    this.turns += 1;
    wake();
    // Behind all the microtasks that it has led to so far.
    queueMicrotask(() => {
      const { user, system } = process.threadCpuUsage(began);
      this.longest = Math.max(this.longest, (user + system) / 1_000);
    });
  }
}
