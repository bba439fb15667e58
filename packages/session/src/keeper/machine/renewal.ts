// The session's deadline, and the PONG that says it was renewed: whoever does not own the session any more cannot send one.
import { encode } from "../../frames/encode.ts";
import { anyAck } from "./acknowledgements.ts";
import { attachedAt, ledgerAt, type Desk } from "./desk.ts";
import { rules } from "./keeper-policy.ts";
import type { Ledger } from "./keeper-state.ts";

/** The client asked for a sign of life. One answer waits at most: the last one asked for. */
export function owePong(desk: Desk, nonce: number): void {
  const attached = attachedAt(desk);
  if (attached === undefined) return;
  attached.beats.nonce = nonce;
  renew(desk);
}

/** The client shows that it lives: the store hears of it, if it has not lately. */
export function renew(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  if (isFresh(desk, ledger)) answerPing(desk);
  else touch(desk);
}

/** The store renewed the deadline, on behalf of a call that was made at `askedAt`. */
export function renewed(desk: Desk, askedAt: number): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  // The time of the call, not of its answer: the deadline may have been renewed as early as that.
  ledger.renewedAt = Math.max(ledger.renewedAt, askedAt);
  answerPing(desk);
}

/** Asks the store to renew the deadline, and whether the session is still ours. */
export function touch(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined || ledger.touchedAt !== undefined) return;
  ledger.touchedAt = desk.now;
  desk.host.ask({ type: "touch", id: ledger.id, epoch: ledger.epoch });
}

function answerPing(desk: Desk): void {
  const attached = attachedAt(desk);
  if (attached?.beats.nonce === undefined) return;
  const { nonce } = attached.beats;
  attached.beats.nonce = undefined;
  desk.host.transmit(encode({ type: "pong", nonce, acked: anyAck(attached), sent: attached.outflow.transmitted }));
}

function isFresh({ now }: Desk, { renewedAt, timeout }: Ledger): boolean {
  return now - renewedAt < timeout / rules.touchesPerTimeout;
}
