import type { Millis } from "../ports/clock.ts";
import type { Backoff } from "./backoff.ts";

/** When a link dials, waits and gives up. Complete values; what the link machine reads. */
export interface LinkPolicy {
  readonly backoff: Backoff;
  /** Labels of a fixed list, already in dialling order; undefined: a provider is asked before every dial. */
  readonly endpoints: readonly string[] | undefined;
  /** Longest time for one dial, greeting included. */
  readonly dialTimeout: Millis;
  /** Uptime after which a connection earns a fresh attempt count. */
  readonly stableAfter: Millis;
  /** Dials in a row without a stable connection, once there was a connection. */
  readonly maxAttempts: number;
  /** Dials before the first connection. At least 1. */
  readonly maxInitialAttempts: number;
  /** Rounds over the list without a stable connection, once there was a connection. */
  readonly maxRounds: number;
  /** Rounds before the first connection. At least 1. */
  readonly maxInitialRounds: number;
  /** Longest outage. */
  readonly giveUpAfter: Millis;
  /** How long a channel that says goodbye may take. */
  readonly drainTimeout: Millis;
}
