import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** An example in a process of its own, started as its package.json says. */
export class Example {
  readonly outcome: Promise<Outcome>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";

  /** `onTestFinished` is that of the test's context: the process ends with the test. */
  constructor(name: string, onTestFinished: (end: () => Promise<void>) => void, args: readonly string[] = []) {
    const cwd = fileURLToPath(new URL(`../${name}/`, import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@holdfast/source", "src/main.ts", ...args], { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
    child.stdout.setEncoding("utf8").on("data", (text: string) => { this.#stdout += text; });
    child.stderr.setEncoding("utf8").on("data", (text: string) => { this.#stderr += text; });
    this.#child = child;
    this.outcome = new Promise((resolve) => {
      child.once("close", (code) => { resolve({ code, stdout: this.#stdout, stderr: this.#stderr }); });
    });
    onTestFinished(async () => {
      if (child.exitCode === null && child.signalCode === null) console.error(`${name} was still running, and had said:\n${this.#stdout}${this.#stderr}`);
      child.kill("SIGKILL");
      await this.outcome;
    });
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Its lines, with a letter for each port in the order they were named, and `…` for other numbers that are never the same. */
export function transcript(stdout: string): readonly string[] {
  const ports: string[] = [];
  const letter = (port: string): string => {
    if (!ports.includes(port)) ports.push(port);
    return String.fromCharCode(65 + ports.indexOf(port));
  };
  return stdout.trimEnd().split("\n").map((line) => line.replace(/127\.0\.0\.1:(\d+)/g, (_, port: string) => letter(port)).replace(/(?<=process )\d+/g, "…"));
}
