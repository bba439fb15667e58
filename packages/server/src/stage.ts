import type { HoldfastError, LossCause, Millis } from "@holdfast/core";
import type { PeerCause } from "./events.ts";
import type { RefusalCause } from "./server-events.ts";

/**
 * Where a connection is in its life.
 *
 * - `greeting`: the protocol has not greeted yet. `identifying`: it has, and `identify` has not decided.
 * - `waiting`: somebody else has its identity, and is being asked for a sign of life.
 * - `admitted`: it is a peer. `until` is when it is closed for good, after it was asked to move.
 * - `leaving`: we said goodbye, as peer or (`cause` undefined) as one who was refused.
 * - `gone`: over. The channel may still be closing.
 *
 * The server moves it along; the channel, the limits and the user end it.
 */
export type Stage =
  | { readonly phase: "greeting" | "identifying" | "waiting"; readonly until: Millis }
  | { readonly phase: "admitted"; readonly asked: boolean; readonly until: Millis }
  | { readonly phase: "leaving"; readonly cause: PeerCause | undefined; readonly until: Millis }
  | { readonly phase: "gone"; readonly until: Millis };

/** It is a peer, or was one when we said goodbye: its messages count, and its end is told. */
export function isPeer(stage: Stage): boolean {
  return stage.phase === "admitted" || (stage.phase === "leaving" && stage.cause !== undefined);
}

/** Why a peer is gone whose channel ended by itself. */
export function causeOfEnd(stage: Stage, cause: LossCause, error: HoldfastError | undefined): PeerCause {
  if (stage.phase === "leaving" && stage.cause !== undefined) return stage.cause;
  if (stage.phase === "admitted" && stage.asked && cause === "closed") return "drained";
  if (error?.code === "HF_STALLED") return "stalled";
  if (cause === "closed" || cause === "heartbeat") return cause;
  return cause === "protocol" || cause === "refused" ? "protocol" : "reset";
}

/** Why a connection did not become a peer, which ended before it was admitted. */
export function causeOfRefusal(cause: PeerCause): RefusalCause {
  if (cause === "protocol") return "greeting";
  return cause === "requested" ? "identity" : "left"; // Only `identify` holds the peer so early.
}
