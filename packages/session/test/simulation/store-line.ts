import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { SessionStore } from "../../src/store/store.ts";
import type { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { World } from "./world.ts";

/** Who asked, and hears the answer. */
export interface Asker {
  answered(order: KeeperOrder, answer: KeeperAnswer): void;
  failed(order: KeeperOrder): void;
  /** How far it has handled the client's messages. */
  readonly handledUpTo: number;
}

type Told = (order: KeeperOrder, answer: KeeperAnswer, handledUpTo: number) => void;

/** One server's connection to the store: ordered, slow where the plan says so, and now and then nobody knows what happened. */
export class StoreLine {
  readonly #world: World;
  readonly #server: Process;
  readonly #store: () => SessionStore;
  readonly #told: Told;
  #lastAsked = 0;
  #lastAnswered = 0;
  /** Until when it fails now and then. */
  troubleUntil = 0;

  constructor(world: World, server: Process, store: () => SessionStore, told: Told) {
    this.#world = world;
    this.#server = server;
    this.#store = store;
    this.#told = told;
  }

  ask(order: KeeperOrder, asker: Asker): void {
    const world = this.#world;
    const trouble = world.now < this.troubleUntil && world.chance(0.3);
    if (world.plan.store === "sync" && !trouble) return asker.answered(order, this.#carryOut(order, asker));
    this.#lastAsked = Math.max(this.#lastAsked, world.now + this.#latency());
    const happens = !trouble || world.chance(0.5);
    const life = this.#server.life;
    // What is on its way happens, also if whoever asked has died since.
    world.after(this.#lastAsked - world.now, ranks.arrival, undefined, () => {
      const answer = happens ? this.#carryOut(order, asker) : undefined;
      if (this.#server.life !== life) return;
      this.#lastAnswered = Math.max(this.#lastAnswered, world.now + this.#latency());
      world.after(this.#lastAnswered - world.now, ranks.arrival, this.#server, () => {
        if (trouble) asker.failed(order);
        else asker.answered(order, answer);
      });
    });
  }

  #latency(): number {
    const { random, plan } = this.#world;
    return plan.store === "slow" ? random() * 800 : random() * 2;
  }

  #carryOut(order: KeeperOrder, asker: Asker): KeeperAnswer {
    const answer = perform(this.#store(), order) as KeeperAnswer; // The memory store answers at once.
    if (answer instanceof Promise) throw new Error(`the store rejects ${order.type}`);
    this.#world.chronicle.note(this.#world.now, () => `    store: ${order.type}${"epoch" in order ? ` of epoch ${order.epoch}` : ""} → ${answer !== undefined && "ok" in answer ? answer.ok : "answered"}`);
    this.#told(order, answer, asker.handledUpTo);
    return answer;
  }
}

function perform(store: SessionStore, order: KeeperOrder): unknown {
  switch (order.type) {
    case "create": return store.create(order.id, order.session);
    case "find": return store.find(order.id);
    case "attach": return store.attach(order.id, order.claim);
    case "commit": return store.commit(order.id, order.epoch, order.change);
    case "read": return store.read(order.id, order.from, order.limit);
    case "touch": return store.touch(order.id, order.epoch);
    case "close": return store.close(order.id, order.epoch);
    case "authorize": throw new Error("the application is asked, not the store");
    default: return order satisfies never;
  }
}
