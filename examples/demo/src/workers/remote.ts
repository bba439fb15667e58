import { Worker, parentPort, type MessagePort } from "node:worker_threads";

type Orders = Record<string, (...given: never[]) => unknown>;
interface Call { readonly id: number; readonly order: string; readonly given: readonly unknown[] }
interface Answer { readonly id: number; readonly value?: unknown; readonly error?: string }

/** A worker thread that obeys orders by name. Every answer is a promise. */
export class Remote<T extends Orders> {
  readonly #worker: Worker;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  constructor(file: string, workerData: unknown) {
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData, execArgv: process.execArgv });
    this.#worker.on("message", ({ id, value, error }: Answer) => {
      const call = this.#open.get(id);
      this.#open.delete(id);
      if (error === undefined) call?.resolve(value);
      else call?.reject(new Error(error));
    });
    this.#worker.on("error", (error) => {
      for (const call of this.#open.values()) call.reject(error);
    });
  }

  ask<Name extends keyof T & string>(order: Name, ...given: Parameters<T[Name]>): Promise<Awaited<ReturnType<T[Name]>>> {
    const call = Promise.withResolvers<unknown>();
    this.#next += 1;
    this.#open.set(this.#next, call);
    this.#worker.postMessage({ id: this.#next, order, given } satisfies Call);
    return call.promise as Promise<Awaited<ReturnType<T[Name]>>>; // The worker runs exactly this order.
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The worker's side: runs what it is asked for. */
export function obey(orders: Orders): void {
  const port = parentPort as MessagePort; // Only workers call this.
  port.on("message", ({ id, order, given }: Call) => { void answer(port, orders, id, order, given); });
}

/** Handles its own errors: they become the answer. */
async function answer(port: MessagePort, orders: Orders, id: number, order: string, given: readonly unknown[]): Promise<void> {
  try {
    const value: unknown = await orders[order]?.(...(given as never[]));
    port.postMessage({ id, value } satisfies Answer);
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
  }
}

/** Keeps this thread from doing anything else, as a busy application does. Gives the time it took, in ms. */
export function block(ms: number): number {
  const started = performance.now();
  while (performance.now() < started + ms) { /* Nothing else runs in this thread. */ }
  return performance.now() - started;
}
