import { EventEmitter } from "eventemitter3";
import type { ZooKeeper } from "../zookeeper.ts";
import { childrenOf, contenders } from "./contenders.ts";
import type { WaitOptions } from "./deadline.ts";
import { checkFolder } from "./folder.ts";
import type { QueueOptions } from "./lock.ts";
import { hasCode } from "./persevere.ts";
import type { Queue } from "./place.ts";
import { RecipeError } from "./recipe-error.ts";
import { Tenure } from "./tenure.ts";
import { turn, type Turn } from "./turn.ts";

export interface Candidate {
  /** The path of its node. */
  readonly node: string;
  /** What it says about itself. */
  readonly data: Uint8Array;
}

export interface ElectionEvents {
  /** We lead, until `leadership.lost`. */
  elected: [event: { readonly leadership: Tenure }];
  /** We do not lead any more, and `error` says why. Where the session lives on, or is renewed, we stand for election again. */
  deposed: [event: { readonly error: RecipeError }];
  /** We do not stand any more, and it was not `resign()`: the session is over, or a server has refused our node. */
  closed: [event: { readonly error: unknown }];
}

/** One stand for election, from `campaign()` to `resign()`. */
interface Campaign {
  readonly end: AbortController;
  /** Kept by the next win. */
  won: PromiseWithResolvers<Tenure>;
  /** Resolves when nothing of it is left. Set at once. */
  over: Promise<void>;
  /** Our node, after an end without a win. */
  gone: Promise<void> | undefined;
}
type State =
  | { readonly phase: "resigned" }
  | { readonly phase: "standing"; readonly campaign: Campaign }
  | { readonly phase: "leading"; readonly campaign: Campaign; readonly leadership: Tenure };

/**
 * One leader among those who stand for election: Curator's `LeaderLatch`, node for node. Whoever stood first leads; when it is gone,
 * the next one does.
 */
export class Election extends EventEmitter<ElectionEvents> implements AsyncDisposable {
  readonly path: string;
  readonly #zookeeper: ZooKeeper;
  readonly #queue: Queue;
  #state: State = { phase: "resigned" };

  /** `path`: a node that is used for this election only; it is created when it is missing. `data`: our name, as a rule. Throws an `OptionError` where it is no path. */
  constructor(zookeeper: ZooKeeper, path: string, { data = "", acl }: QueueOptions = {}) {
    super();
    checkFolder(path);
    this.path = path;
    this.#zookeeper = zookeeper;
    this.#queue = { folder: path, label: "latch-", data, acl };
  }

  /** Undefined while somebody else leads. */
  get leadership(): Tenure | undefined {
    return this.#state.phase === "leading" && this.#state.leadership.held ? this.#state.leadership : undefined;
  }

  /**
   * Stands for election until `resign()`, again after each loss. Resolves when we lead. Rejects with a `SessionError` when the session ends
   * before; an aborted `signal` is a resignation, unless we lead already.
   */
  async campaign({ signal }: WaitOptions = {}): Promise<Tenure> {
    signal?.throwIfAborted();
    const { won } = this.#state.phase === "resigned" ? this.#start() : this.#state.campaign;
    const aborted = (): void => { this.#stop(signal?.reason); };
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      return await won.promise;
    } finally {
      signal?.removeEventListener("abort", aborted);
    }
  }

  /** Who stands, the leader first. */
  async candidates(options: WaitOptions = {}): Promise<readonly Candidate[]> {
    options.signal?.throwIfAborted();
    const order = contenders(await childrenOf(this.#zookeeper, this.path, options), this.#queue.label);
    const found = order.map(async (name) => {
      const node = `${this.path}/${name}`;
      try {
        return [{ node, data: (await this.#zookeeper.getData(node, options)).data.slice() }];
      } catch (error) {
        if (hasCode(error, "ZK_NO_NODE")) return []; // It has gone meanwhile.
        throw error;
      }
    });
    return (await Promise.all(found)).flat();
  }

  /** Leads no more and stands no more. Resolves when our node is gone for certain, or the session is. */
  async resign(): Promise<void> {
    const { over, leadership } = this.#stop(new RecipeError("ZK_RESIGNED", this.path, `we have resigned from the election ${this.path}: campaign() stands again`, { next: "stop" }));
    await leadership?.release();
    await over;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }

  #start(): Campaign {
    const campaign: Campaign = { end: new AbortController(), won: pending(), over: Promise.resolve(), gone: undefined };
    this.#state = { phase: "standing", campaign };
    campaign.over = this.#run(campaign);
    return campaign;
  }

  #stop(reason: unknown): { readonly over?: Promise<void>; readonly leadership?: Tenure } {
    const state = this.#state;
    if (state.phase === "resigned") return {};
    this.#state = { phase: "resigned" };
    state.campaign.end.abort(reason);
    return { over: state.campaign.over, ...(state.phase === "leading" && { leadership: state.leadership }) };
  }

  /** Never rejects. */
  async #run(campaign: Campaign): Promise<void> {
    const { signal } = campaign.end;
    const first = (mine: Turn): Tenure => new Tenure(this.#zookeeper, mine, { path: this.path, what: "the leadership of" });
    const left = (gone: Promise<void>): void => { campaign.gone = gone.catch(() => { /* It goes with the session. */ }); };
    try {
      for (;;) await this.#lead(campaign, await turn(this.#zookeeper, this.#queue, { signal, first, left }));
    } catch (error) {
      campaign.won.reject(error);
      if (!signal.aborted) {
        this.#state = { phase: "resigned" };
        this.#tell("closed", { error });
      }
    }
    await campaign.gone;
  }

  /** Until it ends, one way or the other. */
  async #lead(campaign: Campaign, leadership: Tenure): Promise<void> {
    if (campaign.end.signal.aborted) return leadership.release();
    if (!leadership.held) return;
    this.#state = { phase: "leading", campaign, leadership };
    const stands = (): void => {
      if (this.#state.phase !== "leading" || this.#state.leadership !== leadership) return;
      this.#state = { phase: "standing", campaign };
      campaign.won = pending();
    };
    leadership.lost.addEventListener("abort", () => {
      stands();
      this.#tell("deposed", { error: leadership.lost.reason as RecipeError }); // As Tenure says.
    }, { once: true });
    campaign.won.resolve(leadership);
    this.#tell("elected", { leadership });
    await leadership.ended;
    stands(); // Also after a release(): it has stepped down, and queues again.
  }

  /** What a listener throws surfaces as an uncaught error, and breaks nothing here. */
  #tell<Name extends keyof ElectionEvents>(name: Name, ...payload: ElectionEvents[Name]): void {
    try {
      (this.emit as (name: Name, ...payload: ElectionEvents[Name]) => boolean).call(this, name, ...payload);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}

/** A promise that may be rejected while nobody waits for it. */
function pending(): PromiseWithResolvers<Tenure> {
  const win = Promise.withResolvers<Tenure>();
  win.promise.catch(() => {});
  return win;
}
