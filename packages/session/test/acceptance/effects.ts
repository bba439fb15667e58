import type { Handle } from "../../src/keeper/index.ts";
import { Receipts } from "./receipts.ts";

/** A handler that writes a receipt for each message and answers it. Can be told to stand still between what it does and what the store hears of it. */
export class Effects implements Disposable {
  readonly #receipts: Receipts | undefined;
  #caught: ((sequence: number) => void) | undefined;

  /** Without a path there are no receipts, and nothing is waited for. */
  constructor(path?: string) {
    this.#receipts = path === undefined ? undefined : new Receipts(path);
  }

  readonly handle: Handle = (message, { session, sequence }) => {
    if (this.#receipts === undefined) return session.send(`re ${String(message)}`);
    return this.#receipts.put(session.key, sequence, String(message)).then(() => {
      const caught = this.#caught;
      this.#caught = undefined;
      caught?.(sequence);
      if (caught !== undefined) return new Promise<void>(() => { /* Whoever called stops us here for good. */ });
      session.send(`re ${String(message)}`);
    });
  };

  /** Resolves when the next message has its receipt, and is never committed by us. */
  catchOne(): Promise<number> {
    return new Promise((resolve) => { this.#caught = resolve; });
  }

  [Symbol.dispose](): void {
    this.#receipts?.[Symbol.dispose]();
  }
}
