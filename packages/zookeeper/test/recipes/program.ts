import { java, javac } from "@holdfast/test-servers";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const file = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const folder = "/usr/share/java";
/** Debian's manifests name neither each other nor what they need. */
const jars = ["curator-recipes", "curator-framework", "curator-client", "zookeeper", "zookeeper-jute", "guava", "slf4j-api", "slf4j-simple", "snappy-java", "metrics-core", "netty-common", "netty-buffer", "netty-codec", "netty-handler", "netty-resolver", "netty-transport", "netty-transport-native-epoll", "netty-transport-native-unix-common", "jackson-core", "jackson-databind", "jackson-annotations"];

export const curatorIsInstalled: boolean = existsSync(`${folder}/curator-recipes.jar`) && existsSync(javac);
export const kazooIsInstalled: boolean = existsSync("/usr/lib/python3/dist-packages/kazoo");

/** Somebody who contends, in a process and perhaps a language of its own. */
export class Program implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #errors = "";

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    child.stdin.on("error", () => { /* It has ended, as `ended` says. */ });
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      for (const look of [...this.#waiting]) look();
    });
    child.stderr.on("data", (text: Buffer) => { this.#errors += text.toString(); });
    this.ended = new Promise((resolve) => { child.once("close", (code) => { resolve(code); for (const look of [...this.#waiting]) look(); }); });
  }

  static holdfast(...args: readonly string[]): Program {
    return new Program(process.execPath, ["--conditions=@holdfast/source", file("contend.ts"), ...args]);
  }

  static curator(...args: readonly string[]): Program {
    return new Program(java, ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", jars.map((name) => join(folder, `${name}.jar`)).join(":"), file("Contend.java"), ...args]);
  }

  static kazoo(...args: readonly string[]): Program {
    return new Program("/usr/bin/python3", [file("contend.py"), ...args]);
  }

  /** The first line from `from` on that begins so. Rejects when it ends before it has said it. */
  async line(start: string, from = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(from).find((line) => line.startsWith(start));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`it ended before it said "${start}":\n${this.lines.slice(-20).join("\n")}\n${this.#errors}`);
      await new Promise<void>((resolve) => {
        const look = (): void => { this.#waiting.delete(look); resolve(); };
        this.#waiting.add(look);
      });
    }
  }

  tell(word: string): void {
    this.#child.stdin?.write(`${word}\n`);
  }

  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}
