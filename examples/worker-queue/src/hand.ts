import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A process that is killed, and begun again where it was. */
export class Hand implements Disposable {
  readonly #file: string;
  readonly #args: readonly string[];
  readonly #hear: (word: string) => void;
  #process: ChildProcess | undefined;
  #over = false;
  /** What it says first: where it listens, or that it has begun. */
  address = "";

  private constructor(file: string, args: readonly string[], hear: (word: string) => void) {
    this.#file = file;
    this.#args = args;
    this.#hear = hear;
  }

  /** Resolves when it is ready. What it says later is passed to `hear`. */
  static async begin(file: string, args: readonly string[], hear: (word: string) => void): Promise<Hand> {
    const hand = new Hand(file, args, hear);
    await hand.#begin();
    return hand;
  }

  /** `kill -9`. Resolves when another one has taken its place. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.exitCode !== null) return;
    process.kill("SIGKILL");
    await once(process, "exit");
    await this.#begin();
  }

  async #begin(): Promise<void> {
    if (this.#over) return;
    const process = fork(new URL(this.#file, import.meta.url), [...this.#args, this.address], { execArgv: ["--conditions=@holdfast/source"] });
    this.#process = process;
    const [ready] = (await once(process, "message")) as [string];
    this.address = ready;
    process.on("message", this.#hear);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#process?.kill("SIGKILL");
  }
}
