// A session as the specification describes it, once more and as short as possible: what any history of a store is compared with.
import type { Change, Claim } from "@holdfast/session";

export type Operation =
  | { readonly name: "attach"; readonly claim: Omit<Claim, "generation"> }
  | { readonly name: "commit"; readonly epoch: number; readonly change: Change }
  | { readonly name: "append"; readonly messages: readonly string[] }
  | { readonly name: "touch" | "close"; readonly epoch: number }
  | { readonly name: "read" };

export interface ModelState {
  readonly ended: boolean;
  readonly epoch: number;
  readonly attach: number;
  readonly received: number;
  readonly acked: number;
  /** Those that wait, one byte each. */
  readonly messages: readonly string[];
}

export const atBirth: ModelState = { ended: false, epoch: 1, attach: 0, received: 0, acked: 0, messages: [] };
/** So few that some calls find no room. */
export const maxBytes = 6;

export interface Step { readonly state: ModelState; /** Its properties, at least. */ readonly answer: object }

export function step(state: ModelState, operation: Operation): Step {
  if (operation.name === "read") return stay(state, state.messages.map((message, at) => ({ sequence: state.acked + at + 1, message })));
  if (state.ended) return stay(state, operation.name === "attach" ? { ok: "refused", why: "closed", received: state.received } : { ok: "ended", why: "closed", received: state.received });
  if (operation.name === "attach") return attach(state, operation.claim);
  if (operation.name === "append") return change(state, { append: operation.messages });
  if (operation.epoch !== state.epoch) return stay(state, { ok: "fenced", epoch: state.epoch });
  if (operation.name === "commit") return change(state, operation.change);
  if (operation.name === "touch") return stay(state, { ok: "committed", sent: sentBy(state) });
  return { state: { ...state, ended: true, messages: [], acked: 0 }, answer: { ok: "ended", why: "closed", received: state.received } };
}

function attach(state: ModelState, { attach: number, received, sent, acked, restarted }: Omit<Claim, "generation">): Step {
  const refused = (why: string): Step => stay(state, { ok: "refused", why, received: state.received });
  if (number <= state.attach) return stay(state, { ok: "refused", why: "stale", received: state.received, attach: state.attach });
  if (!restarted && (received > sentBy(state) || acked > state.received)) return refused("stateLost");
  if (!restarted && (received < state.acked || sent < state.received)) return refused("diverged");
  const next = { ...letGo(state, restarted ? state.acked : received), epoch: state.epoch + 1, attach: number };
  return { state: next, answer: { ok: "attached", epoch: next.epoch, received: next.received, sent: sentBy(next), acked: next.acked } };
}

/** The suite never acknowledges more than it knows to be sent. */
function change(state: ModelState, { received = 0, acked = 0, append = [] }: Change): Step {
  const lighter = letGo(state, Math.max(acked, state.acked));
  const messages = [...lighter.messages, ...(append as readonly string[])]; // The suite appends texts.
  if (append.length > 0 && messages.length > maxBytes) return stay(state, { ok: "full" });
  const next = { ...lighter, messages, received: Math.max(received, state.received) };
  return { state: next, answer: { ok: "committed", sent: sentBy(next) } };
}

function letGo(state: ModelState, acked: number): ModelState {
  return { ...state, acked, messages: state.messages.slice(acked - state.acked) };
}

const sentBy = ({ acked, messages }: ModelState): number => acked + messages.length;
const stay = (state: ModelState, answer: object): Step => ({ state, answer });
