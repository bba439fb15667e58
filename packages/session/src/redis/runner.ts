import { StoreError } from "../store/store-error.ts";
import type { Argument, RedisClient, RedisCommands } from "./client.ts";
import { failure, noAnswer } from "./failure.ts";
import type { Script } from "./scripts/script.ts";

/** What Redis answers: bulk strings as bytes, integers as numbers. */
export type Reply = Buffer | number | null | readonly Reply[];

/** Calls of one script that are under way. `held`: one of them was told that the script is not known, so later ones wait until all of them know. */
interface Flight { count: number; held: PromiseWithResolvers<void> | undefined }

/** Runs scripts, each in the order of its calls. One that Redis does not know yet is sent along, once for each server. */
export class Runner {
  readonly #commands: RedisCommands;
  readonly #timeout: number;
  readonly #flights: Map<Script, Flight> = new Map();

  constructor(client: RedisClient, timeout: number) {
    this.#commands = client.withTypeMapping({ 36: Buffer });
    this.#timeout = timeout;
  }

  /** The answer as a list. Rejects with a `StoreError`. */
  run(script: Script, keys: string[], args: Argument[]): Promise<readonly Reply[]> {
    return this.within(script.name, this.#ask(script, keys, args) as Promise<readonly Reply[]>); // Each script answers with a list.
  }

  /** What the task gives, if it does in the time of one call. Rejects with a `StoreError`. */
  async within<Value>(call: string, task: Promise<Value>): Promise<Value> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#timeout === Infinity ? undefined : setTimeout(() => { reject(noAnswer(call, this.#timeout)); }, this.#timeout);
    try {
      return await Promise.race([task, late]);
    } catch (error) {
      throw error instanceof StoreError ? error : failure(call, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(script: Script, keys: string[], args: Argument[]): Promise<unknown> {
    const options = { keys, arguments: args };
    const flight = this.#flight(script);
    // Or it would overtake those that have to be sent again with the script.
    while (flight.held !== undefined) await flight.held.promise;
    flight.count += 1;
    try {
      return await this.#commands.evalSha(script.sha1, options);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      flight.held ??= Promise.withResolvers();
      return this.#commands.eval(script.text, options); // Sent now; its answer is not waited for here.
    } finally {
      flight.count -= 1;
      if (flight.count === 0) release(flight);
    }
  }

  #flight(script: Script): Flight {
    let flight = this.#flights.get(script);
    if (flight === undefined) this.#flights.set(script, flight = { count: 0, held: undefined });
    return flight;
  }
}

function release(flight: Flight): void {
  const { held } = flight;
  flight.held = undefined;
  held?.resolve();
}
