import { HoldfastError, type ErrorDetails } from "./holdfast-error.ts";

/** An operation did not finish in its time (`HF_TIMEOUT`). Whether it happened is unknown. */
export class TimeoutError extends HoldfastError {
  readonly outcome = "unknown";

  constructor(message: string, details?: ErrorDetails) {
    super("HF_TIMEOUT", message, details);
  }

  override get name(): string {
    return "TimeoutError";
  }
}
