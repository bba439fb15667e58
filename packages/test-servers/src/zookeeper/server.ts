import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnedProcess } from "../process/owned-process.ts";
import { ask } from "./four-letter-word.ts";
import { javaArguments } from "./settings.ts";

/** What a server says it is; undefined while it serves nobody. */
export type Mode = "leader" | "follower" | "observer" | "read-only" | "standalone";

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

type State =
  | { readonly phase: "stopped" }
  | { readonly phase: "running" | "frozen"; readonly process: OwnedProcess };

/** One ZooKeeper server on 127.0.0.1. It keeps its data and its ports while it is dead. */
export class ZooKeeperServer {
  readonly id: number;
  readonly port: number;
  readonly ports: Ports;
  readonly #options: ZooKeeperServerOptions;
  #state: State = { phase: "stopped" };

  constructor(options: ZooKeeperServerOptions) {
    this.id = options.id;
    this.port = options.ports.client;
    this.ports = options.ports;
    this.#options = options;
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
    return this.#state.phase !== "stopped" && this.#state.process.running;
  }

  get frozen(): boolean {
    return this.running && this.#state.phase === "frozen";
  }

  /** The id of the Java process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#state.phase !== "stopped" && this.#state.process.running ? this.#state.process.pid : undefined;
  }

  /** The last lines of what it logged, for a human. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8").split("\n").slice(-40).join("\n");
  }

  /** Resolves when the process runs; it serves a second or so later, when it finds a quorum: see `serving()`. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`server ${this.id} is running already`);
    const { folder, home, jvm } = this.#options;
    this.#state = { phase: "running", process: await OwnedProcess.start({ program: "java", args: javaArguments(join(folder, "zoo.cfg"), jvm), folder: home, log: this.#logFile }) };
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
    if (this.#state.phase === "stopped") throw new Error(`server ${this.id} does not run: nothing to freeze`);
    this.#state.process.signal("SIGSTOP");
    this.#state = { phase: "frozen", process: this.#state.process };
  }

  thaw(): void {
    if (this.#state.phase !== "frozen") return;
    this.#state.process.signal("SIGCONT");
    this.#state = { phase: "running", process: this.#state.process };
  }

  /** The answer to a four-letter word; undefined when there is none within a second. */
  async ask(word: string): Promise<string | undefined> {
    return this.running && !this.frozen ? ask(this.port, word) : undefined;
  }

  async mode(): Promise<Mode | undefined> {
    return /^Mode: (\S+)$/m.exec(await this.ask("srvr") ?? "")?.[1] as Mode | undefined; // ZooKeeper's own words.
  }

  /** Resolves when it serves clients: it is part of a quorum, or stands alone, or serves readers only. */
  async serving({ within = 60_000 }: { readonly within?: number } = {}): Promise<void> {
    const latest = performance.now() + within;
    while (await this.mode() === undefined) {
      if (!this.running) throw new Error(`server ${this.id} ended before it served:\n${this.log}`);
      if (performance.now() > latest) throw new Error(`server ${this.id} did not serve within ${within} ms:\n${this.log}`);
      await sleep(25);
    }
  }

  get #logFile(): string {
    return join(this.#options.folder, "log.txt");
  }
}
