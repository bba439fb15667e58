import { java, javac } from "@holdfast/test-servers";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The clients that are compared: ours, npm's, Java's, and the floor. */
export type Kind = "holdfast" | "node-zookeeper-client" | "java" | "raw";

const jar = process.env["ZOOKEEPER_JAR"] ?? "/usr/share/java/zookeeper.jar";

/** Java's client needs a compiler; where there is none, it is left out. */
export function withJava(kinds: readonly Kind[]): readonly Kind[] {
  return existsSync(javac) ? kinds : kinds.filter((kind) => kind !== "java");
}

interface Asked { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }

/** A client in a process of its own, which does one job after the other, as main.ts has them. */
export class DriverProcess implements AsyncDisposable {
  readonly kind: Kind;
  readonly #process: ChildProcess;
  readonly #classes: string | undefined;
  readonly #asked = new Map<number, Asked>();
  #last = 0;

  constructor(kind: Kind) {
    this.kind = kind;
    this.#classes = kind === "java" ? compile() : undefined;
    const [program, args] = this.#classes === undefined
      ? [process.execPath, ["--conditions=@holdfast/source", "--expose-gc", fileURLToPath(new URL("driver/main.ts", import.meta.url)), kind]] as const
      : [java, ["-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", `${this.#classes}:${jar}:/usr/share/java/slf4j-simple.jar`, "Driver"]] as const;
    // It ends when its stdin does: also where we are killed.
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.on("exit", (code) => { this.#fail(new Error(`the ${kind} client ended with ${String(code)}`)); });
    if (this.#process.stdout) createInterface({ input: this.#process.stdout }).on("line", (line) => { this.#hear(line); });
  }

  /** Rejects with what the driver says went wrong, or after so many ms. */
  async ask<Result>(job: string, order: object = {}, within = 120_000): Promise<Result> {
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#asked.set(id, { resolve, reject });
    // Whoever asked may have left when its answer comes, or none.
    promise.catch(() => { /* Told to whoever still waits. */ });
    this.#process.stdin?.write(`${JSON.stringify({ id, job, order })}\n`);
    const timer = setTimeout(() => { reject(new Error(`the ${this.kind} client did not answer to ${job} within ${within} ms`)); }, within);
    try {
      return await promise as Result; // Driver and benchmark agree on what they say.
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await exit;
    }
    if (this.#classes !== undefined) rmSync(this.#classes, { recursive: true, force: true });
  }

  #hear(line: string): void {
    const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string }; // As the drivers write it.
    const asked = this.#asked.get(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`the ${this.kind} client says: ${error}`));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
  }
}

/** Java's driver, compiled into a folder that whoever asked removes. */
function compile(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-java-"));
  const sources = globSync(fileURLToPath(new URL("java/*.java", import.meta.url)));
  const { status, stderr } = spawnSync(javac, ["-nowarn", "-d", folder, "-cp", jar, ...sources], { encoding: "utf8" });
  if (status === 0) return folder;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`javac could not compile the driver of Java's client:\n${stderr}`);
}
