import type { Random } from "@holdfast/core";
import { setTimeout as sleep } from "node:timers/promises";
import { ZooKeeper, type ZooKeeperOptions } from "../../src/index.ts";
import { Lock } from "../../src/recipes/index.ts";
import type { Laws } from "./laws.ts";

/** What every client and the witness agree on. */
export const places = { nodes: "/soak/nodes", counters: "/soak/counters", lock: "/soak/lock" } as const;

/** So often a node may be seen after its session, 100 ms apart. */
const patience = 50;

/** One client that uses everything: reads, writes, ephemeral nodes, watches. Its session is renewed when it expires. */
export class Customer {
  readonly name: string;
  readonly zk: ZooKeeper;
  readonly #laws: Laws;
  readonly #random: Random;
  readonly #witness: ZooKeeper;
  /** Ephemeral nodes that were acknowledged, with the session they belong to. */
  readonly #nodes = new Map<string, bigint>();
  #session = 0n;
  #serial = 0;
  /** Writes of the counter that were acknowledged, and those whose fate is unknown. */
  readonly writes = { done: 0, unknown: 0 };
  expiries = 0;
  moves = 0;
  /** Checks of expired nodes under way. */
  readonly checks = new Set<Promise<void>>();

  constructor(name: string, options: ZooKeeperOptions, laws: Laws, witness: ZooKeeper) {
    this.name = name;
    this.#laws = laws;
    this.#witness = witness;
    this.#random = options.random ?? Math.random;
    this.zk = new ZooKeeper({ ...options, onExpiry: "renew" });
    this.zk.on("connected", ({ resumed }) => {
      this.moves += 1;
      this.#session = this.zk.sessionId;
      if (!resumed) this.#nodes.clear();
    });
    this.zk.on("expired", () => { this.#expired(); });
    this.zk.on("closed", ({ error }) => { if (error !== undefined) laws.breach(`${name} was closed: ${error.code} ${error.message}`); });
  }

  /** Until the signal says so. */
  async work(signal: AbortSignal): Promise<void> {
    await this.zk.open();
    await this.#laws.watch(this.zk.create(`${places.counters}/${this.name}`, "", { protect: false, retry: "safe" }));
    await Promise.all([this.#wander(signal), this.#queue(signal)]);
  }

  async #wander(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#something();
      await sleep(5 + this.#random() * 40);
    }
  }

  /** Takes the lock again and again. Believes to hold it for as long as it is told so, and not a moment longer. */
  async #queue(signal: AbortSignal): Promise<void> {
    const lock = new Lock(this.zk, places.lock);
    let latest = 0n;
    while (!signal.aborted) {
      const taken = await this.#laws.watch(lock.acquire({ signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]) }));
      if (!taken.ok) continue;
      const tenure = taken.value;
      if (tenure.token <= latest) this.#laws.breach(`${this.name} was given the token ${tenure.token} after ${latest}`);
      latest = tenure.token;
      const until = performance.now() + this.#random() * 60;
      this.#laws.holding(this.name, () => tenure.held);
      while (tenure.held && performance.now() < until) {
        this.#laws.look(this.name);
        await sleep(5);
      }
      this.#laws.released(this.name);
      await this.#laws.watch(tenure.release());
    }
  }

  async #something(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.25) return this.#count();
    if (dice < 0.45) return this.#appear();
    if (dice < 0.6) return this.#look();
    if (dice < 0.7) return void await this.#laws.watch(this.zk.getChildren(places.nodes, { watch: () => {} }));
    if (dice < 0.8) return void await this.#laws.watch(this.zk.multiRead([{ type: "getData", path: places.nodes }, { type: "getChildren", path: places.counters }]));
    if (dice < 0.9) return void await this.#laws.watch(this.zk.exists(`${places.nodes}/nobody`, { retry: "safe", watch: () => {} }));
    // A caller that gives up: settled at once, whatever the server does.
    return void await this.#laws.watch(this.zk.getData(places.nodes, { signal: AbortSignal.timeout(1 + Math.floor(this.#random() * 20)) }));
  }

  async #count(): Promise<void> {
    const answer = await this.#laws.watch(this.zk.setData(`${places.counters}/${this.name}`, "x"));
    if (answer.ok) this.writes.done += 1;
    else if ((answer.error as { outcome?: string }).outcome === "unknown") this.writes.unknown += 1;
  }

  async #appear(): Promise<void> {
    this.#serial += 1;
    const path = `${places.nodes}/${this.name}-${this.#serial}`;
    const answer = await this.#laws.watch(this.zk.create(path, "", { mode: "ephemeral" }));
    // The answer and the end of the session may cross: only what belongs to the present session counts.
    const owner = answer.ok ? await this.#laws.watch(this.zk.exists(path)) : undefined;
    if (owner?.ok === true && owner.value !== undefined && owner.value.ephemeralOwner === this.#session) this.#nodes.set(path, this.#session);
  }

  /** A node lives as long as its session does. */
  async #look(): Promise<void> {
    const [path] = this.#nodes.keys();
    if (path === undefined) return;
    const session = this.#session;
    const answer = await this.#laws.watch(this.zk.exists(path));
    if (answer.ok && answer.value === undefined && this.#session === session && this.#nodes.has(path)) this.#laws.breach(`${path} is gone, and its session lives`);
    if (!answer.ok || !this.#nodes.has(path)) return;
    const removed = await this.#laws.watch(this.zk.delete(path));
    if (removed.ok || (removed.error as { outcome?: string }).outcome === "unknown") this.#nodes.delete(path);
  }

  /** A server has said that the session is over: then its nodes go, everywhere, as soon as a quorum has agreed on its end. */
  #expired(): void {
    this.expiries += 1;
    const gone = [...this.#nodes];
    this.#nodes.clear();
    const check = this.#verify(gone).finally(() => { this.checks.delete(check); });
    this.checks.add(check);
  }

  async #verify(gone: readonly (readonly [path: string, session: bigint])[]): Promise<void> {
    for (const [path, session] of gone) {
      let answers = 0;
      for (let left = true; left; await sleep(100)) {
        left = await this.#stands(path, session).then((stands) => { answers += 1; return stands; }, () => true); // Nobody can be asked at present.
        if (left && answers === patience) return this.#laws.breach(`${path} outlives its session`);
      }
      this.#laws.ephemeralsChecked += 1;
    }
  }

  async #stands(path: string, session: bigint): Promise<boolean> {
    await this.#witness.sync(places.nodes);
    return (await this.#witness.exists(path))?.ephemeralOwner === session;
  }
}
