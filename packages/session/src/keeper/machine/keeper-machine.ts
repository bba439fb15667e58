import type { LeaveNotice, Millis } from "@holdfast/core";
import { encode } from "../../frames/encode.ts";
import type { Message } from "../../frames/frame.ts";
import { KeeperError } from "../keeper-error.ts";
import { acknowledge } from "./acknowledgements.ts";
import { commit, commitFailed, committed, conclude, storeFailed, want } from "./commits.ts";
import { attachedAt, ledgerAt, type Desk } from "./desk.ts";
import { endSession, finishOff, leave, move, sayGoodbye } from "./endings.ts";
import { attached, authorized, created, found, greet, linger, unanswered } from "./greeting.ts";
import { handled, handlerFailed, reply, rest, resume, send } from "./inflow.ts";
import type { KeeperCalls, Verdict } from "./keeper-calls.ts";
import type { KeeperHost } from "./keeper-host.ts";
import type { KeeperAnswer, KeeperAnswers, KeeperOrder } from "./keeper-order.ts";
import type { KeeperPolicy } from "./keeper-policy.ts";
import { greetingState, type KeeperState, type Stage } from "./keeper-state.ts";
import { noticed, readBack, sendVolatile, unblock } from "./outflow.ts";
import { renewed, touch } from "./renewal.ts";
import { askPong, hear } from "./speech.ts";

/**
 * The keeper's side of one accepted channel.
 *
 * `greeting`: nothing was heard. Its first frame leads to `opening` or `attaching`, where the application and the store are asked, one after the other: a
 * refusal ends it, and otherwise the channel is `attached`, and hears what came early. There the client's messages are handed over one at a time, and what was
 * handled, what is said to the client and what it acknowledged goes into the store in one step, one step at a time. Only then is anything acknowledged or sent.
 * Whatever says that the session has another owner ends it at once. When only the channel ends, the machine is `leaving`: it commits what the application has
 * begun, and then it is `over`.
 *
 * It does nothing by itself: it is told, with the time, and orders. All it knows is in `state`, which it changes in place.
 */
export class KeeperMachine implements KeeperCalls, Desk {
  readonly policy: KeeperPolicy;
  readonly host: KeeperHost;
  readonly state: KeeperState;
  now: Millis = -Infinity;

  constructor(policy: KeeperPolicy, host: KeeperHost, state: KeeperState = greetingState(false)) {
    this.policy = policy;
    this.host = host;
    this.state = state;
  }

  get phase(): Stage["phase"] {
    return this.state.stage.phase;
  }

  /** The application is at work on a message of this session, or what it did is not committed yet. */
  get atWork(): boolean {
    const ledger = ledgerAt(this);
    return ledger !== undefined && (ledger.begun > ledger.handled || ledger.flying !== undefined || ledger.turning);
  }

  /** Bytes of messages for the client that this machine holds. */
  get heldBytes(): number {
    return (ledgerAt(this)?.draftBytes ?? 0) + (attachedAt(this)?.outflow.waitingBytes ?? 0);
  }

  // --- from the channel -----------------------------------------------------------------------------------------------

  frame(bytes: Uint8Array | string, now: Millis): void {
    this.now = now;
    switch (this.phase) {
      case "attached": hear(this, bytes); return this.#settle();
      case "greeting": return greet(this, bytes);
      case "opening": case "attaching": return linger(this, bytes);
      default: return undefined;
    }
  }

  drained(now: Millis): void {
    this.now = now;
    unblock(this);
    this.#settle();
  }

  ended(now: Millis): void {
    this.now = now;
    const { phase } = this;
    if (phase === "greeting" || phase === "opening" || phase === "attaching") finishOff(this);
    leave(this);
    this.#settle();
  }

  // --- from whoever was asked -----------------------------------------------------------------------------------------

  answered(order: KeeperOrder, answer: KeeperAnswer, now: Millis): void {
    this.now = now;
    this.#take(order, answer);
    this.#settle();
  }

  failed(order: KeeperOrder, error: unknown, now: Millis): void {
    this.now = now;
    if (this.phase === "opening" || this.phase === "attaching") return unanswered(this);
    if (order.type === "commit") return commitFailed(this, error);
    storeFailed(this, order.type, error);
    if (order.type === "close") finishOff(this);
    this.#settle();
  }

