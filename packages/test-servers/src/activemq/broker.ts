import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnedProcess } from "../process/owned-process.ts";
import { PortBlock } from "../process/port-block.ts";
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

type State =
  | { readonly phase: "stopped" }
  | { readonly phase: "running" | "frozen"; readonly process: OwnedProcess };

/** Small and quick to start: 70 MB and a second each. */
const machine: readonly string[] = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=32m", "-XX:-UsePerfData", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];

/** A real ActiveMQ broker on 127.0.0.1 with its messages on disk: it keeps them and its ports while it is dead. It ends when this process does. */
export class Broker implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #home: string;
  readonly #block: PortBlock;
  readonly #ports: Ports;
  #state: State = { phase: "stopped" };

  private constructor(options: BrokerOptions, home: string, block: PortBlock, ports: Ports) {
    this.#options = options;
    this.#home = home;
    this.#block = block;
    this.#ports = ports;
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

  /** Resolves when the process runs, on the store it had; it serves a second or so later: see `serving()`. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`the broker ${this.name} is running already`);
    const { jvm = [], user } = this.#options;
    const credentials = user === undefined ? [] : [user.login, user.passcode];
    const args = [...machine, ...jvm, "-cp", `${await compiledBroker()}:${activeMqClasspath}`, "Broker", this.name, join(this.#home, "store"), String(this.#ports.stomp), String(this.#ports.openWire), ...credentials];
    this.#state = { phase: "running", process: await OwnedProcess.start({ program: "java", args, folder: this.#home, log: this.#logFile }) };
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
    if (this.#state.phase === "stopped") throw new Error(`the broker ${this.name} does not run: nothing to freeze`);
    this.#state.process.signal("SIGSTOP");
    this.#state = { phase: "frozen", process: this.#state.process };
  }

  thaw(): void {
    if (this.#state.phase !== "frozen") return;
    this.#state.process.signal("SIGCONT");
    this.#state = { phase: "running", process: this.#state.process };
  }

  /** Resolves when it answers a greeting. */
  async serving({ within = 60_000 }: { readonly within?: number } = {}): Promise<void> {
    const latest = performance.now() + within;
    while (!await greets(this.#ports.stomp)) {
      if (!this.running) throw new Error(`the broker ${this.name} ended before it served:\n${this.log}`);
      if (performance.now() > latest) throw new Error(`the broker ${this.name} did not serve within ${within} ms:\n${this.log}`);
      await sleep(25);
    }
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

  get #logFile(): string {
    return join(this.#home, "log.txt");
  }
}
