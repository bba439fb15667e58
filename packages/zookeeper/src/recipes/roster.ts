import type { Acl } from "../records/acl.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { Bell } from "./bell.ts";
import { createBelow } from "./parents.ts";
import { hasCode, persevere } from "./persevere.ts";

/** The children of a node by name, with their data. */
export type Roll = ReadonlyMap<string, Uint8Array>;

/**
 * Keeps the children of a node and their data current. What a watch has told of is read again, and nothing else; one read follows the other,
 * so that no older state comes after a newer one. Changes that come faster than they can be read are seen as one.
 */
export class Roster {
  readonly #zookeeper: ZooKeeper;
  readonly #folder: string;
  readonly #acl: readonly Acl[] | undefined;
  readonly #bell: Bell;
  readonly #known = new Map<string, Uint8Array>();
  /** Whose data have changed since they were read. */
  readonly #stale = new Set<string>();
  #names: readonly string[] = [];
  /** The names are what the servers said last, or will be when they have answered: their watch has not fired since they were asked. */
  #listed = false;

  constructor(zookeeper: ZooKeeper, folder: string, acl: readonly Acl[] | undefined) {
    this.#zookeeper = zookeeper;
    this.#folder = folder;
    this.#acl = acl;
    this.#bell = new Bell(zookeeper);
  }

  /** Goes on until `signal` is aborted or the session is over, and rejects then. `read` is called at first, and after what may be a change. */
  async follow(signal: AbortSignal, read: (roll: Roll) => void): Promise<never> {
    try {
      for (;;) {
        this.#bell.still();
        await persevere(() => this.#read(), signal);
        signal.throwIfAborted();
        read(new Map(this.#known));
        await this.#bell.wait(signal);
      }
    } finally {
      this.#bell.close();
    }
  }

  async #read(): Promise<void> {
    if (!this.#listed) await this.#list();
    const names = this.#names;
    const there = new Set(names);
    for (const name of [...this.#known.keys()]) if (!there.has(name)) this.#forget(name);
    await Promise.all(names.filter((name) => !this.#known.has(name) || this.#stale.has(name)).map((name) => this.#fetch(name)));
  }

  /** An answer and the news that it is out of date may come in one packet, and then the news is heard first. */
  async #list(): Promise<void> {
    const watch = this.#bell.at(this.#folder, () => { this.#listed = false; });
    this.#listed = true;
    try {
      this.#names = await createBelow(this.#zookeeper, this.#folder, this.#acl, () => this.#zookeeper.getChildren(this.#folder, { watch }));
    } catch (error) {
      this.#listed = false;
      throw error;
    }
  }

  async #fetch(name: string): Promise<void> {
    const path = `${this.#folder}/${name}`;
    const watch = this.#bell.at(path, () => { this.#stale.add(name); });
    this.#stale.delete(name);
    try {
      this.#known.set(name, (await this.#zookeeper.getData(path, { watch })).data.slice());
    } catch (error) {
      this.#stale.add(name);
      if (!hasCode(error, "ZK_NO_NODE")) throw error;
      this.#forget(name); // The list has changed, and its watch rings.
    }
  }

  #forget(name: string): void {
    this.#known.delete(name);
    this.#stale.delete(name);
    this.#bell.leave(`${this.#folder}/${name}`);
  }
}
