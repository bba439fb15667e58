import type { Failed, Link, Waiting } from "@holdfast/core";
import type { Chronicle } from "./chronicle.ts";
import type { ClientMachine } from "./client-machine.ts";

/** Whom a link's news concern. */
export interface Watcher {
  readonly machine: ClientMachine;
  readonly chronicle: Chronicle;
  step(task: () => void): void;
}

/** Listens to a link for as long as it is the session's, and finds out when a lap over the list is over. */
export class LinkWatch {
  readonly #watcher: Watcher;
  /** Endpoints that were dialled in this lap. */
  readonly #lap = new Set<string>();
  /** Dialled, and no channel came of it yet. */
  #dialling: string | undefined;
  #over = false;

  constructor(link: Link<never, never>, watcher: Watcher) {
    this.#watcher = watcher;
    const { chronicle, machine } = watcher;
    link.on("connecting", ({ endpoint }) => { this.#step(() => { this.#dialled(endpoint); }); });
    link.on("failed", (event) => { this.#step(() => { this.#failed(event); }); });
    link.on("waiting", (event) => { this.#step(() => { this.#waits(event); }); });
    link.on("connected", () => { this.#lap.clear(); });
    link.on("disconnected", (event) => { this.#step(() => { chronicle.disconnected(event); }); });
    link.on("migrated", (event) => { this.#step(() => { chronicle.migrated(event); }); });
    link.on("closed", ({ cause, error }) => {
      this.#step(() => {
        chronicle.linkError = error;
        machine.gaveUp(cause === "exhausted" ? "exhausted" : "refused");
      });
    });
  }

  /** A channel came of the dial. */
  dialled(): void {
    this.#dialling = undefined;
  }

  /** The session has let go of the link: what it says is of no interest any more. */
  end(): void {
    this.#over = true;
  }

  #step(task: () => void): void {
    if (!this.#over) this.#watcher.step(task);
  }

  #dialled(endpoint: string): void {
    // Without a wait between two laps nothing but the order of the dials shows that one is over.
    if (this.#lap.has(endpoint)) this.#lapped();
    this.#lap.add(endpoint);
    this.#dialling = endpoint;
  }

  #failed(event: Failed): void {
    if (this.#dialling === event.endpoint) this.#watcher.machine.unreachable(event.endpoint);
    this.#dialling = undefined;
    this.#watcher.chronicle.failed(event);
  }

  #waits(event: Waiting): void {
    this.#lapped();
    this.#watcher.chronicle.waiting(event);
  }

  #lapped(): void {
    this.#lap.clear();
    this.#watcher.machine.lapFailed();
  }
}
