import { exponential, type Clock, type Random } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import { canWrite, type Inquirer } from "./inquiry.ts";
import type { ServerList } from "./server-list.ts";

/** Looks for a server with a quorum while we are on one without: one server at a time, every 100 ms at first and every minute in the end (as `ClientCnxn.pingRwServer`). */
export class ReadWriteSearch {
  readonly #servers: ServerList;
  readonly #inquirer: Inquirer;
  readonly #random: Random;
  #ended: AbortController | undefined;

  constructor(servers: ServerList, inquirer: Inquirer, random: Random) {
    this.#servers = servers;
    this.#inquirer = inquirer;
    this.#random = random;
  }

  /** Calls `found` once, with the address, unless it is stopped before. */
  start(current: string, found: (address: string) => void): void {
    this.stop();
    const ended = (this.#ended = new AbortController());
    const { signal } = ended;
    const others = this.#servers.addresses.filter((address) => address !== current);
    const candidates = others.length > 0 ? others : [current];
    const clock: Clock = this.#inquirer.clock;
    const once = async ({ attempt }: { readonly attempt: number }): Promise<string> => {
      const address = candidates[(attempt - 1) % candidates.length] as string; // Never empty.
      if (await canWrite(this.#servers.uri(address), this.#inquirer, signal)) return address;
      throw new Error(`${address} has no quorum`);
    };
    retry(once, { retries: Infinity, backoff: exponential({ initial: 100, max: 60_000, jitter: "none" }), signal, clock, random: this.#random }).then(
      (address) => { if (!signal.aborted) found(address); },
      () => { /* Stopped. */ },
    );
  }

  stop(): void {
    this.#ended?.abort();
    this.#ended = undefined;
  }
}
