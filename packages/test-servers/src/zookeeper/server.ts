import { join } from "node:path";
import { java } from "../process/java.ts";
import { ServerProcess } from "../process/server-process.ts";
import { ask } from "./four-letter-word.ts";
import { javaArguments } from "./settings.ts";

/** What a server says it is; undefined while it serves nobody. */
export type Mode = "leader" | "follower" | "observer" | "read-only" | "standalone";

/** What a server says that has found no quorum, or not yet. */
export const lonely: readonly (Mode | undefined)[] = [undefined, "read-only"];

export interface Ports {
  readonly client: number;
  /** For TLS, where the ensemble has it. */
  readonly secure: number;
  readonly quorum: number;
  readonly election: number;
}

export interface ZooKeeperServerOptions {
  readonly id: number;
  readonly ports: Ports;
  /** Holds its zoo.cfg and its data; removed by whoever made it. */
  readonly folder: string;
  /** The whole ensemble's folder: removed, if our process ends without having stopped the servers. */
  readonly home: string;
  readonly jvm: readonly string[];
}

/** One ZooKeeper server on 127.0.0.1. It keeps its data and its ports while it is dead. */
export class ZooKeeperServer {
  readonly id: number;
  readonly port: number;
  readonly ports: Ports;
  readonly #options: ZooKeeperServerOptions;
  readonly #process: ServerProcess;

  constructor(options: ZooKeeperServerOptions) {
    this.id = options.id;
    this.port = options.ports.client;
    this.ports = options.ports;
    this.#options = options;
    this.#process = new ServerProcess(`server ${options.id}`, join(options.folder, "log.txt"));
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Where it speaks TLS, if the ensemble was given certificates. */
  get secureAddress(): string {
    return `127.0.0.1:${this.ports.secure}`;
  }

  /** True also while it is frozen. */
  get running(): boolean {
    return this.#process.running;
  }

  get frozen(): boolean {
    return this.#process.frozen;
  }

  /** The id of the Java process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The last lines of what it logged, for a human. */
  get log(): string {
    return this.#process.log;
  }

  /** Resolves when the process runs; it serves a second or so later, when it finds a quorum: see `serving()`. */
  async start(): Promise<void> {
    const { folder, home, jvm } = this.#options;
    await this.#process.start({ program: java, args: javaArguments(join(folder, "zoo.cfg"), jvm), folder: home });
  }

  /** Ends it as a power cut would (SIGKILL), frozen or not; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** It stands still with all its connections open, as a machine that is swapped out or unplugged (SIGSTOP). */
  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** The answer to a four-letter word; undefined when there is none in the time of `ask`. */
  async ask(word: string): Promise<string | undefined> {
    return this.running && !this.frozen ? ask(this.port, word) : undefined;
  }

  async mode(): Promise<Mode | undefined> {
    return /^Mode: (\S+)$/m.exec(await this.ask("srvr") ?? "")?.[1] as Mode | undefined; // ZooKeeper's own words.
  }

  /** Resolves when it serves clients: it is part of a quorum, or stands alone. One that serves readers only is still looking for a quorum. */
  async serving({ within = 60_000 }: { readonly within?: number } = {}): Promise<void> {
    await this.#process.serving(async () => !lonely.includes(await this.mode()), within);
  }
}
