import type { Millis } from "@holdfast/core";
import type { KeeperHost } from "./keeper-host.ts";
import type { KeeperPolicy } from "./keeper-policy.ts";
import type { Attached, KeeperState, Ledger } from "./keeper-state.ts";

/** What every room of the machine works at. */
export interface Desk {
  readonly policy: KeeperPolicy;
  readonly host: KeeperHost;
  readonly state: KeeperState;
  /** The time of what is being told. */
  now: Millis;
}

/** The session's channel, while it is there. */
export function attachedAt({ state: { stage } }: Desk): Attached | undefined {
  return stage.phase === "attached" ? stage : undefined;
}

/** The session's ledger, while it is ours to write in. */
export function ledgerAt({ state: { stage } }: Desk): Ledger | undefined {
  return stage.phase === "attached" || stage.phase === "leaving" ? stage.ledger : undefined;
}
