import type { Application } from "./application.ts";
import type { Naive } from "./naive.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage } from "./stage.ts";

/** Everything a fault may touch. */
export interface Scene { readonly stage: Stage; readonly app: Application; readonly naive: Naive; readonly say: Narrator }

/** What became of a fault. Times in ms, counted from the moment it was done. */
export interface Outcome {
  readonly fault: string;
  /** It really happened: proxies, servers or clocks bear witness. */
  readonly injected: boolean;
  /** When the application's link first said something about it; null: never. */
  readonly noticedMs: number | null;
  readonly boundMs: number;
  /** When messages flowed again; null: never. */
  readonly recoveredMs: number | null;
  readonly endpoint: string | null;
  /** What the naive client made of it, in words. */
  readonly naive: string;
  readonly survived: boolean;
}

export interface Fault {
  readonly name: string;
  /** What is about to happen, for somebody who has never heard of it. */
  readonly announcement: string;
  run(scene: Scene): Promise<Outcome>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Longest time any fault is watched. */
export const patience = 8_000;

/** Timers and echoes of a busy machine come a little late; this much is not held against anybody. */
export const slack = 250;
