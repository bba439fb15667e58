import { parseEndpoint, type Transport } from "@holdfast/core";
import { Server } from "@holdfast/server";
import type { Message } from "../../src/frames/frame.ts";
import { Keeper, memoryStore, type KeeperOptions, type KeptSession, type SessionStore } from "../../src/keeper/index.ts";

interface Site { readonly server: Server<never, never>; readonly keeper: Keeper; readonly uri: string }

/** Servers that share a store, on free ports of this machine, to be killed and started again where they were. */
export class Cluster implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #options: Partial<KeeperOptions>;
  readonly store: SessionStore = memoryStore();
  readonly sites: Site[] = [];
  /** What the clients said, in the order in which it was handled. */
  readonly handled: Message[] = [];
  /** Sessions that were begun at any keeper, by key. */
  readonly sessions = new Map<string, KeptSession>();
  /** Speaks to sessions wherever they are; serves nobody. */
  readonly postman: Keeper;

  private constructor(transport: Transport, options: Partial<KeeperOptions>) {
    this.#transport = transport;
    this.#options = options;
    this.postman = this.#keeper();
  }

  static async start(transport: Transport, size: number, options: Partial<KeeperOptions> = {}): Promise<Cluster> {
    const cluster = new Cluster(transport, options);
    const scheme = transport.schemes[0] ?? "";
    for (let index = 0; index < size; index += 1) cluster.sites.push(await cluster.#open(`${scheme}://127.0.0.1:0`));
    return cluster;
  }

  get uris(): readonly string[] {
    return this.sites.map(({ uri }) => uri);
  }

  /** As events show them. */
  get labels(): readonly string[] {
    return this.uris.map((uri) => parseEndpoint(uri).label);
  }

  /** The one session there is. */
  get only(): KeptSession {
    const [session] = this.sessions.values();
    if (session === undefined) throw new Error("no session was begun");
    return session;
  }

  /** Kills the server with everything it knows, and starts another one in its place. */
  async restart(index: number): Promise<void> {
    const { uri } = this.sites[index] as Site; // The caller started so many.
    await this.kill(index);
    this.sites[index] = await this.#open(uri);
  }

  async kill(index: number): Promise<void> {
    const { server, keeper } = this.sites[index] as Site; // The caller started so many.
    for (const peer of server.peers.values()) peer.abort(new Error("killed"));
    await server.close({ within: 0 });
    await keeper.close({ within: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let index = 0; index < this.sites.length; index += 1) await this.kill(index);
    await this.postman.close({ within: 0 });
  }

  #keeper(): Keeper {
    const keeper = new Keeper({ store: this.store, handle: (message) => { this.handled.push(message); }, ...this.#options });
    keeper.on("session", ({ session }) => { this.sessions.set(session.key, session); });
    return keeper;
  }

  async #open(uri: string): Promise<Site> {
    const keeper = this.#keeper();
    const server = new Server<never, never>({ protocol: keeper.protocol as never });
    const { endpoint } = await server.listen(this.#transport, uri);
    return { server, keeper, uri: endpoint.uri };
  }
}
