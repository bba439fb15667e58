import { exponential, isHoldfastError } from "@holdfast/core";
import { retry, type Try } from "@holdfast/core/retry";

/** Nobody has said no: a server that can be asked later. With any other error asking again would be of no use. */
const passing: ReadonlySet<string> = new Set(["ZK_CONNECTION_LOSS", "ZK_REQUEST_TIMEOUT", "ZK_OPERATION_TIMEOUT", "ZK_SESSION_MOVED", "ZK_NOT_READ_ONLY", "ZK_THROTTLED", "ZK_QUEUE_FULL"]);

/** Between two tries. While no server is attached a request waits for one by itself; this is for what fails at once. */
const backoff = exponential({ initial: 20, max: 1_000 });

/**
 * Asks until a server has answered, through any number of lost connections; ends with the session, or with a server's no. The operation
 * may run twice, so from its second attempt on it has to look first.
 */
export function persevere<T>(operation: (turn: Try) => Promise<T>, signal?: AbortSignal): Promise<T> {
  return retry(operation, { retries: Infinity, backoff, shouldRetry: ({ error }) => isHoldfastError(error) && passing.has(error.code), ...(signal && { signal }) });
}

export function hasCode(error: unknown, code: string): boolean {
  return isHoldfastError(error) && error.code === code;
}
