import type { Millis } from "@holdfast/core";
import type { SessionId } from "../store/store.ts";
import type { KeptSession } from "./kept-session.ts";
import type { Seat } from "./seat.ts";

/** How many timeouts a session that is attached nowhere here is remembered: after that it is served elsewhere, or over. */
const timeoutsRemembered = 2;

/** The sessions that are attached here, or were a while ago. */
export class Seats {
  readonly #byId: Map<SessionId, Seat> = new Map();
  readonly #byKey: Map<string, Seat> = new Map();
  readonly #attached: Map<string, KeptSession> = new Map();

  /** Those attached here, by key. */
  get attached(): ReadonlyMap<string, KeptSession> {
    return this.#attached;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** By id or by key. */
  find(name: string): Seat | undefined {
    return this.#byId.get(name) ?? this.#byKey.get(name);
  }

  add(seat: Seat): void {
    this.#byId.set(seat.id, seat);
    this.#byKey.set(seat.key, seat);
  }

  attach(seat: Seat): void {
    this.#attached.set(seat.key, seat);
  }

  detach(seat: Seat): void {
    this.#attached.delete(seat.key);
  }

  forget(seat: Seat): void {
    this.detach(seat);
    this.#byId.delete(seat.id);
    this.#byKey.delete(seat.key);
  }

  /** Forgets those that were detached so long ago that they are elsewhere, or over. */
  sweep(now: Millis): void {
    for (const seat of this.#byId.values()) {
      if (seat.detachedAt + seat.timeout * timeoutsRemembered < now) this.forget(seat);
    }
  }
}
