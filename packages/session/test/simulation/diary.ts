import type { Message } from "../../src/frames/frame.ts";
import { sessionId } from "../../src/keeper/machine/session-id.ts";
import type { SessionId } from "../../src/store/store.ts";
import { same, type Ledger } from "./ledger.ts";
import type { Truth } from "./truth.ts";
import { Violation } from "./violation.ts";

/** What one client's application has said, has got, and was told of its present session. */
export class Diary {
  readonly #truth: Truth;
  readonly #ledger: Ledger;
  readonly #holder: string;
  /** What was taken and not reported since: the first has number 1. */
  #accepted: Message[] = [];
  #id: SessionId | undefined;
  /** Number of the last message that came; undefined where the next one says it. */
  #delivered: number | undefined;
  #handled = 0;

  constructor(truth: Truth, ledger: Ledger, holder: string) {
    this.#truth = truth;
    this.#ledger = ledger;
    this.#holder = holder;
  }

  get id(): SessionId | undefined {
    return this.#id;
  }

  /** Number of the last message that came. */
  get delivered(): number | undefined {
    return this.#delivered;
  }

  /** Before the machine has it, for it may go out at once. */
  said(message: Message): void {
    this.#accepted.push(message);
  }

  /** It was not taken, or was dropped. */
  unsaid(message: Message): void {
    const at = this.#accepted.findLastIndex((other) => same(other, message));
    if (at >= 0) this.#accepted.splice(at, 1);
  }

  attached(credential: { readonly id: Uint8Array } | undefined, continuity?: string): void {
    if (continuity === "restarted") this.#delivered = undefined;
    if (continuity === "new") this.#delivered = 0;
    const id = credential && sessionId(credential.id);
    if (id === undefined || id === this.#id) return;
    this.#id = id;
    this.#handled = 0;
    this.#ledger.opened(id, { accepted: this.#accepted, holder: this.#holder });
  }

  got(message: Message, sequence: number): void {
    if (this.#id === undefined) throw new Violation("I2", "a message before there is a session");
    if (this.#delivered !== undefined && sequence !== this.#delivered + 1) throw new Violation("I2", `delivers ${sequence} after ${this.#delivered}`);
    this.#delivered = sequence;
    this.#ledger.delivered(this.#id, sequence, message);
  }

  took(sequence: number): void {
    this.#handled = Math.max(this.#handled, sequence);
  }

  /** Acknowledgements, either way, run behind what they stand for. */
  compare(acknowledged: number): void {
    if (this.#id === undefined || this.#ledger.cloned) return;
    const record = this.#truth.of(this.#id);
    if (acknowledged > record.received) throw new Violation("I12", `${acknowledged} messages are acknowledged, and ${record.received} committed`);
    if (record.acked > this.#handled) throw new Violation("I12", `${record.acked} messages for the client are acknowledged, and ${this.#handled} handled`);
  }

  /** The session is over, and the next one begins with nothing. */
  ended(undelivered: readonly Message[], lastReceived?: number): void {
    this.balance(undelivered, lastReceived);
    this.#accepted = [];
    this.#id = undefined;
    this.#delivered = undefined;
  }

  /** What is reported as not delivered is the end of what was taken, and begins no later than what the store has. */
  balance(undelivered: readonly Message[], lastReceived?: number): void {
    if (this.#ledger.cloned) return;
    const from = this.#accepted.length - undelivered.length;
    if (undelivered.some((message, at) => !same(message, this.#accepted[from + at]))) throw new Violation("I1", "what is reported as undelivered was never taken");
    const received = this.#id === undefined ? 0 : this.#truth.of(this.#id).received;
    if (from > received) throw new Violation("I1", `${from} messages are taken for delivered, and the store has ${received}`);
    if (lastReceived !== undefined && lastReceived !== received) throw new Violation("I1", `told that ${lastReceived} messages were handled, where the store had ${received}`);
  }
}
