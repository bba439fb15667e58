import { StoreError } from "../store/store-error.ts";
import type { Argument, RedisClient, RedisCommands } from "./client.ts";
import { failure, noAnswer } from "./failure.ts";
import type { Script } from "./scripts/script.ts";

/** What Redis answers: bulk strings as bytes, integers as numbers. */
export type Reply = Buffer | number | null | readonly Reply[];

/** Runs scripts. One that Redis does not know yet is sent along, once for each server. */
export class Runner {
  readonly #commands: RedisCommands;
  readonly #timeout: number;

  constructor(client: RedisClient, timeout: number) {
    this.#commands = client.withTypeMapping({ 36: Buffer });
    this.#timeout = timeout;
  }

  /** The answer as a list. Rejects with a `StoreError`. */
  async run(script: Script, keys: string[], args: Argument[]): Promise<readonly Reply[]> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#timeout === Infinity ? undefined : setTimeout(() => { reject(noAnswer(script.name, this.#timeout)); }, this.#timeout);
    try {
      return await Promise.race([this.#ask(script, keys, args), late]) as readonly Reply[]; // Each script answers with a list.
    } catch (error) {
      throw error instanceof StoreError ? error : failure(script.name, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    const options = { keys, arguments: args };
    try {
      return await this.#commands.evalSha(script.sha1, options);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return this.#commands.eval(script.text, options);
    }
  }
}
