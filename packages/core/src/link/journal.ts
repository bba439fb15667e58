import { ConnectError } from "../errors/connect-error.ts";
import type { HoldfastError } from "../errors/holdfast-error.ts";
import type { Millis } from "../ports/clock.ts";
import type { Failed } from "./events.ts";
import type { Logger, LogRecord } from "./logger.ts";

/** Most failures kept for the story of a lap. */
const longest = 16;

const none: readonly never[] = [];

/** Writes down what a link tells, and speaks up once when nobody else would: a whole lap failed and nobody listens. */
export class Journal {
  readonly #logger: Logger | false | undefined;
  readonly #warnAfter: number | undefined;
  #failures: readonly Failed[] = none;
  #warned = false;
  /** Laps that failed since the last connection. */
  #laps = 0;

  /** `warnAfter`: warn at the first lap and at every multiple of it; undefined: once, where nobody listens. */
  constructor(logger: Logger | false | undefined, warnAfter: number | undefined) {
    this.#logger = logger;
    this.#warnAfter = warnAfter;
  }

  record(event: string, payload: unknown): void {
    if (event === "failed") this.#failures = [...this.#failures, payload as Failed].slice(-longest); // `failed` carries a Failed.
    if (event === "connected" || event === "migrated") {
      this.#failures = none;
      this.#laps = 0;
    }
    if (!this.#logger) return;
    const details = { ...(payload as Record<string, unknown> | undefined) };
    delete details["message"]; // A user's message is not ours to log.
    const { error } = details;
    if (error instanceof Error) details["error"] = error.message;
    const level = event === "disconnected" || event === "dropped" || event === "failed" ? "warn" : event === "missed" || event === "drained" ? "debug" : "info";
    this.#write({ ...details, level, event, message: error instanceof Error ? `${event}: ${error.message}` : event });
  }

  /** A lap ended without a connection. */
  lap(heard: boolean, delay: Millis): void {
    if (this.#failures.length === 0) return;
    this.#laps += 1;
    if (this.#logger === false || !this.#isDue(heard)) return;
    this.#warned = true;
    const message = `no endpoint answered (${this.#story()}): trying again in ${Math.round(delay)} ms, and so on until one does. Listen to 'waiting' to handle this yourself, or set logger: false for silence.`;
    if (this.#logger) this.#write({ level: "warn", event: "unreachable", message });
    else console.warn(`holdfast: ${message}`);
  }

  #isDue(heard: boolean): boolean {
    const every = this.#warnAfter;
    return every === undefined ? !heard && !this.#warned : every > 0 && (this.#laps === 1 || this.#laps % every === 0);
  }

  /** All attempts are used up. `cause`: the last straw, where there is an error for it. */
  gaveUp(cause: HoldfastError | undefined): HoldfastError {
    const last = this.#failures.at(-1);
    const story = this.#story() || cause?.message || "no attempt is left";
    return new ConnectError("HF_GAVE_UP", last?.endpoint ?? "", `no endpoint could be reached (${story}): raise maxAttempts, maxRounds or giveUpAfter to try for longer`, { next: "stop", cause: cause ?? last?.error });
  }

  #story(): string {
    const latest = new Map(this.#failures.map(({ endpoint, error }) => [endpoint, error.message]));
    return [...latest.values()].join("; ");
  }

  #write(record: LogRecord): void {
    try {
      if (this.#logger) this.#logger(record);
    } catch {
      // A logger that throws must not break what it watches.
    }
  }
}