  turned(now: Millis): void {
    this.now = now;
    commit(this);
    this.#settle();
  }

  // --- from the application -------------------------------------------------------------------------------------------

  handled(sequence: number, now: Millis): void {
    this.now = now;
    handled(this, sequence);
    this.#settle();
  }

  handlerFailed(sequence: number, failures: number, cause: unknown, now: Millis): void {
    this.now = now;
    handlerFailed(this, sequence, failures, cause);
    this.#settle();
  }

  send(message: Message, now: Millis): Verdict {
    this.now = now;
    return send(this, message);
  }

  reply(message: Message, sequence: number, now: Millis): Verdict {
    this.now = now;
    return reply(this, message, sequence);
  }

  sendVolatile(message: Message, now: Millis): boolean {
    this.now = now;
    return sendVolatile(this, message);
  }

  ping(nonce: number, now: Millis): void {
    this.now = now;
    askPong(this, nonce);
  }

  dismiss({ within, spread }: LeaveNotice, now: Millis): void {
    this.now = now;
    if (this.phase === "attached") this.host.transmit(encode({ type: "goAway", within: Math.round(within), spread: Math.round(spread) }));
  }

  closeSession(now: Millis): void {
    this.now = now;
    const ledger = ledgerAt(this);
    if (ledger === undefined || ledger.closing !== "no") return;
    ledger.closing = "wanted";
    this.#settle();
  }

  close(now: Millis): void {
    this.now = now;
    sayGoodbye(this);
    this.#settle();
  }

  // --- from the store, unasked, and time ------------------------------------------------------------------------------

  expelled(epoch: number, now: Millis): void {
    this.now = now;
    const ledger = ledgerAt(this);
    if (ledger !== undefined && epoch > ledger.epoch) move(this, epoch);
    this.#settle();
  }

  appended(sent: number, now: Millis): void {
    this.now = now;
    noticed(this, sent);
    this.#settle();
  }

  doubted(now: Millis): void {
    this.now = now;
    touch(this);
  }

  rest(now: Millis): void {
    this.now = now;
    rest(this);
  }

  resume(now: Millis): void {
    this.now = now;
    resume(this);
    this.#settle();
  }

  wakeAt(): Millis {
    const stage = attachedAt(this);
    if (stage === undefined) return Infinity;
    const { inflow, ledger } = stage;
    return Math.min(inflow.ackAt, ledger.fullUntil === -Infinity ? Infinity : ledger.fullUntil);
  }

  wake(now: Millis): void {
    this.now = now;
    const stage = attachedAt(this);
    if (stage === undefined) return;
    if (stage.inflow.ackAt <= now) acknowledge(this);
    if (stage.ledger.fullUntil <= now) stage.ledger.fullUntil = -Infinity;
    want(this);
    this.#settle();
  }

  // --- within ---------------------------------------------------------------------------------------------------------

  /** Where an end is near, whatever happened may have been the last thing that it waited for. */
  #settle(): void {
    if (this.phase === "leaving" || ledgerAt(this)?.closing === "wanted") conclude(this);
  }

  #take(order: KeeperOrder, answer: KeeperAnswer): void {
    const given = answer as never; // By the port's types: each order has answers of one kind.
    switch (order.type) {
      case "authorize": return authorized(this, given);
      case "create": return created(this, order.id, order.session.timeout, given);
      case "find": return found(this, given);
      case "attach": return attached(this, given);
      case "commit": return committed(this, given);
      case "read": return readBack(this, given);
      case "touch": return this.#touched(given);
      case "close": return this.#closed(given);
      default: return order satisfies never;
    }
  }

  #touched(answer: KeeperAnswers["touch"]): void {
    const ledger = ledgerAt(this);
    if (ledger?.touchedAt === undefined) return;
    const askedAt = ledger.touchedAt;
    ledger.touchedAt = undefined;
    if (answer.ok === "fenced") return move(this, answer.epoch);
    if (answer.ok === "ended") return endSession(this, answer);
    if (ledger.gap) return storeFailed(this, "read", new KeeperError("HF_SESSION_STORE", "messages that were not acknowledged are missing from the store"));
    renewed(this, askedAt);
    noticed(this, answer.sent);
  }

  #closed(answer: KeeperAnswers["close"]): void {
    if (answer.ok === "fenced") move(this, answer.epoch);
    else endSession(this, answer);
  }
}

