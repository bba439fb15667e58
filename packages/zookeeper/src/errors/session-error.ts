import { HoldfastError, type ErrorDetails } from "@holdfast/core";

/**
 * A session is over, or cannot go on. Codes: `ZK_SESSION_EXPIRED` (the servers have forgotten it), `ZK_SESSION_CONTESTED` (somebody
 * else uses the same id and password), `ZK_AUTH_FAILED` (the credentials were refused), `ZK_DATA_LOST` (every server is older than
 * what this session has seen), `ZK_CLOSED` (used after the end).
 */
export class SessionError extends HoldfastError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, message, { next: "stop", ...details });
  }

  override get name(): string {
    return "SessionError";
  }
}

/**
 * Somebody else holds the same session and takes it back each time we take it: `rounds` times in a row a healthy server hung up on us
 * soon after we had come back. One of the two has to let go, and we do.
 */
export class SessionContestedError extends SessionError {
  readonly rounds: number;

  constructor(rounds: number) {
    super("ZK_SESSION_CONTESTED", `another client uses the same session: ${rounds} times in a row a healthy server hung up on us soon after we had come back. Use a ticket in one process at a time, or say takeover: true in the one that shall win`);
    this.rounds = rounds;
  }

  override get name(): string {
    return "SessionContestedError";
  }
}

export function expiredError(): SessionError {
  return new SessionError("ZK_SESSION_EXPIRED", "the session has expired: its ephemeral nodes are gone and its watches with it. Make a new client, or say onExpiry: 'renew'");
}

export function closedError(): SessionError {
  return new SessionError("ZK_CLOSED", "this client is closed and takes no more requests: make a new one");
}
