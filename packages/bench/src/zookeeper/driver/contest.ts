import { setTimeout as sleep } from "node:timers/promises";
import { settled, type MakeSession, type Session } from "./session.ts";

export interface HoldOrder { readonly servers: string; readonly timeout: number; readonly ticket?: string }
export interface WriteOrder { readonly path: string; readonly every: number; readonly milliseconds: number }
export interface Contest {
  /** Times it was attached again after a loss. */
  readonly reconnects: number;
  readonly written: number;
  /** What writes failed with, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Why the session is over, if it is. */
  readonly over: string | null;
}

/** One of two that hold the same session. */
export class Holder {
  readonly session: Session;
  #attached = 0;
  #over: string | null = null;

  constructor(make: MakeSession, { servers, timeout, ticket }: HoldOrder) {
    this.session = make({ servers, timeout, ...(ticket !== undefined && { ticket }), hearer: {
      lost: () => { /* What counts is that it comes back. */ },
      attached: () => { this.#attached += 1; },
      over: (code) => { this.#over ??= code; },
    } });
  }

  async write({ path, every, milliseconds }: WriteOrder): Promise<Contest> {
    const before = this.#attached;
    const errors: Record<string, number> = {};
    let written = 0;
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      void settled((done) => { this.session.set(path, Buffer.alloc(8), done); }).then(() => { written += 1; }, (error: unknown) => { errors[nameOf(error)] = (errors[nameOf(error)] ?? 0) + 1; });
      await sleep(every);
    }
    return { reconnects: this.#attached - before, written, errors, over: this.#over };
  }
}

function nameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }; // Each client has its own errors.
  return typeof code === "string" ? code : String(name ?? error);
}
