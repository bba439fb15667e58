import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnedProcess } from "../process/owned-process.ts";
import { PortBlock } from "../process/port-block.ts";
import { command } from "./command.ts";
import { redisProgram } from "./program.ts";

export interface RedisServerOptions {
  /** Keeps what it is told in a file, before it answers (`appendfsync always`), and so over a kill. @default false */
  readonly appendonly?: boolean;
  /** More settings of redis.conf, or other values for ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Where a server of a group lives. */
export interface RedisHome {
  readonly port: number;
  /** Holds its data; removed by whoever made it. */
  readonly folder: string;
  /** The whole group's folder: removed, if our process ends without having stopped the servers. */
  readonly home: string;
}

type State =
  | { readonly phase: "stopped" }
  | { readonly phase: "running" | "frozen"; readonly process: OwnedProcess };

/** One real Redis server on 127.0.0.1. It keeps its port while it is dead, and its data if it is told to. It ends when this process does. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #at: RedisHome;
  readonly #options: RedisServerOptions;
  readonly #block: PortBlock | undefined;
  #state: State = { phase: "stopped" };

  /** For groups of servers; others use `start`. */
  constructor(at: RedisHome, options: RedisServerOptions, block?: PortBlock) {
    this.port = at.port;
    this.#at = at;
    this.#options = options;
    this.#block = block;
  }

  /** One server that stands alone; resolves when it serves. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const [home, block] = [await mkdtemp(join(tmpdir(), "holdfast-redis-")), await PortBlock.take()];
    const server = new RedisServer({ port: await block.port(), folder: home, home }, options, block);
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `redis://${this.address}`;
  }

  /** True also while it is frozen. */
  get running(): boolean {
    return this.#state.phase !== "stopped" && this.#state.process.running;
  }

  get frozen(): boolean {
    return this.running && this.#state.phase === "frozen";
  }

  get pid(): number | undefined {
    return this.#state.phase !== "stopped" && this.#state.process.running ? this.#state.process.pid : undefined;
  }

  get folder(): string {
    return this.#at.folder;
  }

  /** The last lines of what it logged, for a human. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8").split("\n").slice(-40).join("\n");
  }

  /** Starts it, again too; resolves when it serves. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`the Redis server on port ${this.port} is running already`);
    const { folder, home } = this.#at;
    await mkdir(folder, { recursive: true });
    const { appendonly = false, settings = {} } = this.#options;
    const given = { port: this.port, bind: "127.0.0.1", dir: folder, save: "", appendonly: appendonly ? "yes" : "no", appendfsync: "always", daemonize: "no", ...settings };
    const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#state = { phase: "running", process: await OwnedProcess.start({ program: redisProgram, args, folder: home, log: this.#logFile }) };
    await this.#serving();
  }

  /** Ends it as a power cut would (SIGKILL), frozen or not; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#state.phase === "stopped") return;
    const { process } = this.#state;
    this.#state = { phase: "stopped" };
    await process.kill();
  }

  /** It stands still with all its connections open (SIGSTOP). */
  freeze(): void {
    if (this.#state.phase === "stopped") throw new Error(`the Redis server on port ${this.port} does not run: nothing to freeze`);
    this.#state.process.signal("SIGSTOP");
    this.#state = { phase: "frozen", process: this.#state.process };
  }

  thaw(): void {
    if (this.#state.phase !== "frozen") return;
    this.#state.process.signal("SIGCONT");
    this.#state = { phase: "running", process: this.#state.process };
  }

  /** The answer to one command of plain words, such as `CONFIG SET maxmemory 1mb`; undefined when there is none within a second. */
  async command(words: string): Promise<string | undefined> {
    return this.running && !this.frozen ? command(this.port, words) : undefined;
  }

  /** Kills it; one that stood alone loses its data, too. A second call does nothing. */
  async stop(): Promise<void> {
    await this.kill();
    if (this.#block === undefined) return;
    await this.#block.release();
    await rm(this.#at.home, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #serving(within = 30_000): Promise<void> {
    const latest = performance.now() + within;
    while (await this.command("PING") !== "PONG") {
      if (!this.running) throw new Error(`the Redis server on port ${this.port} ended before it served:\n${this.log}`);
      if (performance.now() > latest) throw new Error(`the Redis server on port ${this.port} did not serve within ${within} ms:\n${this.log}`);
      await sleep(10);
    }
  }

  get #logFile(): string {
    return join(this.#at.folder, "log.txt");
  }
}
