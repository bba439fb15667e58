import { describe, expect, it } from "vitest";
import { Runner } from "../../src/redis/runner.ts";
import { script } from "../../src/redis/scripts/script.ts";
import type { RedisClient, RedisCommands } from "../../src/redis/client.ts";

interface Request { readonly what: "eval" | "evalSha"; readonly name: string; readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }

/** A server at the other end of one connection: it takes requests in order, and each answer comes when the test says so. */
class Wire {
  readonly done: string[] = [];
  readonly #requests: Request[] = [];
  #known = false;

  readonly client: RedisClient = {
    withTypeMapping: (): RedisCommands => ({
      eval: (_, { arguments: [name] }) => this.#ask("eval", String(name)),
      evalSha: (_, { arguments: [name] }) => this.#ask("evalSha", String(name)),
    }),
    duplicate: () => { throw new Error("nobody asks for news here"); },
  };

  /** Takes the next request; what is returned delivers the answer. */
  take(): () => Promise<void> {
    const { what, name, resolve, reject } = this.#requests.shift() as Request; // The test knows that there is one.
    this.#known ||= what === "eval";
    if (this.#known) this.done.push(name);
    const answer = this.#known ? (): void => { resolve([name]); } : (): void => { reject(new Error("NOSCRIPT no such script")); };
    return async () => {
      answer();
      await new Promise((turn) => { setImmediate(turn); });
    };
  }

  get waiting(): number {
    return this.#requests.length;
  }

  #ask(what: Request["what"], name: string): Promise<unknown> {
    return new Promise((resolve, reject) => { this.#requests.push({ what, name, resolve, reject }); });
  }
}

describe("Calls of one script", () => {
  it("happen in the order in which they were made, also where Redis does not know the script yet", async () => {
    const wire = new Wire();
    const runner = new Runner(wire.client, Infinity);
    const append = script("append", "return {}");
    const call = (name: string): Promise<unknown> => runner.run(append, [], [name]);
    const calls = [call("one"), call("two")];
    const [first, second] = [wire.take(), wire.take()];
    await first(); // "one" is sent again with the script, and the answer to "two" is still on its way.
    const sentAgain = wire.take();
    calls.push(call("three"));
    await sentAgain();
    while (wire.waiting > 0) await wire.take()();
    await second();
    while (wire.waiting > 0) await wire.take()();
    await Promise.all(calls);
    expect(wire.done).toEqual(["one", "two", "three"]);
  });
});
