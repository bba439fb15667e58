import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Station } from "./station.ts";
import type { Asked, StationOrder, Told } from "./station-process.ts";

/** Nothing needs to be built first. */
const execArgv = ["--conditions=@holdfast/source", "--expose-gc"];

/** A module of ours in a process of its own, and what it says next. */
export function forked(module: string, order: object): ChildProcess {
  return fork(new URL(module, import.meta.url), [JSON.stringify(order)], { execArgv });
}

/** Rejects when the process ends without a word. */
export async function heard<Said>(child: ChildProcess): Promise<Said> {
  const stop = new AbortController();
  try {
    const message = once(child, "message", stop).then(([said]) => said as Said); // Both sides agree on what they say.
    const exit = once(child, "exit", stop).then(([code]) => { throw new Error(`the process ended with ${String(code)} before it had an answer`); });
    message.catch(() => undefined);
    exit.catch(() => undefined);
    return await Promise.race([message, exit]);
  } finally {
    stop.abort();
  }
}

export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** A station in a process of its own: kills are `kill -9`. */
export class RemoteStation implements Station, AsyncDisposable {
  readonly #order: StationOrder;
  #child: ChildProcess | undefined;
  uri = "";

  constructor(order: StationOrder) {
    this.#order = order;
  }

  async start(): Promise<void> {
    this.#child = forked("./station-process.ts", this.#order);
    const told = await heard<Told>(this.#child);
    if ("listening" in told) this.uri = told.listening;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await killed(child);
  }

  async killAtEffect(): Promise<void> {
    if (this.#child === undefined) throw new Error("this station does not run");
    const caught = heard<Told>(this.#child);
    this.#child.send("catch" satisfies Asked);
    await caught;
    await this.kill();
  }

  /** It stands still with all its connections open. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
