import type { Stage } from "./stage.ts";

/** One sentence of the contract, and how it is tested. */
export interface Case {
  readonly sentence: string;
  readonly run: (stage: Stage) => Promise<void>;
  /** Only for transports that listen. */
  readonly listens?: true;
}
