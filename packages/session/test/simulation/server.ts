import type { HoldfastError } from "@holdfast/core";
import type { KeeperPolicy } from "../../src/keeper/machine/keeper-policy.ts";
import { Expiry } from "../../src/keeper/expiry.ts";
import { sameBytes } from "../../src/proof/same-bytes.ts";
import type { News, SessionId, SessionStore } from "../../src/store/store.ts";
import { cheapHmac } from "./hmac.ts";
import type { Ledger } from "./ledger.ts";
import { Peer } from "./peer.ts";
import { Process } from "./process.ts";
import { ProcessClock } from "./process-clock.ts";
import { ranks } from "./queue.ts";
import { StoreLine } from "./store-line.ts";
import type { Truth } from "./truth.ts";
import { Violation } from "./violation.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** One server of several that share a store: accepts channels, watches the store's news, expires what nobody renewed, and may die. */
export class Server {
  readonly world: World;
  readonly process: Process;
  readonly ledger: Ledger;
  readonly truth: Truth;
  readonly line: StoreLine;
  readonly policy: KeeperPolicy;
  readonly #store: () => SessionStore;
  /** By session, the one that attached last. */
  readonly #owners: Map<SessionId, { readonly peer: Peer; readonly epoch: number }> = new Map();
  readonly #wires: Map<Wire, Peer> = new Map();
  /** Until when channels ask it to wait, and handlers take their time. */
  pressedUntil = 0;
  slowUntil = 0;

  constructor(world: World, name: string, store: () => SessionStore, truth: Truth, ledger: Ledger) {
    this.world = world;
    this.process = new Process(name);
    this.#store = store;
    this.truth = truth;
    this.ledger = ledger;
    this.line = new StoreLine(world, this.process, store, (order, answer, handled) => { truth.carriedOut(order, answer, handled); });
    const { plan } = world;
    this.policy = {
      hmac: cheapHmac, equal: sameBytes, allowPlaintext: true, timeoutMin: 1, timeoutMax: 1e9, timeoutUsual: 10_000, heartbeatMax: 5_000,
      grant: plan.keeperGrant, maxBytes: plan.maxBytes, handlerRetries: 1e9, ...(plan.masterKey && { masterKey: new Uint8Array(32).fill(7) }),
    };
    this.#watch();
  }

  /** A wire reached it. */
  accept(wire: Wire): Peer {
    const peer = new Peer(this, wire);
    this.#wires.set(wire, peer);
    return peer;
  }

  took(peer: Peer, id: SessionId, epoch: number): void {
    this.#owners.set(id, { peer, epoch });
    if (!this.world.chance(0.3)) return;
    const held = this.#store().hold(id, epoch, `owner/${id}`, this.process.name);
    if ("ok" in held && held.ok === "held") this.truth.of(id).keys.add(held.key.key);
  }

  owner(id: SessionId): { readonly peer: Peer; readonly epoch: number } | undefined {
    return this.#owners.get(id);
  }

  pressed(): boolean {
    return this.world.now < this.pressedUntil && this.world.chance(0.5);
  }

  handlerDelay(): number {
    return this.world.now < this.slowUntil ? 1 + this.world.random() * 600 : 0;
  }

  /** Its memory is gone. Clients notice at their own time. */
  crash(lasts: number, noticed: () => number): void {
    this.process.die();
    for (const wire of this.#wires.keys()) if (wire.open) wire.orphan(noticed());
    this.#wires.clear();
    this.#owners.clear();
    this.ledger.crashed(this.process.name);
    this.world.after(lasts, ranks.arrival, undefined, () => {
      this.process.alive = true;
      this.#watch();
    });
  }

  /** Asks everybody to move, and ends what is left after a while. */
  drain(within: number): void {
    for (const peer of this.#wires.values()) {
      peer.machine.dismiss({ within, spread: within / 2 }, this.world.now);
      this.world.after(within, ranks.turn, this.process, () => { peer.machine.close(this.world.now); peer.rearm(); });
    }
  }

  /** What failed, and must not fail: a client of ours breaks no rule, and no channel eats a frame. */
  failed(error: HoldfastError): void {
    if (error.code === "HF_SESSION_PROTOCOL") throw new Violation("I12", error.message);
  }

  tellNews(news: News): void {
    if (!this.process.alive || this.world.chance(this.world.plan.newsLoss)) return;
    const delay = this.world.plan.store === "slow" ? this.world.random() * 800 : this.world.random() * 3;
    this.world.after(delay, ranks.arrival, this.process, () => {
      if (news.type === "key" || news.type === "missed") return;
      const owner = this.#owners.get(news.session);
      owner?.peer.news((machine, now) => {
        if (news.type === "attached") machine.expelled(news.epoch, now);
        else if (news.type === "appended") machine.appended(news.sent, now);
        else machine.doubted(now);
      });
    });
  }

  /** The code that a keeper runs. */
  #watch(): void {
    const clock = new ProcessClock(this.world, this.process);
    new Expiry({
      clock, every: 1_000, grace: 1_000, tick: () => {}, failed: () => {},
      expire: (limit) => this.#store().expire(limit),
      expired: (ids) => { for (const id of ids) this.truth.expired(id, this.process); },
    });
  }
}
