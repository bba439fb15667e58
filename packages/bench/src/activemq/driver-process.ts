import { activeMqClasspath, java, javac } from "@holdfast/test-servers";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** When a client was told of a loss, and when it had its first receipt and its first message after that; ms of the clock that all processes share. */
export interface Recovery { readonly told: number; readonly receipt: number; readonly delivery: number }

/** A client in a process of its own, which sends and listens all the time and says how it fared after each loss. */
export class DriverProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(program: string, args: readonly string[]) {
    // It ends when its stdin does: also where we are killed.
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#process.stdout === null) throw new Error("the client has no stdout");
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  static holdfast(endpoints: string, queue: string): DriverProcess {
    return new DriverProcess(process.execPath, ["--conditions=@holdfast/source", fileURLToPath(new URL("driver/main.ts", import.meta.url)), endpoints, queue]);
  }

  static java(classes: string, uri: string, queue: string): DriverProcess {
    return new DriverProcess(java, ["-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", `${classes}:${activeMqClasspath}`, "Failover", uri, queue]);
  }

  /** Resolves when a message has gone round. */
  async ready(): Promise<void> {
    await this.#next(30_000);
  }

  /** Resolves when it has been, beside what it does, one more client of this broker. */
  async warm(uri: string): Promise<void> {
    this.#process.stdin?.write(`${uri}\n`);
    await this.#next(60_000);
  }

  recovery(within: number): Promise<Recovery> {
    return this.#next(within) as Promise<Recovery>; // As the drivers write it.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  async #next(within: number): Promise<unknown> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => { late.reject(new Error(`a client had nothing to say for ${within} ms`)); }, within);
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late.promise]);
      if (done === true) throw new Error("a client ended before it had come back");
      return JSON.parse(value);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Java's driver, compiled into a folder that whoever asked removes. */
export function compile(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-activemq-"));
  const remove = (): void => { rmSync(folder, { recursive: true, force: true }); };
  const { status, stderr } = spawnSync(javac, ["-nowarn", "-d", folder, "-cp", activeMqClasspath, fileURLToPath(new URL("java/Failover.java", import.meta.url))], { encoding: "utf8" });
  if (status === 0) return { folder, [Symbol.dispose]: remove };
  remove();
  throw new Error(`javac could not compile the driver of Java's client:\n${stderr}`);
}
