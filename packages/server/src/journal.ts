import type { Logger } from "@holdfast/core";
import type { ServerEvents } from "./server-events.ts";

const quiet = new Set(["closed", "requested", "drained", "replaced"]);

/** Writes down what a server tells. */
export class Journal {
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  record<Name extends keyof ServerEvents<unknown, unknown>>(event: Name, payload: unknown): void {
    if (this.#logger === undefined) return;
    const details: Record<string, unknown> = { ...(payload as Record<string, unknown> | undefined) };
    const { peer, error, cause, remote, endpoint } = details;
    if (isNamed(peer)) Object.assign(details, { peer: peer.id, remote: peer.remote.label });
    if (isLabelled(remote)) details["remote"] = remote.label;
    if (isLabelled(endpoint)) details["endpoint"] = endpoint.label;
    if (error instanceof Error) details["error"] = error.message;
    const level = event === "refused" || (event === "peerGone" && !quiet.has(String(cause))) ? "warn" : "info";
    try {
      this.#logger({ ...details, level, event, message: error instanceof Error ? `${event}: ${error.message}` : event });
    } catch {
      // A logger that throws must not break what it watches.
    }
  }
}

function isLabelled(value: unknown): value is { readonly label: string } {
  return typeof value === "object" && value !== null && "label" in value;
}

function isNamed(value: unknown): value is { readonly id: unknown; readonly remote: { readonly label: string } } {
  return typeof value === "object" && value !== null && "id" in value && "remote" in value;
}
