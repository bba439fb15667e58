import { HoldfastError, type ErrorDetails } from "@holdfast/core";

/**
 * A store could not do what it was asked for. Codes: `HF_STORE_CALL` (the call breaks the store's contract; nothing was changed), `HF_STORE_FAILED`
 * (the way to the store, or the store, failed; whether it happened is unknown).
 */
export class StoreError extends HoldfastError {
  constructor(code: "HF_STORE_CALL" | "HF_STORE_FAILED", message: string, details?: ErrorDetails) {
    super(code, message, details);
  }

  override get name(): string {
    return "StoreError";
  }
}

export function usedBefore(): StoreError {
  return new StoreError("HF_STORE_CALL", "a session with this id was created before: draw each id anew, at random", { next: "stop" });
}

export function ackedTooMuch(acked: number, sent: number): StoreError {
  return new StoreError("HF_STORE_CALL", `message ${acked} is acknowledged, and the store has sent ${sent}: end the channel; the client attaches anew and learns what was lost`, { next: "retry" });
}
