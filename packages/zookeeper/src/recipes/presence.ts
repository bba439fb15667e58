import type { Data } from "../jute/sink.ts";
import { SessionError } from "../errors/session-error.ts";
import type { Acl } from "../records/acl.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { Bell } from "./bell.ts";
import { createBelow } from "./parents.ts";
import { hasCode, persevere } from "./persevere.ts";

/** Keeps one ephemeral node with a fixed name in being: made again when it is deleted, and on each new session. */
export class Presence {
  readonly #zookeeper: ZooKeeper;
  readonly #folder: string;
  readonly #acl: readonly Acl[] | undefined;
  readonly path: string;
  /** What the node says, as of now. */
  payload: Data;

  constructor(zookeeper: ZooKeeper, { folder, id, payload, acl }: { readonly folder: string; readonly id: string; readonly payload: Data; readonly acl: readonly Acl[] | undefined }) {
    this.#zookeeper = zookeeper;
    this.#folder = folder;
    this.#acl = acl;
    this.path = `${folder}/${id}`;
    this.payload = payload;
  }

  /** Goes on until `signal` is aborted or the session is over, and rejects then. `present` is called whenever the node is there and ours. */
  async keep(signal: AbortSignal, present: () => void): Promise<never> {
    const bell = new Bell(this.#zookeeper);
    try {
      for (;;) {
        bell.still();
        if (await persevere(() => this.#claim(bell), signal)) present();
        await bell.wait(signal);
      }
    } finally {
      bell.close();
    }
  }

  /** Writes the payload as it is when a server takes it, so that of two changes the later one stays. */
  async update(payload: Data, signal?: AbortSignal): Promise<void> {
    this.payload = payload;
    try {
      await persevere(() => this.#zookeeper.setData(this.path, this.payload, { ...(signal && { signal }) }), signal);
    } catch (error) {
      if (!hasCode(error, "ZK_NO_NODE")) throw error; // It will be made with the new payload.
    }
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

  /** False while another session has a node of that name: it is watched, and its end rings. */
  async #claim(bell: Bell): Promise<boolean> {
    for (;;) {
      try {
        const { stat } = await this.#zookeeper.getData(this.path, { watch: bell.at(this.path) });
        return stat.ephemeralOwner === this.#zookeeper.sessionId;
      } catch (error) {
        if (!hasCode(error, "ZK_NO_NODE")) throw error;
      }
      try {
        await createBelow(this.#zookeeper, this.#folder, this.#acl, () => this.#zookeeper.create(this.path, this.payload, { mode: "ephemeral", ...(this.#acl && { acl: this.#acl }) }));
      } catch (error) {
        if (!hasCode(error, "ZK_NODE_EXISTS")) throw error; // Whose it is, we see now.
      }
    }
  }
}
