import type { Closed, Disconnected, Failed, Link, Migrated, Waiting } from "@holdfast/core";

/** What a session learns from its link. */
export interface LinkHearer {
  disconnected(event: Disconnected): void;
  failed(event: Failed): void;
  waiting(event: Waiting): void;
  migrated(event: Migrated): void;
  /** The link ended by itself. */
  gaveUp(event: Closed): void;
  /** There was nobody to talk to. */
  unreachable(endpoint: string): void;
  /** Every endpoint was dialled since the last time. */
  lapFailed(): void;
}

/** Listens to a link for as long as it is the session's, and finds out when a lap over the list is over. */
export class LinkWatch {
  readonly #hearer: LinkHearer;
  /** Endpoints that were dialled in this lap. */
  #lap = new Set<string>();
  /** Dialled, and no channel came of it yet. */
  #dialling: string | undefined;
  #over = false;

  constructor(link: Link<never, never>, hearer: LinkHearer) {
    this.#hearer = hearer;
    link.on("connecting", ({ endpoint }) => { this.#dialled(endpoint); });
    link.on("failed", (event) => { this.#failed(event); });
    link.on("waiting", (event) => { this.#waits(event); });
    link.on("connected", () => { this.#lap.clear(); });
    link.on("disconnected", (event) => { if (!this.#over) hearer.disconnected(event); });
    link.on("migrated", (event) => { if (!this.#over) hearer.migrated(event); });
    link.on("closed", (event) => { if (!this.#over) hearer.gaveUp(event); });
  }

  /** A channel came of the dial. */
  dialled(): void {
    this.#dialling = undefined;
  }

  /** The session has let go of the link: what it says is of no interest any more. */
  end(): void {
    this.#over = true;
  }

  #dialled(endpoint: string): void {
    if (this.#over) return;
    // Without a wait between two laps nothing but the order of the dials shows that one is over.
    if (this.#lap.has(endpoint)) this.#lapped();
    this.#lap.add(endpoint);
    this.#dialling = endpoint;
  }

  #failed(event: Failed): void {
    if (this.#over) return;
    if (this.#dialling === event.endpoint) this.#hearer.unreachable(event.endpoint);
    this.#dialling = undefined;
    this.#hearer.failed(event);
  }

  #waits(event: Waiting): void {
    if (this.#over) return;
    this.#lapped();
    this.#hearer.waiting(event);
  }

  #lapped(): void {
    this.#lap.clear();
    this.#hearer.lapFailed();
  }
}
