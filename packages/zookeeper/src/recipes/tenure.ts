import type { HoldfastError } from "@holdfast/core";
import { expiredError } from "../errors/session-error.ts";
import type { WatchEvent } from "../watches/watch-event.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { unless } from "./deadline.ts";
import { hasCode, persevere } from "./persevere.ts";
import { RecipeError } from "./recipe-error.ts";
import type { Turn } from "./turn.ts";
import { Watchtower } from "./watchtower.ts";

/** What is held, for the words of an error: `the lock`, `/locks/a`. */
export interface Holding { readonly what: string; readonly path: string }

/**
 * The time during which we are first: a lock that is held, an office that is led.
 *
 * It ends by `release()`, or it is lost: when our session may be over, because no server has answered for its whole timeout
 * (`presumedExpired`); when it is over; or when somebody deleted our node. What is lost stays lost, also where the session turns out to
 * have lived on: our node is deleted then, so that the next one's turn comes.
 */
export class Tenure implements AsyncDisposable {
  /** Greater than that of everybody who was first here before: the transaction that created our node. Give it along with what you write, and let the resource refuse smaller ones. */
  readonly token: bigint;
  /** The path of the node that stands for us. */
  readonly node: string;
  readonly #zookeeper: ZooKeeper;
  readonly #turn: Turn;
  readonly #holding: Holding;
  readonly #loss = new AbortController();
  readonly #leave: () => void;
  readonly #ended = Promise.withResolvers<RecipeError | undefined>();
  #phase: "held" | "released" | "lost" = "held";

  /** To be called in the moment in which it is our turn. */
  constructor(zookeeper: ZooKeeper, turn: Turn, holding: Holding) {
    this.#zookeeper = zookeeper;
    this.#holding = holding;
    this.#turn = turn;
    this.token = turn.seat.stat.czxid;
    this.node = turn.seat.path;
    this.#leave = Watchtower.of(zookeeper).listen(this.node, this.#changed);
    zookeeper.on("presumedExpired", this.#presumed);
    zookeeper.on("expired", this.#expired);
    zookeeper.on("closed", this.#closed);
  }

  /** False from the moment in which somebody else may be first. Reads the clock: true is as good as the time that passes before you act on it. */
  get held(): boolean {
    return this.#phase === "held" && !this.#zookeeper.presumedExpired && this.#phase === "held";
  }

  /** Aborted when it is lost, with a `RecipeError` (`ZK_LOST`) that says why. Not by `release()`. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** Resolves when it is over: with nothing where it was released, with the error where it was lost. */
  get ended(): Promise<RecipeError | undefined> {
    return this.#ended.promise;
  }

  /**
   * Resolves when our node is gone for certain, however many connections that takes, or the session is. From the call on it is not held.
   * `signal` ends the wait; the node is deleted all the same.
   */
  async release({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#end("released");
    signal?.throwIfAborted();
    const left = this.#turn.place.leave();
    await (signal === undefined ? left : unless(signal, left));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  readonly #presumed = (): void => {
    this.#lose("no server has answered for the whole timeout of the session, so somebody else may be first by now");
  };

  readonly #expired = (): void => {
    this.#lose("the servers have ended the session, and our node with it", expiredError());
  };

  readonly #closed = ({ error }: { readonly error?: HoldfastError }): void => {
    this.#lose("the client was closed", error);
  };

  /** Watched since before it was our turn; here the watch is set again where it fired for less than the end of the node. */
  readonly #changed = ({ type }: WatchEvent): void => {
    if (type === "deleted") return this.#gone();
    persevere(() => this.#zookeeper.getData(this.node, { watch: Watchtower.of(this.#zookeeper).listener })).catch((error: unknown) => {
      if (hasCode(error, "ZK_NO_NODE")) this.#gone();
      else this.#lose("our node cannot be watched any more", error);
    });
  };

  /** Where the session may be over, that is why: a process that stood still hears of the node before its timers have run, and asking makes up for them. */
  #gone(): void {
    if (this.held) this.#lose(`somebody deleted ${this.node}`);
  }

  #lose(why: string, cause?: unknown): void {
    if (this.#phase !== "held") return;
    const { what, path } = this.#holding;
    const error = new RecipeError("ZK_LOST", path, `${what} ${path} is lost: ${why}. Stop what you do in its name, and queue again`, { cause });
    this.#end("lost", error);
    this.#turn.place.leave().catch(() => { /* Nobody waits for it; what cannot be deleted goes with the session. */ });
    this.#loss.abort(error);
  }

  #end(phase: "released" | "lost", error?: RecipeError): void {
    if (this.#phase !== "held") return;
    this.#phase = phase;
    this.#leave();
    this.#zookeeper.off("presumedExpired", this.#presumed);
    this.#zookeeper.off("expired", this.#expired);
    this.#zookeeper.off("closed", this.#closed);
    this.#ended.resolve(error);
  }
}
