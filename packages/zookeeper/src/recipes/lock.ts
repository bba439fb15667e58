import type { Millis } from "@holdfast/core";
import type { Data } from "../jute/sink.ts";
import type { Acl } from "../records/acl.ts";
import { positive } from "../session/options.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { within, type WaitOptions } from "./deadline.ts";
import { checkFolder } from "./folder.ts";
import type { Queue } from "./place.ts";
import { RecipeError } from "./recipe-error.ts";
import { Tenure } from "./tenure.ts";
import { turn, type Turn } from "./turn.ts";

export interface QueueOptions {
  /** What others can read about us in our node: a host's name, say. @default nothing */
  readonly data?: Data;
  /** Who may do what with the nodes that we create. All contenders must be allowed to read them. @default acls.open */
  readonly acl?: readonly Acl[];
}
export interface AcquireOptions extends WaitOptions {
  /** Longest wait in ms; then it rejects with `ZK_LOCK_TIMEOUT`. @default Infinity */
  readonly timeout?: Millis;
}

/**
 * A lock that all clients of an ensemble agree on, first come first served: Curator's `InterProcessMutex`, node for node. Not reentrant: who
 * acquires twice waits for itself.
 */
export class Lock {
  readonly path: string;
  readonly #zookeeper: ZooKeeper;
  readonly #queue: Queue;

  /** `path`: a node that is used for this lock only; it is created when it is missing. Throws an `OptionError` where it is no path. */
  constructor(zookeeper: ZooKeeper, path: string, { data = "", acl }: QueueOptions = {}) {
    checkFolder(path);
    this.path = path;
    this.#zookeeper = zookeeper;
    this.#queue = { folder: path, label: "lock-", data, acl };
  }

  /** Resolves when it is ours. Rejects with a `SessionError` when the session ends before; a session that is renewed queues again. */
  async acquire({ signal, timeout = Infinity }: AcquireOptions = {}): Promise<Tenure> {
    positive("timeout", timeout);
    const first = (mine: Turn): Tenure => new Tenure(this.#zookeeper, mine, { path: this.path, what: "the lock" });
    return within({ timeout, ...(signal && { signal }) }, () => late(this.path, timeout), (both) => turn(this.#zookeeper, this.#queue, { signal: both, first }));
  }
}

function late(path: string, timeout: Millis): RecipeError {
  return new RecipeError("ZK_LOCK_TIMEOUT", path, `the lock ${path} was not ours within ${timeout} ms: others hold it or wait before us, or no server could be reached. We do not wait any more`);
}
