import { HoldfastError, type ErrorDetails } from "@holdfast/core";

/**
 * A recipe did not come to what was hoped for. Codes: `ZK_LOST` (a lock or an office is not ours any more), `ZK_LOCK_TIMEOUT` (it was not ours
 * in time), `ZK_RESIGNED` (a campaign was ended by `resign()`), `ZK_COUNTER_EXHAUSTED` (a queue cannot tell any more who came first),
 * `ZK_ABANDONED` (nobody waits any more), `ZK_CLOSED` (used after `close()`).
 */
export class RecipeError extends HoldfastError {
  /** The node that the recipe works below. */
  readonly path: string;

  constructor(code: string, path: string, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.path = path;
  }

  override get name(): string {
    return "RecipeError";
  }
}
