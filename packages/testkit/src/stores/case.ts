import type { StoreStage } from "./stage.ts";

/** One sentence of a store's contract, and how it is tested. */
export interface StoreCase {
  readonly sentence: string;
  readonly run: (stage: StoreStage) => Promise<void>;
}
