import type { Clock, Millis } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";
import type { Answer, SessionId } from "../store/store.ts";
import { whenAnswered } from "./answered.ts";

export interface ExpiryOwner {
  readonly clock: Clock;
  /** How often to ask. */
  readonly every: Millis;
  /** The least time that clients get after we have stood still: their pings are read and renew their sessions in it. */
  readonly grace: Millis;
  expire(limit: number): Answer<readonly SessionId[]>;
  expired(ids: readonly SessionId[]): void;
  failed(error: unknown): void;
  /** Called each time that nothing has stood still. */
  tick(now: Millis): void;
}

/** Sessions that the store ends in one call: 3 ms of work, between which everybody else has a turn. */
const batch = 250;
/** An alarm that is later than this has not rung late: the process stood still. */
const patience: Millis = 250;

/**
 * Asks the store again and again to end what nobody has renewed. An alarm that comes much too late proves that this process stood still, and that its clients'
 * pings wait unread: then it has the sockets read, and asks no sooner than so much later, so that nobody loses a session for our sleep. A loop that is a little
 * late each time still expires: only the first of such delays in a row counts.
 */
export class Expiry {
  readonly #owner: ExpiryOwner;
  readonly #alarm: LazyAlarm;
  #dueAt: Millis;
  /** Not before this is anything expired. */
  #pausedUntil: Millis = -Infinity;
  #asking = false;
  #lateBefore = false;
  #stopped = false;

  constructor(owner: ExpiryOwner) {
    this.#owner = owner;
    this.#alarm = new LazyAlarm(owner.clock, () => { this.#rang(); });
    this.#dueAt = owner.clock.now() + owner.every;
    this.#alarm.set(this.#dueAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm.clear();
  }

  #rang(): void {
    const { clock, grace } = this.#owner;
    const late = clock.now() - this.#dueAt;
    const chronic = this.#lateBefore && late < grace;
    this.#lateBefore = late > patience;
    if (!this.#lateBefore) return this.#look();
    if (!chronic) this.#pause(Math.max(late, grace));
    const rangAt = clock.now();
    clock.turn(() => {
      // It may have stood still once more, before a socket was read.
      const lost = clock.now() - rangAt;
      if (lost >= grace) this.#pause(lost);
      this.#look();
    });
  }

  #pause(time: Millis): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#owner.clock.now() + time);
  }

  #look(): void {
    if (this.#stopped) return;
    const { clock, every } = this.#owner;
    const now = clock.now();
    if (now >= this.#pausedUntil) {
      this.#ask();
      this.#owner.tick(now);
    }
    this.#dueAt = now + every;
    this.#alarm.set(this.#dueAt);
  }

  #ask(): void {
    if (this.#asking || this.#stopped) return;
    this.#asking = true;
    whenAnswered(() => this.#owner.expire(batch), (ids) => {
      if (ids.length > 0) this.#owner.expired(ids);
      if (ids.length < batch) this.#asking = false;
      else this.#owner.clock.turn(() => { this.#goOn(); }); // Who lives is served in between.
    }, (error) => {
      this.#asking = false;
      this.#owner.failed(error);
    });
  }

  #goOn(): void {
    this.#asking = false;
    this.#ask();
  }
}
