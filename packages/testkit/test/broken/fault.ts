import type { Transport } from "@holdfast/core";
import { memory } from "../../src/index.ts";

export const maxFrameBytes = 70_000;
/** A transport that keeps the contract. */
export const sound = (): Transport => memory({ traits: { maxFrameBytes } });

/** What is wrong with a transport, which sentence it breaks, and what the suite says. */
export interface Fault {
  readonly fault: string;
  readonly breaks: string;
  readonly saying: RegExp;
  readonly transport: () => Transport;
}
