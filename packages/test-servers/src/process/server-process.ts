import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnedProcess, type OwnedProcessOptions } from "./owned-process.ts";

type State =
  | { readonly phase: "stopped" }
  | { readonly phase: "running" | "frozen"; readonly process: OwnedProcess };

/** The process of a server that is started, killed and frozen again and again. */
export class ServerProcess {
  readonly #name: string;
  readonly #logFile: string;
  #state: State = { phase: "stopped" };

  /** `name`: in errors, such as "server 2". */
  constructor(name: string, logFile: string) {
    this.#name = name;
    this.#logFile = logFile;
  }

  /** True also while it is frozen. */
  get running(): boolean {
    return this.#state.phase !== "stopped" && this.#state.process.running;
  }

  get frozen(): boolean {
    return this.running && this.#state.phase === "frozen";
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#state.phase !== "stopped" && this.#state.process.running ? this.#state.process.pid : undefined;
  }

  /** The last lines of what it logged, for a human. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8").split("\n").slice(-40).join("\n");
  }

  /** Resolves when the process runs. */
  async start(what: Omit<OwnedProcessOptions, "log">): Promise<void> {
    if (this.running) throw new Error(`${this.#name} is running already`);
    this.#state = { phase: "running", process: await OwnedProcess.start({ ...what, log: this.#logFile }) };
  }

  /** Resolves when it serves. Rejects when it ends before, or takes longer than `within` ms. */
  async serving(serves: () => Promise<boolean>, within: number): Promise<void> {
    const latest = performance.now() + within;
    while (!await serves()) {
      if (!this.running) throw new Error(`${this.#name} ended before it served:\n${this.log}`);
      if (performance.now() > latest) throw new Error(`${this.#name} did not serve within ${within} ms:\n${this.log}`);
      await sleep(20);
    }
  }

  /** Ends it as a power cut would (SIGKILL), frozen or not; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#state.phase === "stopped") return;
    const { process } = this.#state;
    this.#state = { phase: "stopped" };
    await process.kill();
  }

  /** It stands still with all its connections open, as a machine that is swapped out or unplugged (SIGSTOP). */
  freeze(): void {
    if (this.#state.phase === "stopped") throw new Error(`${this.#name} does not run: nothing to freeze`);
    this.#state.process.signal("SIGSTOP");
    this.#state = { phase: "frozen", process: this.#state.process };
  }

  thaw(): void {
    if (this.#state.phase !== "frozen") return;
    this.#state.process.signal("SIGCONT");
    this.#state = { phase: "running", process: this.#state.process };
  }
}
