import type { Millis } from "@holdfast/core";

/**
 * Does somebody else hold our session?
 *
 * Theory of operation. A session belongs to the connection that attached last: whoever attaches throws the other one off, at once
 * where both are on one server, at the other's next write where they are on two. Two clients that both redial so throw each other
 * off for ever (ZooKeeper Programmer's Guide, "ZooKeeper Sessions"). What gives the other one away: a server hangs up on us soon after
 * we had come back, while it goes on serving. A server that was killed, or that takes part in an election, does not serve; and a
 * connection that lasted longer than the session's timeout was not contested.
 *
 * A bad network may hang up on us, too. It does so by a reset, where a server says an orderly goodbye as a rule, and hardly again and
 * again within a second. So an orderly end within that second weighs three times as much as any other: a fight is known after three such
 * rounds, or after seven of another kind.
 */
export interface Suspicion {
  /** Losses in a row that may have been thefts. */
  readonly rounds: number;
  readonly weight: number;
}

export interface Loss {
  /** How long we had been back. */
  readonly uptime: Millis;
  /** The peer hung up (`closed`), or somebody on the way cut the connection, if not the peer (`reset`). Anything else is no sign of a fight. */
  readonly cause: "closed" | "reset" | "other";
  /** What the server answered when it was asked afterwards. */
  readonly serving: boolean;
}

export const unsuspected: Suspicion = { rounds: 0, weight: 0 };

/** Losses within so many ms of our return are quick. */
const quick: Millis = 1_000;
/** Of a loss that may have been a theft. */
const weights = { quick: 3, slow: 1 } as const;
/** The weight of three quick rounds. */
const limit = 3 * weights.quick;

/** What to think after `loss`. `timeout`: the session's. */
export function suspect({ rounds, weight }: Suspicion, { uptime, cause, serving }: Loss, timeout: Millis): Suspicion {
  if (cause === "other") return unsuspected;
  // A long connection that ended may be the first theft, whatever the server says.
  if (uptime >= timeout) return { rounds: 1, weight: weights.quick };
  if (!serving) return unsuspected;
  return { rounds: rounds + 1, weight: weight + (uptime < quick && cause === "closed" ? weights.quick : weights.slow) };
}

/** `patience`: 1 as a rule; so many times as much is borne. */
export function isContested({ weight }: Suspicion, patience: number): boolean {
  return weight >= limit * patience;
}

/** True when it matters whether the server goes on serving. */
export function worthAsking({ uptime, cause }: Omit<Loss, "serving">, timeout: Millis): boolean {
  return cause !== "other" && uptime < timeout;
}
