import { HoldfastError, type ErrorDetails } from "./holdfast-error.ts";

/**
 * A live channel was lost, or a link is used after its end. Codes: `HF_RESET` (read or write error), `HF_CLOSED_BY_PEER`,
 * `HF_HEARTBEAT` (N misses in a row), `HF_SUSPECTED` (the application said so), `HF_CLOSED` (used after `close()`), `HF_ABORTED`.
 */
export class LinkError extends HoldfastError {
  /** The transport's close code, where it has one (WebSocket 1000 … 4999). */
  readonly closeCode: number | undefined;

  constructor(code: string, message: string, details?: ErrorDetails & { readonly closeCode?: number }) {
    super(code, message, details);
    this.closeCode = details?.closeCode;
  }

  override get name(): string {
    return "LinkError";
  }
}
