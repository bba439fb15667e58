import { exponential, type Millis } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { RedisServer } from "@holdfast/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../src/index.ts";
import { RemoteStation } from "./remote-station.ts";
import { patiently } from "./until.ts";

export interface PauseGiven { readonly sessions: number; readonly timeout: Millis; readonly store: "memory" | "redis" }
export interface PauseFound {
  readonly sessions: number;
  /** How many noticed that their server stood still. */
  readonly detached: number;
  /** How many took themselves for presumably expired meanwhile. */
  readonly doubted: number;
  /** Attached again, with nothing lost. */
  readonly resumed: number;
  /** Told `expired`, `lost`, `moved` or `closed`. */
  readonly ended: number;
  /** Messages that were accepted before, during and after the pause, and what was answered to them. */
  readonly said: number;
  /** Answers that are missing, and those that came twice or in another order. */
  readonly lost: number;
  readonly disordered: number;
  /** From the end of the pause until the last session had all its answers. */
  readonly recovery: Millis;
}

/** A server process stands still for two session timeouts while its clients, in this process, go on asking and talking. */
export async function pause({ sessions: count, timeout, store }: PauseGiven): Promise<PauseFound> {
  await using stack = new AsyncDisposableStack();
  const redis = store === "redis" ? stack.use(await RedisServer.start()) : undefined;
  const limits = { timeoutMin: timeout, opensPerSecond: 1e6, maxSessions: 1e6 };
  const station = stack.use(new RemoteStation({ listen: "tcp://127.0.0.1:0", limits, ...(redis && { redis: redis.url }) }));
  await station.start();
  const witnesses = Array.from({ length: count }, () => new Witness(station.uri, timeout));
  stack.defer(() => { for (const witness of witnesses) witness.leave(); });
  for (let at = 0; at < count; at += 50) await Promise.all(witnesses.slice(at, at + 50).map((witness) => witness.session.open()));
  const say = (times: number): void => { for (const witness of witnesses) for (let time = 0; time < times; time += 1) witness.say(); };
  say(2);
  await patiently(() => witnesses.every(({ complete }) => complete));
  say(1); // Under way when it stops.
  station.signal("SIGSTOP");
  for (let part = 0; part < 4; part += 1) {
    await sleep(timeout / 2);
    say(1);
  }
  station.signal("SIGCONT");
  const goesOnAt = performance.now();
  say(1);
  await patiently(() => witnesses.every(({ complete, ended }) => complete || ended));
  const recovery = performance.now() - goesOnAt;
  await sleep(timeout); // Whoever is ended by mistake is ended by now.
  return { sessions: count, recovery, ...summed(witnesses) };
}

function summed(witnesses: readonly Witness[]): Omit<PauseFound, "sessions" | "recovery"> {
  const many = (is: (witness: Witness) => boolean): number => witnesses.filter(is).length;
  const sum = (of: (witness: Witness) => number): number => witnesses.reduce((total, witness) => total + of(witness), 0);
  return {
    detached: many(({ detached }) => detached), doubted: many(({ doubted }) => doubted), resumed: many(({ session, broken }) => session.phase === "attached" && !broken), ended: many(({ ended }) => ended),
    said: sum(({ said }) => said), lost: sum(({ said, answered }) => said - answered), disordered: sum(({ disordered }) => disordered),
  };
}

/** One client, which counts what it says and what it is answered. */
class Witness {
  readonly session: Session;
  said = 0;
  answered = 0;
  disordered = 0;
  detached = false;
  doubted = false;
  /** It was attached again without its counters, or as somebody new. */
  broken = false;
  ended = false;

  constructor(uri: string, timeout: Millis) {
    const session = (this.session = new Session({ endpoints: [uri], transports: [tcp({})], timeout, logger: false, backoff: exponential({ initial: 50, max: timeout / 4 }) }));
    session.on("message", (message) => {
      if (message === `re ${this.answered}`) this.answered += 1;
      else this.disordered += 1;
    });
    session.on("detached", () => { this.detached = true; });
    session.on("presumedExpired", () => { this.doubted = true; });
    session.on("attached", ({ epoch, continuity }) => { this.broken ||= continuity !== (epoch === 1 ? "new" : "full"); });
    for (const event of ["expired", "lost", "moved", "closed"] as const) session.on(event, () => { this.ended = true; });
  }

  get complete(): boolean {
    return this.answered === this.said;
  }

  say(): void {
    this.session.send(String(this.said));
    this.said += 1;
  }

  /** The server is about to be killed: nobody is told goodbye. */
  leave(): void {
    void this.session.suspend().catch(() => { /* It is over already. */ });
  }
}
