import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PortBlock } from "../process/port-block.ts";
import { ServerProcess } from "../process/server-process.ts";
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

/** One real Redis server on 127.0.0.1. It keeps its port while it is dead, and its data if it is told to. It ends when this process does. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #at: RedisHome;
  readonly #options: RedisServerOptions;
  readonly #block: PortBlock | undefined;
  readonly #process: ServerProcess;

  /** For groups of servers; others use `start`. */
  constructor(at: RedisHome, options: RedisServerOptions, block?: PortBlock) {
    this.port = at.port;
    this.#at = at;
    this.#options = options;
    this.#block = block;
    this.#process = new ServerProcess(`the Redis server on port ${at.port}`, join(at.folder, "log.txt"));
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
    return this.#process.running;
  }

  get frozen(): boolean {
    return this.#process.frozen;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get folder(): string {
    return this.#at.folder;
  }

  /** The last lines of what it logged, for a human. */
  get log(): string {
    return this.#process.log;
  }

  /** Starts it, again too; resolves when it serves. */
  async start(): Promise<void> {
    const { folder, home } = this.#at;
    await mkdir(folder, { recursive: true });
    const { appendonly = false, settings = {} } = this.#options;
    const given = { port: this.port, bind: "127.0.0.1", dir: folder, save: "", appendonly: appendonly ? "yes" : "no", appendfsync: "always", daemonize: "no", ...settings };
    const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
    await this.#process.start({ program: redisProgram, args, folder: home });
    await this.#process.serving(async () => await this.command("PING") === "PONG", 30_000);
  }

  /** Ends it as a power cut would (SIGKILL), frozen or not; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** It stands still with all its connections open (SIGSTOP). */
  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** The answer to one command of plain words, such as `CONFIG SET maxmemory 1mb`; undefined when there is none within ten seconds, or it does not run. */
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
}
