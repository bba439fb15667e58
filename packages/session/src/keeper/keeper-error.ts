import { HoldfastError, type ErrorDetails } from "@holdfast/core";

/**
 * A session could not be served. Codes: `HF_SESSION_PROTOCOL` (the client broke the rules), `HF_SESSION_HANDLER` (`handle` threw), `HF_SESSION_STORE` (the
 * store did not answer), `HF_SESSION_TOO_LONG` (a message longer than the client reads), `HF_SESSION_ENDED` (the session is over), `HF_SESSION_MOVED` (another
 * keeper serves it).
 */
export class KeeperError extends HoldfastError {
  constructor(code: `HF_SESSION_${string}`, message: string, details?: ErrorDetails) {
    super(code, message, details);
  }

  override get name(): string {
    return "KeeperError";
  }
}
