import { parseEndpoint } from "@holdfast/core";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { faultProxy, type FaultProxy } from "@holdfast/testkit/proxy";
import { join } from "node:path";
import { Keeper, type Handle, type KeeperLimitOptions, type SessionStore } from "../../src/keeper/index.ts";
import { Effects } from "./effects.ts";

/** A server of sessions that can be killed and started again. */
export interface Station {
  start(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** The same, right after a message was handled and before the store hears of it. */
  killAtEffect(): Promise<void>;
}

/** `handle`: instead of one that answers each message. */
export interface OwnStationGiven { readonly receipts?: string; readonly limits?: KeeperLimitOptions; readonly handle?: Handle }

/** One that lives in this process: its peers are aborted, and its keeper closed without waiting for anybody. */
export class OwnStation implements Station, AsyncDisposable {
  readonly #uri: string;
  readonly #store: SessionStore;
  readonly #receipts: string | undefined;
  readonly #limits: KeeperLimitOptions;
  readonly #handle: Handle | undefined;
  #life: { readonly keeper: Keeper; readonly server: Server<never, never>; readonly effects: Effects } | undefined;
  /** Where it listens. */
  uri = "";

  constructor(uri: string, store: SessionStore, { receipts, limits = {}, handle }: OwnStationGiven = {}) {
    this.#uri = uri;
    this.#store = store;
    this.#receipts = receipts;
    this.#limits = limits;
    this.#handle = handle;
  }

  get keeper(): Keeper {
    if (this.#life === undefined) throw new Error("this station does not run");
    return this.#life.keeper;
  }

  async start(): Promise<void> {
    const effects = new Effects(this.#receipts);
    const keeper = new Keeper({ store: this.#store, handle: this.#handle ?? effects.handle, limits: this.#limits });
    const server = new Server<never, never>({ protocol: keeper.protocol as never, limits: { maxPeers: Infinity, maxPeersPerAddress: Infinity } });
    this.uri = (await server.listen(tcp({}), this.#uri)).endpoint.uri;
    this.#life = { keeper, server, effects };
  }

  async kill(): Promise<void> {
    if (this.#life === undefined) return;
    const { keeper, server } = this.#life;
    this.#life = undefined;
    for (const peer of server.peers.values()) peer.abort(new Error("killed"));
    await Promise.all([server.close({ within: 0 }), keeper.close({ within: 0 })]);
  }

  async killAtEffect(): Promise<void> {
    await this.#life?.effects.catchOne();
    await this.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** The address of a station over all its lives: a proxy on a TCP port, so that nobody else gets the port meanwhile. */
export interface Gate { readonly proxy: FaultProxy; readonly uri: string; readonly label: string; /** Where the station is to listen. */ readonly behind: string }

export async function gate(folder: string, name: string, rtt: number): Promise<Gate> {
  const path = join(folder, `${name}.sock`);
  const proxy = await faultProxy({ target: { path }, maxConnections: 4_096 });
  if (rtt > 0) proxy.latency({ delay: rtt / 2 });
  return { proxy, uri: proxy.uri(), label: parseEndpoint(proxy.uri()).label, behind: `unix:${path}` };
}
