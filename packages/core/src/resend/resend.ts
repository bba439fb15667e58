/**
 * The memory of messages that were sent and that nobody has confirmed, for links that send them again after a loss (`outbox.resend`).
 *
 * One queue: first what was sent on the channel in use, then what an earlier channel did not confirm and this one has not been given yet. A
 * peer confirms in order, so of what was sent the last `unconfirmed` are open and all before them are done with. What exceeds the
 * limits leaves at the front: first what is confirmed already and was not given back yet, then the oldest, which are the likeliest to have arrived.
 */
import { OptionError } from "../errors/option-error.ts";
import { atLeast } from "../policy/bounds.ts";
import type { Confirming, InFlight, Mouth, Resend } from "../ports/resend.ts";
import type { Millis } from "../ports/clock.ts";

export interface ResendOptions {
  /** Most bytes in flight that are remembered, as the protocol measures them. At least 1. @default 131072 */
  readonly maxBytes?: number;
  /** Most messages. At least 1. @default 16384 */
  readonly maxMessages?: number;
}

/**
 * For `outbox.resend` of any number of links: messages in flight that a lost channel did not confirm are sent again on the next one, before
 * what waits. At least once: some may have arrived. What exceeds the limits is forgotten, oldest first, and reported at a loss.
 */
export function resend({ maxBytes = 131_072, maxMessages = 16_384 }: ResendOptions = {}): Resend {
  const limits = { maxBytes: atLeast("maxBytes", maxBytes, 1), maxMessages: atLeast("maxMessages", maxMessages, 1) };
  return {
    start(link) {
      checkConfirmed(link);
      return new Memory(limits, link.measure);
    },
  };
}

/** Where nothing is ever confirmed everything would be sent again, at every loss. */
function checkConfirmed({ replays, heartbeat, mute }: Confirming): void {
  const refuse = (why: string): never => { throw new OptionError("outbox.resend", `left out here, because ${why}`); };
  if (replays) refuse("the protocol itself sends again what was not confirmed");
  if (heartbeat?.mode !== "round-trip") refuse("without a heartbeat that is answered nobody confirms anything, and every message would be sent again");
  if (mute !== undefined) refuse(`nobody can ping over ${mute}, so nobody confirms anything, and every message would be sent again`);
}

interface Entry<Out> { readonly message: Out; readonly size: number; /** While it waits to be sent again. */ expiresAt: Millis }

class Memory<Out> implements InFlight<Out> {
  readonly #limits: Required<ResendOptions>;
  readonly #measure: (message: Out) => number;
  #queue: Entry<Out>[] = [];
  #bytes = 0;
  /** So many of the queue were sent on the channel in use. */
  #sent = 0;
  /** No entry that waits expires earlier. */
  #expiresAt: Millis = Infinity;

  constructor(limits: Required<ResendOptions>, measure: (message: Out) => number) {
    this.#limits = limits;
    this.#measure = measure;
  }

  /** What is to be sent again. */
  get waiting(): { readonly messages: number; readonly bytes: number } {
    const entries = this.#queue.slice(this.#sent);
    return { messages: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
  }

  get expiresAt(): Millis {
    return this.#expiresAt;
  }

  /** Sends a new message and remembers it. It stands before those that wait: what is said in `connected` goes out first. */
  say(wire: Mouth<Out>, message: Out): boolean {
    const entry: Entry<Out> = { message, size: this.#measure(message), expiresAt: Infinity };
    this.#queue.splice(this.#sent, 0, entry); // First: the channel may end inside the send, and then it is recalled.
    this.#sent += 1;
    this.#bytes += entry.size;
    while (this.#bytes > this.#limits.maxBytes || this.#queue.length > this.#limits.maxMessages) this.#remove(0);
    try {
      return wire.say(message);
    } catch (error) {
      this.#remove(this.#queue.indexOf(entry));
      throw error;
    }
  }

  /** Sends what waits to be sent again, oldest first, until `goesOn` says false. True when it never did. */
  resend(wire: Mouth<Out>, goesOn: (more: boolean) => boolean, unsendable: (message: Out, error: unknown) => void): boolean {
    for (let entry = this.#queue[this.#sent]; entry !== undefined; entry = this.#queue[this.#sent]) {
      this.#sent += 1;
      let more = true;
      try {
        more = wire.say(entry.message);
      } catch (error) {
        this.#remove(this.#queue.indexOf(entry));
        unsendable(entry.message, error);
      }
      if (!goesOn(more)) return false;
    }
    this.#expiresAt = Infinity;
    return true;
  }

  /** The peer has everything but the last so many. */
  settle(unconfirmed: number): void {
    const done = this.#sent <= unconfirmed ? [] : this.#queue.splice(0, this.#sent - unconfirmed);
    this.#sent -= done.length;
    for (const { size } of done) this.#bytes -= size;
  }

  /** The channel is over. What it did not confirm, as far as it is remembered, waits to be sent again: so many messages. */
  recall(unconfirmed: number, expiresAt: Millis): number {
    this.settle(unconfirmed);
    const recalled = this.#sent;
    for (const entry of this.#queue.slice(0, recalled)) entry.expiresAt = expiresAt;
    this.#expiresAt = Math.min(this.#expiresAt, recalled === 0 ? Infinity : expiresAt);
    this.#sent = 0;
    return recalled;
  }

  /** Gives up on what has waited until `now`. */
  expire(now: Millis): readonly Out[] {
    if (this.#expiresAt > now) return [];
    const late = this.#queue.filter((entry, index) => index >= this.#sent && entry.expiresAt <= now);
    for (const entry of late) this.#remove(this.#queue.indexOf(entry));
    this.#expiresAt = this.#queue.slice(this.#sent).reduce((at, entry) => Math.min(at, entry.expiresAt), Infinity);
    return late.map(({ message }) => message);
  }

  #remove(index: number): void {
    const [entry] = index < 0 ? [] : this.#queue.splice(index, 1);
    if (entry === undefined) return;
    this.#bytes -= entry.size;
    if (index < this.#sent) this.#sent -= 1;
  }
}
