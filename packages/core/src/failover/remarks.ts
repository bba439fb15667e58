import type { Logger } from "../link/logger.ts";

/** What is to be said of a list while it is used. A logger hears all of it; the console, where there is none, each kind once. */
export class Remarks {
  readonly #logger: Logger | false | undefined;
  readonly #said = new Set<string>();

  constructor(logger: Logger | false | undefined) {
    this.#logger = logger;
  }

  say(event: string, message: string): void {
    const known = this.#said.has(event);
    this.#said.add(event);
    if (this.#logger) tell(this.#logger, event, message);
    else if (this.#logger === undefined && !known) console.warn(`holdfast: ${message}. Set a \`logger\` to hear of it again, or logger: false for silence.`);
  }
}

function tell(logger: Logger, event: string, message: string): void {
  try {
    logger({ level: "warn", event, message });
  } catch {
    // A logger that throws must not break what it watches.
  }
}
