import { FrameError } from "../errors/frame-error.ts";
import { isHoldfastError, type HoldfastError } from "../errors/holdfast-error.ts";
import type { LossCause } from "../machine/link-state.ts";

/** Why a channel that closed with an error is gone. */
export function causeOf(error: Error): LossCause {
  if (!isHoldfastError(error)) return "reset";
  return error.code === "HF_CLOSED_BY_PEER" ? "closed" : error instanceof FrameError ? "protocol" : "reset";
}

/** Keeps our own errors, wraps the others: a foreign error never reaches the machine undecided. */
export function asHoldfast(error: unknown, what: string): HoldfastError {
  if (isHoldfastError(error)) return error;
  return new FrameError("HF_BAD_FRAME", "remote", `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
