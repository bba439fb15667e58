import type { Failed, Logger, Millis } from "@holdfast/core";

/** Speaks up once when a whole lap over the list failed and nobody listens: silence would look as if all were well. */
export class Alert {
  readonly #logger: Logger | false | undefined;
  readonly #failures = new Map<string, string>();
  #given = false;

  constructor(logger: Logger | false | undefined) {
    this.#logger = logger;
  }

  failed({ endpoint, error }: Failed): void {
    if (!this.#given) this.#failures.set(endpoint, error.message);
  }

  /** What failed before is no news any more. */
  attached(): void {
    this.#failures.clear();
  }

  /** Where nothing failed there is nothing to tell: servers took the session, and died. */
  lap(heard: boolean, delay: Millis): void {
    if (heard || this.#given || this.#logger === false || this.#failures.size === 0) return;
    this.#given = true;
    const message = `no endpoint serves the session (${[...this.#failures.values()].slice(-16).join("; ")}): trying again in ${Math.round(delay)} ms, and so on until one does. Listen to 'waiting' to handle this yourself, or set logger: false for silence.`;
    this.#failures.clear();
    if (this.#logger === undefined) console.warn(`holdfast: ${message}`);
    else this.#logger({ level: "warn", event: "unreachable", message });
  }
}
