import { BackpressureError, OptionError, type Millis } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import type { Ended, Fenced, Held, SessionId } from "../store/store.ts";
import { weigh } from "../store/weight.ts";
import { whenAnswered } from "./answered.ts";
import type { KeeperChannel } from "./channel.ts";
import { KeeperError } from "./keeper-error.ts";
import type { KeptSession } from "./kept-session.ts";
import type { Verdict } from "./machine/keeper-calls.ts";
import type { Office } from "./office.ts";
import { sessionKey } from "./session-key.ts";

/** A session at this keeper: outlives its channels, and is what the application holds. */
export class Seat implements KeptSession {
  readonly #office: Office;
  readonly #id: SessionId;
  readonly #key: string;
  readonly #principal: string;
  #epoch = 0;
  #timeout: Millis = 0;
  #channel: KeeperChannel | undefined;
  /** The last channel that is gone while something was still at work. */
  #leaving: KeeperChannel | undefined;
  #detachedAt: Millis = Infinity;
  #over = false;
  #closing: PromiseWithResolvers<void> | undefined;
  /** How often the handler has failed at one message. */
  #failures = { sequence: 0, count: 0 };

  constructor(office: Office, id: SessionId, principal: string) {
    this.#office = office;
    this.#id = id;
    this.#key = sessionKey(id);
    this.#principal = principal;
  }

