import type { Ensemble, ZooKeeperServer } from "@holdfast/test-servers";
import { ZooKeeper, ZooKeeperError, type SessionEvents, type WatchEvent, type ZooKeeperOptions } from "../../src/index.ts";

/** What a client has told, in order. */
export interface Told { readonly name: keyof SessionEvents; readonly event: Record<string, unknown> }

const names = ["connected", "disconnected", "presumedExpired", "restored", "expired", "failed", "waiting", "missed", "closed"] as const;

export class Client implements AsyncDisposable {
  readonly zk: ZooKeeper;
  readonly told: Told[] = [];

  constructor(options: ZooKeeperOptions) {
    this.zk = new ZooKeeper({ sessionTimeout: 6_000, ...options });
    for (const name of names) this.zk.on(name, (event?: unknown) => { this.told.push({ name, event: (event ?? {}) as Record<string, unknown> }); });
  }

  static async open(options: ZooKeeperOptions): Promise<Client> {
    const client = new Client(options);
    await client.zk.open();
    return client;
  }

  /** Names of the events, the noise of dialling left out. */
  get story(): readonly string[] {
    return this.told.map(({ name }) => name).filter((name) => !["failed", "waiting", "missed"].includes(name));
  }

  count(name: keyof SessionEvents): number {
    return this.told.filter((one) => one.name === name).length;
  }

  next(name: keyof SessionEvents): Promise<Record<string, unknown>> {
    return new Promise((resolve) => { this.zk.once(name, (event?: unknown) => { resolve((event ?? {}) as Record<string, unknown>); }); });
  }

  /** The server that the session is on. */
  on(ensemble: Ensemble): ZooKeeperServer {
    const server = ensemble.servers.find(({ address }) => address === this.zk.server);
    if (server === undefined) throw new Error(`the session is on ${this.zk.server ?? "no server"}`);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.zk.close();
  }
}

/** Collects the events of a watch, and waits for so many. */
export class Watched {
  readonly events: WatchEvent[] = [];
  #waiting: { readonly count: number; readonly done: () => void } | undefined;

  readonly listener = (event: WatchEvent): void => {
    this.events.push(event);
    if (this.#waiting !== undefined && this.events.length >= this.#waiting.count) this.#waiting.done();
  };

  async reach(count: number): Promise<readonly WatchEvent[]> {
    if (this.events.length < count) await new Promise<void>((done) => { this.#waiting = { count, done }; });
    return this.events;
  }

  get types(): readonly string[] {
    return this.events.map(({ type, path }) => `${type} ${path}`);
  }
}

export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Who queues below a folder of the recipes: nobody where the servers have deleted it, as they do with a container that is empty. */
export async function queued({ zk }: { readonly zk: ZooKeeper }, folder: string): Promise<readonly string[]> {
  await zk.sync(folder);
  return zk.getChildren(folder).catch((error: unknown) => {
    if (error instanceof ZooKeeperError && error.code === "ZK_NO_NODE") return [];
    throw error;
  });
}
