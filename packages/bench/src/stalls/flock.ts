import { Link, type HeartbeatOptions, type HeartbeatPreset } from "@holdfast/core";
import { protocolOf, transportOf, uriOf, type Kind } from "../detect/case.ts";
import { monotonic } from "../monotonic.ts";

/** Several links that are watched, and what became of them. */
export class Flock {
  readonly #links: Link<string, string>[] = [];
  /** When each lost its connection, by number of the link. */
  readonly lostAt = new Map<number, number>();
  /** How many pings went unanswered. */
  missed = 0;
  readonly #allLost = Promise.withResolvers<void>();

  /** Resolves when all are connected. */
  async gather(where: readonly { readonly kind: Kind; readonly port: number }[], heartbeat: HeartbeatPreset | HeartbeatOptions): Promise<void> {
    await Promise.all(where.map(async ({ kind, port }, at) => {
      const link = new Link<string, string>({ endpoints: uriOf(kind, port), transports: [transportOf(kind)], protocol: protocolOf(kind), heartbeat, backoff: { delay: () => 600_000 }, logger: false });
      this.#links.push(link);
      link.on("missed", () => { this.missed += 1; });
      link.on("disconnected", ({ cause }) => {
        if (cause === "requested") return; // By us.
        this.lostAt.set(at, monotonic());
        link.abort();
        if (this.lostAt.size === where.length) this.#allLost.resolve();
      });
      await link.open();
    }));
  }

  /** Resolves when the last one has lost its connection, or after so long. */
  async allLost(most: number): Promise<void> {
    const timer = setTimeout(() => { this.#allLost.resolve(); }, most);
    await this.#allLost.promise;
    clearTimeout(timer);
  }

  disperse(): void {
    for (const link of this.#links) link.abort();
  }
}
