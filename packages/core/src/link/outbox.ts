import { OptionError } from "../errors/option-error.ts";
import { atLeast, moreThanZero } from "../policy/bounds.ts";
import type { Millis } from "../ports/clock.ts";

/** What happens to messages sent while nobody can take them. */
export interface OutboxOptions {
  /** Most messages that wait. 0: none, everything sent while not connected is refused. @default 1024 */
  readonly maxMessages?: number;
  /** Most bytes that wait, as the protocol measures them. @default 1048576 */
  readonly maxBytes?: number;
  /**
   * When it is full: `reject` makes `send` throw a `BackpressureError`; `dropOldest` and `dropNewest` report the victim in
   * `dropped`. Never silent. @default 'reject'
   */
  readonly overflow?: "reject" | "dropOldest" | "dropNewest";
  /** A message that waited this long is not sent any more but reported in `dropped`. @default Infinity */
  readonly ttl?: Millis;
}
export type Outgoing = Required<OutboxOptions>;

/** Why a message was not sent. */
export type DropCause = "overflow" | "expired" | "closed" | "unsendable";

const defaults: Outgoing = { maxMessages: 1024, maxBytes: 1_048_576, overflow: "reject", ttl: Infinity };

export function resolveOutbox(options: OutboxOptions = defaults, option = "outbox"): Outgoing {
  if (options === defaults) return defaults; // One object for all links that say nothing.
  const { maxMessages = defaults.maxMessages, maxBytes = defaults.maxBytes, overflow = defaults.overflow, ttl = defaults.ttl } = options;
  if (!["reject", "dropOldest", "dropNewest"].includes(overflow)) throw new OptionError(`${option}.overflow`, "'reject', 'dropOldest' or 'dropNewest'", overflow);
  return {
    maxMessages: atLeast(`${option}.maxMessages`, maxMessages, 0),
    maxBytes: atLeast(`${option}.maxBytes`, maxBytes, 0),
    overflow,
    ttl: moreThanZero(`${option}.ttl`, ttl),
  };
}

interface Entry<Out> { readonly message: Out; readonly size: number; readonly expiresAt: Millis }

/** Is told what became of a message that was not sent. */
export interface OutboxOwner<Out> { dropped(message: Out, why: DropCause): void }

/** The messages that wait, oldest first. Holds and measures; what becomes of a message is told to its owner. */
export class Outbox<Out> {
  readonly #limits: Outgoing;
  readonly #measure: (message: Out) => number;
  readonly #owner: OutboxOwner<Out>;
  #entries: Entry<Out>[] | undefined;
  #first = 0;
  #bytes = 0;

  constructor(limits: Outgoing, measure: (message: Out) => number, owner: OutboxOwner<Out>) {
    this.#limits = limits;
    this.#measure = measure;
    this.#owner = owner;
  }

  get length(): number {
    return (this.#entries?.length ?? 0) - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the message, or drops by the overflow rule. False: refused, nothing was taken. */
  offer(message: Out, now: Millis): boolean {
    const size = this.#measure(message);
    if (this.#fits(size)) return this.#take(message, size, now);
    if (this.#limits.overflow === "reject") return false;
    const hopeless = this.#limits.maxMessages < 1 || size > this.#limits.maxBytes;
    if (this.#limits.overflow === "dropNewest" || hopeless) {
      this.#owner.dropped(message, "overflow");
      return true;
    }
    const victims: Out[] = [];
    while (!this.#fits(size)) victims.push(this.#shift());
    this.#take(message, size, now);
    for (const victim of victims) this.#owner.dropped(victim, "overflow");
    return true;
  }

  /** True when a message of this kind would be taken without dropping anything. */
  hasRoom(message: Out): boolean {
    return this.#fits(this.#measure(message));
  }

  /** Sends what waits, oldest first, until `send` says false. True when it never did. */
  flush(send: (message: Out) => boolean): boolean {
    while (this.length > 0) {
      if (!send(this.#shift())) return false;
    }
    return true;
  }

  /** When the oldest message expires. */
  get expiresAt(): Millis {
    return this.#entries?.[this.#first]?.expiresAt ?? Infinity;
  }

  expire(now: Millis): void {
    while (this.expiresAt <= now) this.#owner.dropped(this.#shift(), "expired");
  }

  /** Gives up on everything that waits. */
  clear(): void {
    while (this.length > 0) this.#owner.dropped(this.#shift(), "closed");
  }

  #fits(size: number): boolean {
    return this.length < this.#limits.maxMessages && this.#bytes + size <= this.#limits.maxBytes;
  }

  #take(message: Out, size: number, now: Millis): true {
    this.#entries ??= [];
    this.#entries.push({ message, size, expiresAt: now + this.#limits.ttl });
    this.#bytes += size;
    return true;
  }

  /** The caller has seen that there is one. */
  #shift(): Out {
    const entries = this.#entries as Entry<Out>[];
    const entry = entries[this.#first] as Entry<Out>;
    this.#first += 1;
    this.#bytes -= entry.size;
    if (this.#first === entries.length || this.#first > 1024) {
      this.#entries = this.#first === entries.length ? undefined : entries.slice(this.#first);
      this.#first = 0;
    }
    return entry.message;
  }
}

/** Bytes a message counts for where the protocol does not say. */
export function measure(message: unknown): number {
  if (typeof message === "string") return message.length;
  return message instanceof Uint8Array ? message.byteLength : 0;
}