  get key(): string { return this.#key; }
  get id(): SessionId { return this.#id; }
  get principal(): string { return this.#principal; }
  get epoch(): number { return this.#epoch; }
  get attached(): boolean { return this.#channel !== undefined; }
  get timeout(): Millis { return this.#timeout; }
  /** Infinity while a channel carries it. */
  get detachedAt(): Millis { return this.#detachedAt; }
  get channel(): KeeperChannel | undefined { return this.#channel; }
  /** The channel that is still at work for it, or may be. */
  get worker(): KeeperChannel | undefined { return this.#channel ?? this.#leaving; }
  toJSON(): object { return { key: this.#key, epoch: this.#epoch, attached: this.attached }; }

  // --- for the application --------------------------------------------------------------------------------------------

  send(message: Message): void {
    check(message);
    const { outgoingBytes, settings: { limits: { maxOutgoingBytes } } } = this.#office;
    if (outgoingBytes >= maxOutgoingBytes) throw new BackpressureError(`the clients of this keeper have not acknowledged ${maxOutgoingBytes} bytes: wait, or raise limits.maxOutgoingBytes`);
    this.deliver(message, this.#channel?.offer(message) ?? "over");
  }

  /** What a channel made of it; where none took it, the store does. */
  deliver(message: Message, verdict: Verdict): void {
    switch (verdict) {
      case "taken": return;
      case "full": throw new BackpressureError(`session ${this.#label} has not acknowledged ${this.#office.settings.limits.maxBytes} bytes: wait, or raise limits.maxBytes`);
      case "tooLong": throw new KeeperError("HF_SESSION_TOO_LONG", `the client of session ${this.#label} does not read a message of ${weigh(message)} bytes: send shorter ones, or have it grant more`);
      case "over":
        if (this.#over) throw new KeeperError("HF_SESSION_ENDED", `session ${this.#label} is over: nobody will ever get this message`, { next: "stop" });
        this.append([message]);
        return;
      default: verdict satisfies never;
    }
  }

  sendVolatile(message: Message): boolean {
    check(message);
    return this.#channel?.sendVolatile(message) ?? false;
  }

  close(): Promise<void> {
    if (this.#over) return Promise.resolve();
    if (this.#closing !== undefined) return this.#closing.promise;
    const closing = (this.#closing = Promise.withResolvers<void>());
    if (this.#channel !== undefined) this.#channel.closeSession();
    else {
      whenAnswered(() => this.#office.settings.store.close(this.#id, this.#epoch), (answer) => {
        if (answer.ok === "ended") this.end("closed");
        this.released();
      }, (error) => { this.released(error); });
    }
    return closing.promise;
  }

  async hold(key: string, value: string): Promise<Held> {
    if (typeof key !== "string" || key === "") throw new OptionError("key", "a text of at least one character", key);
    if (typeof value !== "string") throw new OptionError("value", "a text", value);
    const answer = await this.#office.settings.store.hold(this.#id, this.#epoch, key, value);
    if ("key" in answer) return answer;
    if (answer.ok === "full") throw new BackpressureError(`session ${this.#label} holds as many keys as the store allows: release some`);
    throw this.#lost(answer);
  }

  async release(key: string): Promise<void> {
    const answer = await this.#office.settings.store.release(this.#id, this.#epoch, key);
    if (answer.ok !== "committed") throw this.#lost(answer);
  }

  // --- for its channels -----------------------------------------------------------------------------------------------

  attach(channel: KeeperChannel, epoch: number, timeout: Millis): void {
    this.#channel = channel;
    this.#epoch = epoch;
    this.#timeout = timeout;
    this.#detachedAt = Infinity;
    this.#office.seats.attach(this);
  }

  /** True where this channel carried it until now. */
  detach(channel: KeeperChannel): boolean {
    this.#leaving = channel;
    if (this.#channel !== channel) return false;
    this.#channel = undefined;
    this.#detachedAt = this.#office.settings.clock.now();
    this.#office.seats.detach(this);
    return true;
  }

  /** A channel is at its end, and has nothing left to do. */
  over(channel: KeeperChannel): void {
    if (this.#leaving === channel) this.#leaving = undefined;
    if (this.#channel === undefined) this.released(new KeeperError("HF_SESSION_STORE", `session ${this.#label} could not be closed before its channel ended`));
  }

  /** The session is over. */
  end(why: "closed" | "expired" | "handler" | "unknown"): void {
    if (this.#over) return;
    this.#over = true;
    this.#channel = undefined;
    this.#office.seats.forget(this);
    this.#office.tell("closed", { session: this, why });
    this.released();
  }

  /** Whoever waits for the end of the session need not wait any more. */
  released(error?: unknown): void {
    const closing = this.#closing;
    this.#closing = undefined;
    if (error === undefined) closing?.resolve();
    else closing?.reject(error instanceof Error ? error : new KeeperError("HF_SESSION_STORE", "the store did not answer to close", { cause: error }));
  }

  /** How often the handler has failed at this message now. */
  failed(sequence: number): number {
    const count = this.#failures.sequence === sequence ? this.#failures.count + 1 : 1;
    this.#failures = { sequence, count };
    return count;
  }

  /** Puts messages into the store, whoever owns the session. */
  append(messages: readonly Message[]): void {
    whenAnswered(() => this.#office.settings.store.append(this.#id, messages), (answer) => {
      if (answer.ok === "committed") this.#channel?.appended(answer.sent);
      else this.drop(messages, false);
    }, (error) => {
      this.#office.tell("failed", { session: this, error: new KeeperError("HF_SESSION_STORE", `the store did not answer to append for session ${this.#label}`, { cause: error }) });
      this.drop(messages, true);
    });
  }

  drop(messages: readonly Message[], uncertain: boolean): void {
    const event = { session: this, count: messages.length, uncertain };
    Object.defineProperty(event, "messages", { value: messages });
    this.#office.tell("dropped", event as typeof event & { messages: readonly Message[] }); // Defined right above.
  }

  get #label(): string {
    return this.#key.slice(0, 8);
  }

  #lost(answer: Fenced | Ended): KeeperError {
    if (answer.ok === "fenced") {
      this.#channel?.expelled(answer.epoch);
      return new KeeperError("HF_SESSION_MOVED", `session ${this.#label} is attached elsewhere since: whoever serves it there may hold keys for it`, { next: "stop" });
    }
    this.#channel?.doubted();
    return new KeeperError("HF_SESSION_ENDED", `session ${this.#label} is over: it holds no keys any more`, { next: "stop" });
  }
}

export function check(message: Message): void {
  if (typeof message !== "string" && !(message instanceof Uint8Array)) throw new OptionError("message", "a string or a Uint8Array");
}
