import type { Millis } from "@holdfast/core";
import type { Client } from "./client.ts";
import type { ClientState } from "./client-state.ts";

/**
 * Until when may the application act as the owner of the session?
 *
 * Theory of operation. The store forgets a session that nothing renewed for its timeout. An ATTACH that was answered renewed it after it was sent; a PING
 * that was answered found it renewed, but a keeper asks the store only every sixth of the timeout, so it proves a sixth less. Counted from the sending,
 * not from the answer, and not from the moment at which a loss is noticed. After that the session is presumed to be over. It may live on, and only a
 * keeper knows: until one says so, the client goes on trying.
 */

/** The part of a timeout by which a PONG may be older than the renewal that it stands for. */
const renewalLag = 1 / 6;

/** When the session may be over, by our clock. */
export function deadline({ credential, provenAt }: ClientState): Millis {
  return credential === undefined ? Infinity : provenAt + credential.timeout;
}

/** A keeper answered the ping that was sent at `sentAt`. */
export function pongProves(client: Client, sentAt: Millis, now: Millis): void {
  proves(client, sentAt - (client.state.credential?.timeout ?? 0) * renewalLag, now);
}

/** The store renewed the session at `at` or later. */
export function proves({ state, host }: Client, at: Millis, now: Millis): void {
  if (at > state.provenAt) state.provenAt = at;
  if (!state.presumedExpired || now >= deadline(state)) return;
  state.presumedExpired = false;
  host.tell({ type: "restored" });
}

/** When the deadline is to be looked at; Infinity where it was passed, or does not matter. */
export function presumptionAt(state: ClientState): Millis {
  const matters = !state.presumedExpired && (state.phase === "live" || state.phase === "unauthorized");
  return matters ? deadline(state) : Infinity;
}

export function lookAtDeadline({ state, host }: Client, now: Millis): void {
  if (now < presumptionAt(state)) return;
  state.presumedExpired = true;
  host.tell({ type: "presumedExpired" });
}
