/** What a link does about a failure: dial again in turn, leave this endpoint alone for a while, or give up. */
export type Next = "retry" | "elsewhere" | "stop";

export interface ErrorDetails {
  readonly cause?: unknown;
  /** @default 'retry' */
  readonly next?: Next;
  /** Not before this many ms, where the peer said so. @default 0 */
  readonly retryAfter?: number;
}

const brand = Symbol.for("holdfast.error"); // Registered, so that two copies of the package agree.

/** The base of everything holdfast throws or reports. Tell errors apart by `code`, never by their text. */
export class HoldfastError extends Error {
  /** `HF_…`, listed in docs/reference/errors.md. */
  readonly code: string;
  readonly next: Next;
  readonly retryAfter: number;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, brand, { value: true });
    this.code = code;
    this.next = details.next ?? "retry";
    this.retryAfter = details.retryAfter ?? 0;
  }

  override get name(): string {
    return "HoldfastError";
  }
}

/** True for an error of any installed copy of holdfast. */
export function isHoldfastError(value: unknown): value is HoldfastError {
  return typeof value === "object" && value !== null && brand in value;
}
