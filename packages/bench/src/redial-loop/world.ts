import { exponential, type Clock, type Millis } from "@holdfast/core";
import { seededRandom } from "@holdfast/testkit";
import type { LinkPolicy } from "../../../core/src/policy/link-policy.ts"; // No part of the public API.

/** Moments at which a loop dialled. */
export type Trace = readonly Millis[];

/** What becomes of one dial. Not accepted after `Infinity`: a server that never answers. */
export interface Fate { readonly accepted: boolean; readonly after: Millis; readonly lasts: Millis }

export interface World {
  readonly fates: readonly Fate[];
  /** One for each wait. */
  readonly dice: readonly number[];
}

/** What all loops follow: a link's defaults, with one endpoint. */
export const policy: LinkPolicy = {
  backoff: exponential(), endpoints: ["a"], dialTimeout: 5_000, stagger: Infinity, stableAfter: 10_000,
  maxAttempts: Infinity, maxInitialAttempts: Infinity, maxRounds: Infinity, maxInitialRounds: Infinity, giveUpAfter: Infinity, failoverSpread: 0, drainTimeout: 5_000, maxChannels: 4, handover: "settled", reserve: "greeted", spares: 0, suspicion: undefined, priority: undefined,
};

/** Half of the dials are refused, a tenth is never answered, the rest lives for up to 30 s. */
export function worldOf(seed: number, dials: number): World {
  const random = seededRandom(seed);
  const fates = Array.from({ length: dials }, (): Fate => {
    const kind = random();
    const after = 1 + random() * 100;
    return kind < 0.5 ? { accepted: false, after, lasts: 0 } : kind < 0.6 ? { accepted: false, after: Infinity, lasts: 0 } : { accepted: true, after, lasts: random() * 30_000 };
  });
  return { fates, dice: fates.map(() => random()) };
}

/** A server that accepts after 1 ms and drops 10 ms later, for ever. */
export function dropping(seed: number, dials: number): World {
  const random = seededRandom(seed);
  const fates = Array.from({ length: dials }, (): Fate => ({ accepted: true, after: 1, lasts: 10 }));
  return { fates, dice: fates.map(() => random()) };
}

/** The world as a loop sees it: a dial that resolves or rejects, and a channel that ends. */
export class Server {
  readonly trace: Millis[] = [];
  readonly #world: World;
  readonly #clock: Clock;
  #waits = 0;

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
  }

  readonly random = (): number => this.#world.dice[this.#waits++] ?? 0;

  dial(signal: AbortSignal): Promise<{ readonly closed: Promise<void> }> {
    const fate = this.#world.fates[this.trace.length];
    // The end of the world: nothing is due any more, and the simulation stops.
    if (fate === undefined) return new Promise(() => {});
    const clock = this.#clock;
    this.trace.push(clock.now());
    return new Promise((resolve, reject) => {
      const answer = clock.alarm(clock.now() + fate.after, () => {
        if (!fate.accepted) reject(new Error("refused"));
        else resolve({ closed: new Promise((ended) => { clock.alarm(clock.now() + fate.lasts, ended); }) });
      });
      signal.addEventListener("abort", () => { answer.cancel(); reject(signal.reason as Error); }, { once: true });
    });
  }
}
