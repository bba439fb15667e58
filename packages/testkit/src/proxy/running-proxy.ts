import { OptionError, systemClock, type Clock, type Millis, type Random } from "@holdfast/core";
import { connect, type Socket } from "node:net";
import { clear, type Conditions } from "./conditions.ts";
import { each, type Direction, type Directions } from "./direction.ts";
import { Door } from "./door.ts";
import type { FaultProxy, FaultProxyOptions } from "./fault-proxy.ts";
import { Ledger, type FaultRecord, type ProxyCounters } from "./ledger.ts";
import { Crossing, type ProxiedConnection } from "./proxied-connection.ts";

/**
 * Opens a real TCP proxy on 127.0.0.1 that injures what passes through it, on command. At first everything passes.
 *
 * ```ts
 * await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: 7000 } });
 * const link = connect(proxy.uri());
 * proxy.blackHole(); // The peer is gone, and no socket says so.
 * ```
 *
 * Rejects with a `ConnectError` (`HF_LISTEN_FAILED`) when the port is taken.
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new RunningProxy(options);
  await proxy.open();
  return proxy;
}

class RunningProxy implements FaultProxy {
  readonly host = "127.0.0.1";
  readonly #target: FaultProxyOptions["target"];
  readonly #maxConnections: number;
  readonly #maxBuffer: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #door: Door;
  readonly #conditions: Record<Direction, Conditions> = { outward: { ...clear }, inward: { ...clear } };
  readonly #crossings = new Set<Crossing>();
  #silent = false;
  /** Called when the last connection is gone. */
  #empty: (() => void) | undefined;

  constructor(options: FaultProxyOptions) {
    const { target, port = 0, maxConnections = 1_024, maxBuffer = 2 ** 20, clock = systemClock, random = Math.random } = options;
    this.#target = target;
    this.#maxConnections = atLeast("maxConnections", maxConnections, 1);
    this.#maxBuffer = atLeast("maxBuffer", maxBuffer, 1);
    this.#clock = clock;
    this.#random = random;
    this.#ledger = new Ledger(clock);
    this.#door = new Door(port, (client) => { this.#enter(client); });
  }

  get port(): number {
    return this.#door.port;
  }

  get connections(): readonly ProxiedConnection[] {
    return [...this.#crossings];
  }

  get counters(): ProxyCounters {
    return this.#ledger.counters();
  }

  get faults(): readonly FaultRecord[] {
    return [...this.#ledger.faults];
  }

  uri(scheme = "tcp"): string {
    return `${scheme}://${this.host}:${this.port}`;
  }

  open(): Promise<void> {
    return this.#door.open();
  }

  async pass(): Promise<void> {
    this.#ledger.note("pass");
    this.#silent = false;
    Object.assign(this.#conditions.outward, clear);
    Object.assign(this.#conditions.inward, clear);
    this.#pump("both");
    await this.#door.open();
  }

  async refuse(): Promise<void> {
    this.#ledger.note("refuse", { connections: this.#crossings.size });
    await this.#door.shut();
  }

  silence(): void {
    this.#ledger.note("silence");
    this.#silent = true;
  }

  latency({ delay, jitter = 0, direction = "both" }: { readonly delay: Millis; readonly jitter?: Millis; readonly direction?: Directions }): void {
    this.#set("latency", direction, { latency: atLeast("delay", delay, 0), jitter: atLeast("jitter", jitter, 0) });
  }

  bandwidth({ bytesPerSecond, direction = "both" }: { readonly bytesPerSecond: number; readonly direction?: Directions }): void {
    this.#set("bandwidth", direction, { bytesPerSecond: atLeast("bytesPerSecond", bytesPerSecond, 1) });
  }

  slice({ bytes, every = 0, direction = "both" }: { readonly bytes: number; readonly every?: Millis; readonly direction?: Directions }): void {
    this.#set("slice", direction, { slice: atLeast("bytes", bytes, 1), every: atLeast("every", every, 0) });
  }

  hold(direction: Directions = "both"): void {
    this.#set("hold", direction, { held: true });
  }

  release(direction: Directions = "both"): void {
    this.#set("release", direction, { held: false });
  }

  blackHole(direction: Directions = "both"): void {
    this.#set("blackHole", direction, { hole: true });
    for (const crossing of this.#crossings) for (const one of each(direction)) crossing.lane(one)?.swallow();
  }

  cutAfter({ bytes, direction, by = "reset" }: { readonly bytes: number; readonly direction: Direction; readonly by?: "reset" | "end" }): void {
    this.#set("cutAfter", direction, { cutAfter: atLeast("bytes", bytes, 0), cutBy: by });
  }

  reset(): void {
    this.#ledger.note("reset", { connections: this.#crossings.size });
    for (const crossing of this.#crossings) crossing.reset();
  }

  halfClose(direction: Direction): void {
    this.#ledger.note("halfClose", { direction, connections: this.#crossings.size });
    for (const crossing of this.#crossings) crossing.halfClose(direction);
  }

  async close(): Promise<void> {
    for (const crossing of this.#crossings) crossing.destroy();
    if (this.#crossings.size > 0) await new Promise<void>((resolve) => { this.#empty = resolve; });
    await this.#door.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #set(fault: string, direction: Directions, change: Partial<Conditions>): void {
    const told = Object.entries(change).map(([key, value]) => [key, typeof value === "boolean" ? String(value) : value] as const);
    this.#ledger.note(fault, { direction, connections: this.#crossings.size, ...Object.fromEntries(told) });
    for (const one of each(direction)) Object.assign(this.#conditions[one], change);
    this.#pump(direction);
  }

  #pump(direction: Directions): void {
    for (const crossing of this.#crossings) for (const one of each(direction)) crossing.lane(one)?.pump();
  }

  #enter(client: Socket): void {
    this.#ledger.accepted += 1;
    if (this.#crossings.size >= this.#maxConnections) {
      this.#ledger.turnedAway += 1;
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const crossing = new Crossing(client, this.#silent ? undefined : connect({ ...this.#target, allowHalfOpen: true }), {
      id: this.#ledger.accepted, conditions: this.#conditions, ledger: this.#ledger, clock: this.#clock, random: this.#random, maxBuffer: this.#maxBuffer,
      over: () => {
        this.#crossings.delete(crossing);
        if (this.#crossings.size === 0) this.#empty?.();
      },
    });
    this.#crossings.add(crossing);
  }
}

function atLeast(option: string, value: number, least: number): number {
  if (!(value >= least)) throw new OptionError(option, `a number of at least ${least}`, value);
  return value;
}
