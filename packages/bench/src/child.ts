import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Nothing needs to be built first, whoever starts it. */
const source = "--conditions=@holdfast/source";

/** A process of its own: what is measured shares neither a heap nor a loop with what measures. */
export class Child {
  readonly #process: ChildProcess;

  constructor(module: URL, given: readonly string[]) {
    const flags = process.execArgv.filter((flag) => !flag.startsWith("--expose") && flag !== source);
    this.#process = fork(module, given, { execArgv: [...flags, source, "--expose-gc"] });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next thing the child says. Rejects when it ends without a word. */
  hear<T>(): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const done = (): void => { this.#process.off("message", heard).off("exit", ended); };
    const heard = (message: unknown): void => {
      done();
      resolve(message as T); // Parent and child agree on what they say.
    };
    const ended = (code: number | null): void => {
      done();
      reject(new Error(`the process ended with ${String(code)} before it had an answer`));
    };
    this.#process.on("message", heard).on("exit", ended);
    return promise;
  }

  say(message: object): void {
    this.#process.send(message);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}

/** From the child: says something to the parent. */
export function tell(message: object): void {
  process.send?.(message);
}
