// What the store is to know, in one step each time: how far the client's messages are handled, what was said to it, and how far it acknowledged. While a commit
// is open the next one collects; and the first waits until all is told that arrived together.
import type { Change, Committed } from "../../store/store.ts";
import { KeeperError } from "../keeper-error.ts";
import { acknowledge, owe } from "./acknowledgements.ts";
import { attachedAt, ledgerAt, type Desk } from "./desk.ts";
import { endSession, fail, finishOff, leftOver, move } from "./endings.ts";
import type { KeeperAnswers } from "./keeper-order.ts";
import type { Draft, Ledger } from "./keeper-state.ts";
import { drainedOut, numbered, pump } from "./outflow.ts";
import { renewed } from "./renewal.ts";

type Flying = NonNullable<Ledger["flying"]>;
/** How long to wait where the store is full, and no acknowledgement makes room. */
const fullDelay = 1_000;
const none: readonly Draft[] = [];

/** Something may be there to commit. */
export function want(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined || ledger.turning || ledger.flying !== undefined || !hasNews(desk, ledger)) return;
  ledger.turning = true;
  desk.host.turn();
}

/** All was told that arrived together. */
export function commit(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  ledger.turning = false;
  if (ledger.flying !== undefined || !hasNews(desk, ledger)) return conclude(desk);
  const change = compose(desk, ledger);
  ledger.flying = { change, drafts: change.append === undefined ? none : ledger.drafts, askedAt: desk.now };
  if (change.append !== undefined) ledger.drafts = [];
  desk.host.ask({ type: "commit", id: ledger.id, epoch: ledger.epoch, change });
}

export function committed(desk: Desk, answer: KeeperAnswers["commit"]): void {
  const ledger = ledgerAt(desk);
  if (ledger?.flying === undefined) return;
  switch (answer.ok) {
    case "committed": return took(desk, ledger, answer, ledger.flying);
    case "full": return refused(desk, ledger, ledger.flying);
    case "fenced": takeBack(ledger, ledger.flying); return move(desk, answer.epoch);
    case "ended": return endSession(desk, answer);
    default: return answer satisfies never;
  }
}

/** Nobody knows whether it happened. */
export function commitFailed(desk: Desk, cause: unknown): void {
  const ledger = ledgerAt(desk);
  if (ledger?.flying === undefined) return;
  const { drafts } = ledger.flying;
  storeFailed(desk, "commit", cause);
  leftOver(desk, drafts, { uncertain: true });
  leftOver(desk, ledger.drafts, { uncertain: false });
  finishOff(desk);
}

export function storeFailed(desk: Desk, what: string, cause: unknown): void {
  fail(desk, new KeeperError("HF_SESSION_STORE", `the store did not answer to ${what}: the client has to attach anew; see the cause`, { cause }));
}

/** Brings to an end what waits for the last commit: the session that is to be closed, the channel that is gone. */
export function conclude(desk: Desk): void {
  const ledger = ledgerAt(desk);
  if (ledger === undefined) return;
  if (ledger.lost && ledger.flying === undefined) return giveUp(desk, ledger);
  const busy = ledger.begun > ledger.handled || ledger.inbox.length > 0 || ledger.flying !== undefined || ledger.turning;
  if (busy || ledger.closing === "asked") return;
  if (hasNews(desk, ledger)) return want(desk); // There was no room for it, and nobody wakes a channel that is gone.
  const attached = attachedAt(desk);
  if (ledger.closing === "wanted") {
    if (attached !== undefined && !ledger.byClient && !drainedOut(attached.outflow)) return;
    ledger.closing = "asked";
    acknowledge(desk);
    desk.host.ask({ type: "close", id: ledger.id, epoch: ledger.epoch });
  } else if (attached === undefined) giveUp(desk, ledger);
}

function giveUp(desk: Desk, { drafts }: Ledger): void {
  leftOver(desk, drafts, { uncertain: false });
  finishOff(desk);
}

/** There is something that the store does not know, and has room for. */
function hasNews({ now }: Desk, { fullUntil, handled, received, drafts, acked, trimmed, lost }: Ledger): boolean {
  return !lost && (acked > trimmed || (fullUntil <= now && (handled > received || drafts.length > 0)));
}

function compose({ now }: Desk, { fullUntil, handled, received, drafts, acked, trimmed }: Ledger): Change {
  const room = fullUntil <= now;
  const news = room && handled > received;
  const words = room && drafts.length > 0;
  return { ...(news && { received: handled }), ...(words && { append: drafts.map(({ message }) => message) }), ...(acked > trimmed && { acked }) };
}

function took(desk: Desk, ledger: Ledger, { sent }: Committed, { change, drafts, askedAt }: Flying): void {
  ledger.flying = undefined;
  ledger.received = change.received ?? ledger.received;
  ledger.trimmed = change.acked ?? ledger.trimmed;
  // Acknowledged messages have made room.
  if (change.acked !== undefined) ledger.fullUntil = -Infinity;
  for (const { size } of drafts) ledger.draftBytes -= size;
  numbered(desk, drafts, sent);
  pump(desk);
  owe(desk);
  renewed(desk, askedAt);
  want(desk);
  conclude(desk);
}

/** No room: what is handled and what it was answered stay together, and wait for the client's acknowledgements. */
function refused(desk: Desk, ledger: Ledger, flying: Flying): void {
  takeBack(ledger, flying);
  ledger.fullUntil = desk.now + fullDelay;
  want(desk);
  conclude(desk);
}

/** Nothing of it was changed. */
function takeBack(ledger: Ledger, { drafts }: Flying): void {
  ledger.flying = undefined;
  ledger.drafts = [...drafts, ...ledger.drafts];
}
