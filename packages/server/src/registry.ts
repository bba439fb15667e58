import type { Millis } from "@holdfast/core";
import type { PeerId } from "./events.ts";
import type { Peer } from "./peer.ts";
import type { Visit } from "./visit.ts";

/** Who is here, and who was: peers by id, and the last sign of life of those who are gone. */
export class Registry<Out, In> {
  readonly peers: Map<PeerId, Peer<Out, In>> = new Map();
  readonly #visits = new Map<PeerId, Visit<Out, In>>();
  /** Oldest first. */
  readonly #departed = new Map<PeerId, Millis>();
  readonly #maxRemembered: number;

  constructor(maxRemembered: number) {
    this.#maxRemembered = maxRemembered;
  }

  /** Who has this identity now. */
  holder(id: PeerId): Visit<Out, In> | undefined {
    return this.#visits.get(id);
  }

  visits(): IterableIterator<Visit<Out, In>> {
    return this.#visits.values();
  }

  /** Returns when we last heard from somebody with this identity, if that is remembered. */
  enter(visit: Visit<Out, In>): Millis | undefined {
    const { id, peer } = visit;
    const departed = this.#departed.get(id);
    this.#departed.delete(id);
    this.#visits.set(id, visit);
    this.peers.set(id, peer);
    return departed;
  }

  leave(visit: Visit<Out, In>): void {
    const { id, wire } = visit;
    this.#visits.delete(id);
    this.peers.delete(id);
    if (typeof id === "number" || this.#maxRemembered === 0) return; // A number never returns.
    this.#departed.set(id, wire.heardAt);
    if (this.#departed.size <= this.#maxRemembered) return;
    for (const oldest of this.#departed.keys()) {
      this.#departed.delete(oldest);
      return;
    }
  }
}
