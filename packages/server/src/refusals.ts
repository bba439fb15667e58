import type { Channel, Clock, Farewell, HoldfastError, Millis } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";

/** How long a channel that is turned away may take to close. */
const patience: Millis = 1_000;
/** Most channels that are turned away politely at once. In a flood the others are cut without a word, which costs nothing. */
const maxPolite = 64;

/** Channels that are turned away at the door. They get a reason where there is time for it, and are never just left standing. */
export class Refusals {
  readonly #clock: Clock;
  readonly #emptied: () => void;
  readonly #alarm: LazyAlarm;
  /** With the moment of the cut, earliest first. */
  readonly #channels = new Map<Channel, Millis>();

  constructor(clock: Clock, emptied: () => void) {
    this.#clock = clock;
    this.#emptied = emptied;
    this.#alarm = new LazyAlarm(clock, () => { this.#expire(); });
  }

  get size(): number {
    return this.#channels.size;
  }

  turnAway(channel: Channel, farewell: Farewell, error: HoldfastError): void {
    if (this.#channels.size >= maxPolite) {
      channel.abort(error);
      return;
    }
    const until = this.#clock.now() + patience;
    this.#channels.set(channel, until);
    // What it sends is read and forgotten: unread bytes would make the system answer with a reset, which can overtake the farewell.
    channel.receive({ frame: nothing, drained: nothing, pong: nothing, closed: () => { this.#closed(channel); } });
    channel.close(farewell);
    this.#alarm.set(until);
  }

  /** Cuts them all now. */
  cut(error: Error): void {
    for (const channel of this.#channels.keys()) channel.abort(error);
  }

  #closed(channel: Channel): void {
    this.#channels.delete(channel);
    if (this.#channels.size > 0) return;
    this.#alarm.clear();
    this.#emptied();
  }

  #expire(): void {
    for (const [channel, until] of this.#channels) {
      if (until > this.#clock.now()) {
        this.#alarm.set(until);
        return;
      }
      channel.abort(new Error("it was turned away and did not close"));
    }
  }
}

function nothing(): void { /* Nobody is interested. */ }
