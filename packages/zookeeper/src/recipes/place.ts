import { SessionError } from "../errors/session-error.ts";
import { ZooKeeperError } from "../errors/zookeeper-error.ts";
import type { Data } from "../jute/sink.ts";
import type { Acl } from "../records/acl.ts";
import { nameOf } from "../records/root.ts";
import type { Stat } from "../records/stat.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { childrenOf, type Label } from "./contenders.ts";
import { createBelow } from "./parents.ts";
import { hasCode, persevere } from "./persevere.ts";
import { RecipeError } from "./recipe-error.ts";

/** Where and as what somebody queues. */
export interface Queue {
  readonly folder: string;
  readonly label: Label;
  /** What the others may read about us. */
  readonly data: Data;
  readonly acl: readonly Acl[] | undefined;
}

/** The node that stands for us, as the servers made it. */
export interface Seat { readonly path: string; readonly name: string; readonly stat: Stat }

/**
 * A place in a queue: an ephemeral sequential node, in Curator's layout. It is made once, and taken away for certain, whatever becomes of
 * connections and answers: a node that nobody knows of would hold up everybody behind it for as long as our session lives.
 */
export class Place {
  readonly #zookeeper: ZooKeeper;
  readonly #queue: Queue;
  /** Nobody else's name begins so: by it we find the node whose answer was lost. */
  readonly #mark = `_c_${crypto.randomUUID()}-`;
  /** Settles when it is known what became of the node. */
  readonly seat: Promise<Seat>;
  /** A node may be there that we have not heard of: an answer was lost. */
  #doubt = false;
  #leaving: Promise<void> | undefined;

  constructor(zookeeper: ZooKeeper, queue: Queue) {
    this.#zookeeper = zookeeper;
    this.#queue = queue;
    this.seat = persevere(() => this.#take());
    this.seat.catch(() => { /* Whoever waits for it is told, and nobody need wait for it. */ });
  }

  /** Resolves when the node is gone for certain, or the session is, and the node with it. A second call waits for the same. */
  leave(): Promise<void> {
    return this.#leaving ??= this.#leave();
  }

  async #take(): Promise<Seat> {
    // A node of an earlier session is not ours any more, and will be gone in a moment.
    const own = this.#doubt ? (await this.#find()).find(({ stat }) => stat.ephemeralOwner === this.#zookeeper.sessionId) : undefined;
    if (own !== undefined) return own;
    const { folder, acl } = this.#queue;
    if (this.#leaving !== undefined) throw new RecipeError("ZK_ABANDONED", folder, `nobody waits in ${folder} any more: nothing was created`, { next: "stop" });
    return createBelow(this.#zookeeper, folder, acl, () => this.#create());
  }

  async #create(): Promise<Seat> {
    const { folder, label, data, acl } = this.#queue;
    try {
      const { path, stat } = await this.#zookeeper.create2(`${folder}/${this.#mark}${label}`, data, { mode: "ephemeralSequential", retry: false, ...(acl && { acl }) });
      return { path, name: nameOf(path), stat };
    } catch (error) {
      this.#doubt ||= error instanceof ZooKeeperError && error.outcome === "unknown";
      throw error;
    }
  }

  async #leave(): Promise<void> {
    const seat = await this.seat.catch(() => undefined);
    if (seat === undefined && !this.#doubt) return; // There never was one.
    try {
      await persevere(async () => { for (const { path } of seat === undefined ? await this.#find() : [seat]) await this.#remove(path); });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error; // Else it went with the session.
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#zookeeper.delete(path);
    } catch (error) {
      if (!hasCode(error, "ZK_NO_NODE")) throw error;
    }
  }

  /** All nodes with our mark. Our server may have been behind when the connection was lost, so it catches up with the leader first. */
  async #find(): Promise<readonly Seat[]> {
    const { folder } = this.#queue;
    const [, names] = await Promise.all([this.#zookeeper.sync(folder), childrenOf(this.#zookeeper, folder)]);
    const seats = names.filter((name) => name.startsWith(this.#mark)).map(async (name) => {
      const path = `${folder}/${name}`;
      const stat = await this.#zookeeper.exists(path);
      return stat === undefined ? [] : [{ path, name, stat }];
    });
    return (await Promise.all(seats)).flat();
  }
}
