import type { Data } from "../jute/sink.ts";
import { SessionError } from "../errors/session-error.ts";
import type { Acl } from "../records/acl.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { Bell } from "./bell.ts";
import { createBelow } from "./parents.ts";
import { hasCode, persevere } from "./persevere.ts";

interface Update { readonly number: number; readonly written: () => void; readonly failed: (error: unknown) => void }

/**
 * Keeps one ephemeral node with a fixed name in being: made again when it is deleted, and on each new session. One loop looks and writes, and
 * nobody else does: so of two updates the later one stays, and somebody else's node of that name is never written.
 */
export class Presence {
  readonly #zookeeper: ZooKeeper;
  readonly #folder: string;
  readonly #acl: readonly Acl[] | undefined;
  readonly #bell: Bell;
  readonly path: string;
  /** What the node shall say. */
  #payload: Data;
  /** Numbers the payloads. */
  #latest = 1;
  /** The number of the payload that our node has for certain. */
  #written = 0;
  readonly #updates: Update[] = [];
  #phase: { readonly name: "new" | "kept" } | { readonly name: "over"; readonly error: unknown } = { name: "new" };

  constructor(zookeeper: ZooKeeper, { folder, id, payload, acl }: { readonly folder: string; readonly id: string; readonly payload: Data; readonly acl: readonly Acl[] | undefined }) {
    this.#zookeeper = zookeeper;
    this.#folder = folder;
    this.#acl = acl;
    this.#bell = new Bell(zookeeper);
    this.path = `${folder}/${id}`;
    this.#payload = payload;
  }

  /** Goes on until `signal` is aborted or the session is over, and rejects then. `present` is called whenever the node is there and ours. */
  async keep(signal: AbortSignal, present: () => void): Promise<never> {
    this.#phase = { name: "kept" };
    try {
      for (;;) {
        this.#bell.still();
        const latest = this.#latest;
        if (await persevere(() => this.#claim(signal), signal)) present();
        while (this.#updates[0] !== undefined && this.#updates[0].number <= latest) this.#updates.shift()?.written();
        await this.#bell.wait(signal);
      }
    } catch (error) {
      this.#phase = { name: "over", error };
      for (const update of this.#updates.splice(0)) update.failed(error);
      throw error;
    } finally {
      this.#bell.close();
    }
  }

  /** Resolves when a server has it. Where our node is not there at the moment, it comes with that one. Rejects when there will be none any more. */
  async update(payload: Data): Promise<void> {
    if (this.#phase.name === "over") throw this.#phase.error;
    this.#payload = payload;
    this.#latest += 1;
    if (this.#phase.name === "new") return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#updates.push({ number: this.#latest, written: resolve, failed: reject });
    this.#bell.ring();
    await promise;
  }

  /** Resolves when our node is gone for certain, or the session is. Somebody else's of the same name stays. */
  async leave(): Promise<void> {
    try {
      await persevere(async () => {
        const [, stat] = await Promise.all([this.#zookeeper.sync(this.#folder), this.#zookeeper.exists(this.path)]);
        if (stat?.ephemeralOwner === this.#zookeeper.sessionId) await this.#zookeeper.delete(this.path);
      });
    } catch (error) {
      if (!(error instanceof SessionError) && !hasCode(error, "ZK_NO_NODE")) throw error;
    }
  }

  /**
   * False while another session has a node of that name: it is watched, and its end rings. Nothing is created once `signal` is aborted: whoever
   * has left would not know of that node.
   */
  async #claim(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        const { stat } = await this.#zookeeper.getData(this.path, { watch: this.#bell.at(this.path) });
        if (stat.ephemeralOwner !== this.#zookeeper.sessionId) return false;
        if (this.#written === this.#latest) return true;
        const latest = this.#latest;
        await this.#zookeeper.setData(this.path, this.#payload, { version: stat.version });
        this.#written = latest;
        return true;
      } catch (error) {
        if (hasCode(error, "ZK_BAD_VERSION")) continue; // Somebody has written it meanwhile, or we have, and the answer was lost.
        if (!hasCode(error, "ZK_NO_NODE")) throw error;
      }
      try {
        const latest = this.#latest;
        await createBelow(this.#zookeeper, this.#folder, this.#acl, async () => {
          signal.throwIfAborted();
          await this.#zookeeper.create(this.path, this.#payload, { mode: "ephemeral", ...(this.#acl && { acl: this.#acl }) });
        });
        this.#written = latest;
      } catch (error) {
        if (!hasCode(error, "ZK_NODE_EXISTS")) throw error; // Whose it is, we see now.
      }
    }
  }
}
