import type { Millis } from "../ports/clock.ts";
import type { Backoff } from "./backoff.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** When a link dials, waits and gives up. Complete values; what the link machine reads. */
export interface LinkPolicy {
  readonly backoff: Backoff;
  /** Labels of a fixed list, already in dialling order; undefined: a provider is asked before every dial. */
  readonly endpoints: readonly string[] | undefined;
  /** The first dial elsewhere after a loss waits 0 … this, by chance. */
  readonly failoverSpread: Millis;
  /** Longest time for one dial, greeting included. */
  readonly dialTimeout: Millis;
  /** A dial or a greeting that takes longer does not keep the next endpoint waiting. Infinity: one after the other. */
  readonly stagger: Millis;
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
  /** How long a channel that says goodbye may take; and a greeted candidate waits no longer for the old channel. */
  readonly drainTimeout: Millis;
  /** Channels at a time, goodbyes included. At least 2. */
  readonly maxChannels: number;
  /**
   * How a link moves to another channel: not while the old one lives (`none`), when the peer has all that was sent on the old one
   * (`settled`), or at once, since the protocol replays what is missing (`replayed`).
   */
  readonly handover: "none" | "settled" | "replayed";
  /** How far a channel in reserve goes: it is greeted, or only dialled; `none`: there can be no reserve. */
  readonly reserve: "greeted" | "dialled" | "none";
  /** Channels in reserve. */
  readonly spares: number;
  /**
   * The overdue time after which a channel is suspected, and what it grows to by suspicions that were wrong. Undefined: a suspicion
   * changes nothing.
   */
  readonly suspicion: Pick<Heartbeat, "suspectMargin" | "timeout"> | undefined;
  /** Where the link would rather be, and what it takes to go back there: so many answers in a row, spread over this time. */
  readonly priority: { readonly endpoints: readonly string[]; readonly probes: number; readonly within: Millis } | undefined;
}
