import { HoldfastError } from "./holdfast-error.ts";

/** `send` was refused because the outbox is full (`HF_OUTBOX_FULL`). The message was not taken; `write` waits for room instead. */
export class BackpressureError extends HoldfastError {
  constructor(message: string) {
    super("HF_OUTBOX_FULL", message);
  }

  override get name(): string {
    return "BackpressureError";
  }
}
