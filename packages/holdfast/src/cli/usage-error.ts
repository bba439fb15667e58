import { HoldfastError } from "@holdfast/core";

/** The command was written wrongly (`HF_USAGE`). Shown without a stack, followed by where to read more; exit code 2. */
export class UsageError extends HoldfastError {
  constructor(message: string) {
    super("HF_USAGE", message, { next: "stop" });
  }

  override get name(): string {
    return "UsageError";
  }
}
