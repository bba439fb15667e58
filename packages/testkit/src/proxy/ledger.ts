import type { Clock, Millis } from "@holdfast/core";
import type { Direction } from "./direction.ts";

/** Bytes of one direction, over all connections. */
export interface Traffic {
  /** Read from the sender. */
  received: number;
  /** Written to the receiver. */
  delivered: number;
  /** Lost in a black hole, or sent into silence. */
  swallowed: number;
}

/** What a proxy counted since it was opened. */
export interface ProxyCounters {
  /** Connections taken from clients, whatever became of them. */
  readonly accepted: number;
  /** Of these, how many got through to the target. */
  readonly reached: number;
  /** How many the target refused; the client saw a reset. */
  readonly unreachable: number;
  /** How many were turned away because there were too many (`maxConnections`). */
  readonly turnedAway: number;
  /** How many clients were reset by this proxy, for whatever reason. */
  readonly resets: number;
  readonly outward: Readonly<Traffic>;
  readonly inward: Readonly<Traffic>;
}

/** A fault that was injected, so that a demonstration can prove it. */
export interface FaultRecord {
  /** By the proxy's clock. */
  readonly at: Millis;
  /** The method that was called. */
  readonly fault: string;
  /** What it was called with, and what it met. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** So many faults are remembered, the latest ones. */
const longestHistory = 1_000;

/** What happened, in numbers and in a list. */
export class Ledger {
  readonly #clock: Clock;
  readonly faults: FaultRecord[] = [];
  accepted = 0;
  reached = 0;
  unreachable = 0;
  turnedAway = 0;
  resets = 0;
  readonly outward: Traffic = { received: 0, delivered: 0, swallowed: 0 };
  readonly inward: Traffic = { received: 0, delivered: 0, swallowed: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(fault: string, details: FaultRecord["details"] = {}): void {
    this.faults.push({ at: this.#clock.now(), fault, details });
    if (this.faults.length > longestHistory) this.faults.shift();
  }

  traffic(direction: Direction): Traffic {
    return direction === "outward" ? this.outward : this.inward;
  }

  counters(): ProxyCounters {
    const { accepted, reached, unreachable, turnedAway, resets, outward, inward } = this;
    return { accepted, reached, unreachable, turnedAway, resets, outward: { ...outward }, inward: { ...inward } };
  }
}
