import type { Message } from "../../src/frames/frame.ts";
import type { SessionId } from "../../src/store/store.ts";
import type { Record, Truth } from "./truth.ts";
import { Violation } from "./violation.ts";

/** What one client has sent on one session, as it took it: the first has number 1. */
export interface Outbox { readonly accepted: Message[]; readonly holder: string }

/** Equal, as far as messages go. */
export function same(one: Message | undefined, other: Message | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || typeof one === "string" || typeof other === "string") return false;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** In words, and as a key: each message of a schedule begins with what nobody else says. */
export function nameOf(message: Message): string {
  const text = typeof message === "string" ? message : new TextDecoder().decode(message);
  return text.slice(0, text.indexOf(";"));
}

/** Who had which message: from the one side's `send` to the other's handler. */
export class Ledger {
  readonly #truth: Truth;
  readonly #outboxes: Map<SessionId, Outbox> = new Map();
  /** Somebody else holds the credential, too: then two streams of messages go into one. */
  cloned = false;
  /** Messages for clients that a keeper's application has handed over: where they are. */
  readonly #spoken: Map<string, { readonly id: SessionId; readonly server: string; fate: "taken" | "leftover" | "unknown" }> = new Map();
  /** Messages that a handler answered, by name. */
  readonly #answered: Set<string> = new Set();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  opened(id: SessionId, outbox: Outbox): void {
    if (!this.#outboxes.has(id)) this.#outboxes.set(id, outbox);
  }

  /** A keeper hands a message to its application. */
  handled(id: SessionId, sequence: number, message: Message): void {
    const record = this.#truth.of(id);
    const expected = this.#outboxes.get(id)?.accepted[sequence - 1];
    if (sequence > record.handled.length + 1) throw new Violation("I1", `message ${sequence} is handled after ${record.handled.length}`);
    if (!this.cloned && !same(expected, message)) throw new Violation("I1", `message ${sequence} is "${nameOf(message)}" where "${expected === undefined ? "nothing" : nameOf(expected)}" was sent`);
    record.handled[sequence - 1] = message;
  }

  /** A client hands a message to its application. */
  delivered(id: SessionId, sequence: number, message: Message): void {
    const expected = this.#truth.of(id).appended[sequence - 1];
    if (!same(expected, message)) throw new Violation("I2", `message ${sequence} for the client is "${nameOf(message)}" where the store has "${expected === undefined ? "nothing" : nameOf(expected)}"`);
  }

  spoken(message: Message, id: SessionId, server: string): void {
    this.#spoken.set(nameOf(message), { id, server, fate: "taken" });
  }

  leftover(messages: readonly Message[], uncertain: boolean): void {
    for (const message of messages) {
      const spoken = this.#spoken.get(nameOf(message));
      if (spoken === undefined || spoken.fate !== "taken") throw new Violation("I2", `"${nameOf(message)}" is left over, and was ${spoken?.fate ?? "never taken"}`);
      spoken.fate = uncertain ? "unknown" : "leftover";
    }
  }

  /** What its application had handed over may be lost, or not. */
  crashed(server: string): void {
    for (const spoken of this.#spoken.values()) if (spoken.server === server && spoken.fate === "taken") spoken.fate = "unknown";
  }

  answered(message: Message): void {
    this.#answered.add(nameOf(message));
  }

  /** At the end, for a session that lives. */
  balance(record: Record): void {
    const counts = new Map<string, number>();
    for (const message of record.appended) counts.set(nameOf(message), (counts.get(nameOf(message)) ?? 0) + 1);
    for (const [name, count] of counts) if (count > 1) throw new Violation("I2", `"${name}" is in the store ${count} times`);
    for (const [name, { id, fate }] of this.#spoken) {
      if (id !== record.id) continue;
      if (fate === "taken" && !counts.has(name)) throw new Violation("I2", `"${name}" was taken by a keeper, is not in the store and was not reported`);
      if (fate === "leftover" && counts.has(name)) throw new Violation("I2", `"${name}" was reported as left over, and is in the store`);
    }
    if (this.cloned) return; // Two messages may have had one number, of which one was committed.
    for (let at = 0; at < record.handled.length; at += 1) {
      const name = nameOf(record.handled[at] as Message); // Filled without gaps, see `handled`.
      const answers = counts.get(`re:${name}`) ?? 0;
      if (at >= record.received && answers > 0) throw new Violation("I1", `"${name}" is answered and not committed`);
      if (at < record.received && answers === 0 && this.#answered.has(name)) throw new Violation("I1", `"${name}" is committed without its answer`);
    }
  }
}
