import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** One line of `--json` output. */
export type Line = Readonly<Record<string, unknown>> & { readonly event: string };

export interface Outcome { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly stdout: string; readonly stderr: string }

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** The real command in a process of its own, run from the source. Ended with the test. */
export class Command {
  readonly process: ChildProcess;
  readonly lines: Line[] = [];
  readonly ended: Promise<Outcome>;
  #stdout = "";
  #stderr = "";
  #watchers: (() => void)[] = [];
  #over = false;

  constructor(given: readonly string[], { env = {} }: { readonly env?: Readonly<Record<string, string>> } = {}) {
    const child = spawn(process.execPath, ["--conditions=@holdfast/source", main, ...given], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.process = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => { this.#stderr += text; });
    const reader = createInterface({ input: child.stdout, crlfDelay: Infinity });
    reader.on("line", (line) => {
      this.#stdout += `${line}\n`;
      if (line.startsWith("{")) this.lines.push(JSON.parse(line) as Line);
      for (const watcher of [...this.#watchers]) watcher();
    });
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#over = true;
        for (const watcher of [...this.#watchers]) watcher();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** The first line that `match` accepts, at or behind the number `from`. Rejects with the whole output when the command ends without one. */
  async until(match: string | ((line: Line) => boolean), from = 0): Promise<Line> {
    const accept = typeof match === "string" ? (line: Line): boolean => line.event === match : match;
    for (;;) {
      const found = this.lines.slice(from).find(accept);
      if (found) return found;
      if (this.#over) throw new Error(`the command ended without ${String(match)}:\n${this.#stdout}${this.#stderr}`);
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers = this.#watchers.filter((other) => other !== watcher);
          resolve();
        };
        this.#watchers.push(watcher);
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}

/** Runs the command to its end. */
export function holdfast(given: readonly string[], options?: ConstructorParameters<typeof Command>[1]): Promise<Outcome> {
  const command = new Command(given, options);
  command.process.stdin?.end();
  return command.ended;
}
