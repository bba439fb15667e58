import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Two processes that share one Redis, each with an address that it keeps. */
export class Servers implements Disposable {
  readonly #redis: string;
  readonly #origin: string;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #all = new Set<ChildProcess>();
  #before: Promise<void> = Promise.resolve();
  #over = false;

  private constructor(redis: string, origin: string) {
    this.#redis = redis;
    this.#origin = origin;
  }

  /** `origin`: whose pages may connect. */
  static async start(redis: string, origin: string): Promise<Servers> {
    const servers = new Servers(redis, origin);
    await Promise.all(["ws://127.0.0.1:0", "ws://127.0.0.1:0"].map((uri) => servers.#start(uri)));
    return servers;
  }

  get uris(): readonly string[] {
    return [...this.#processes.keys()];
  }

  /** `kill -9`: nobody says goodbye. Resolves when another one has taken its place; until then no other is killed. */
  kill(uri: string): Promise<void> {
    return (this.#before = this.#before.then(() => this.#kill(uri)));
  }

  async #kill(uri: string): Promise<void> {
    const process = this.#processes.get(uri);
    if (process === undefined) return;
    process.kill("SIGKILL");
    await once(process, "exit");
    await this.#start(uri);
  }

  async #start(uri: string): Promise<void> {
    if (this.#over) return;
    const process = fork(new URL("server.ts", import.meta.url), [this.#redis, uri, this.#origin], { execArgv: ["--conditions=@holdfast/source"] });
    this.#all.add(process);
    const [ready] = (await once(process, "message")) as [string];
    this.#processes.set(ready, process);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    for (const process of this.#all) process.kill("SIGKILL");
  }
}
