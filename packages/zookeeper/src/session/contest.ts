import type { Millis } from "@holdfast/core";

/**
 * Does somebody else hold our session?
 *
 * Theory of operation. A session belongs to the connection that attached last: whoever attaches throws the other one off, at once
 * where both are on one server, at the other's next write where they are on two. Two clients that both redial so throw each other
 * off for ever (ZooKeeper Programmer's Guide, "ZooKeeper Sessions"). What gives the other one away: a server hangs up on us soon after
 * we had come back, while it goes on serving. A server that was killed, or that takes part in an election, does not serve; and a
 * connection that lasted longer than the session's timeout was not contested. `limit` such rounds in a row, and it is a fight.
 *
 * The state is the number of rounds in a row.
 */
export interface Loss {
  /** How long we had been back. */
  readonly uptime: Millis;
  /** The peer hung up. Anything else is no sign of a fight. */
  readonly byPeer: boolean;
  /** What the server answered when it was asked afterwards. */
  readonly serving: boolean;
}

/** Rounds after `loss`. `timeout`: the session's. */
export function contested(rounds: number, { uptime, byPeer, serving }: Loss, timeout: Millis): number {
  if (!byPeer) return 0;
  // A long connection that ended may be the first theft, whatever the server says.
  if (uptime >= timeout) return 1;
  return serving ? rounds + 1 : 0;
}

/** True when it matters whether the server goes on serving. */
export function worthAsking({ uptime, byPeer }: Omit<Loss, "serving">, timeout: Millis): boolean {
  return byPeer && uptime < timeout;
}
