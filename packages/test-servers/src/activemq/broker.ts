import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { java } from "../process/java.ts";
import { PortBlock } from "../process/port-block.ts";
import { ServerProcess } from "../process/server-process.ts";
import { compiledBroker } from "./compiled.ts";
import { greets } from "./greeting.ts";
import { activeMqClasspath } from "./jars.ts";

export interface BrokerOptions {
  /** What it calls itself, in its log too. @default "broker" */
  readonly name?: string;
  /** Who may connect. Everybody may where it is left out. */
  readonly user?: { readonly login: string; readonly passcode: string };
  /** More flags for Java, such as `-Xmx256m`; they win over ours. */
  readonly jvm?: readonly string[];
}

interface Ports { readonly stomp: number; readonly openWire: number }

/** Small and quick to start: 70 MB and a second each. */
const machine: readonly string[] = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=32m", "-XX:-UsePerfData", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];

/** A real ActiveMQ broker on 127.0.0.1 with its messages on disk: it keeps them and its ports while it is dead. It ends when this process does. */
export class Broker implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #home: string;
  readonly #block: PortBlock;
  readonly #ports: Ports;
  readonly #process: ServerProcess;

  private constructor(options: BrokerOptions, home: string, block: PortBlock, ports: Ports) {
    this.#options = options;
    this.#home = home;
    this.#block = block;
    this.#ports = ports;
    this.#process = new ServerProcess(`the broker ${this.name}`, join(home, "log.txt"));
  }

  /** Prepares it and starts nothing. */
  static async create(options: BrokerOptions = {}): Promise<Broker> {
    const block = await PortBlock.take();
    const ports = { stomp: await block.port(), openWire: await block.port() };
    return new Broker(options, await mkdtemp(join(tmpdir(), "holdfast-activemq-")), block, ports);
  }

  /** Resolves when it serves. */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = await Broker.create(options);
    try {
      await broker.start();
      await broker.serving();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  get name(): string {
    return this.#options.name ?? "broker";
  }

  /** Where it speaks STOMP. */
  get stomp(): string {
    return `tcp://127.0.0.1:${this.#ports.stomp}`;
  }

  /** Where it speaks OpenWire, which is what Java's own client speaks. */
  get openWire(): string {
    return `tcp://127.0.0.1:${this.#ports.openWire}`;
  }

  /** Holds its store and its log. */
  get folder(): string {
    return this.#home;
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

  /** Resolves when the process runs, on the store it had; it serves a second or so later: see `serving()`. */
  async start(): Promise<void> {
    const { jvm = [], user } = this.#options;
    const credentials = user === undefined ? [] : [user.login, user.passcode];
    const args = [...machine, ...jvm, "-cp", `${await compiledBroker()}:${activeMqClasspath}`, "Broker", this.name, join(this.#home, "store"), String(this.#ports.stomp), String(this.#ports.openWire), ...credentials];
    await this.#process.start({ program: java, args, folder: this.#home });
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

  /** Resolves when it answers a greeting. */
  async serving({ within = 60_000 }: { readonly within?: number } = {}): Promise<void> {
    await this.#process.serving(() => greets(this.#ports.stomp), within);
  }

  /** Kills it and removes its store. A second call does nothing. */
  async stop(): Promise<void> {
    await this.kill();
    await this.#block.release();
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
