import { timingSafeEqual } from "node:crypto";
import type { HoldfastError, Millis, Terms } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import type { Message, SessionFrame } from "../../src/frames/frame.ts";
import type { Entrant, KeeperHost, KeeperReport } from "../../src/keeper/machine/keeper-host.ts";
import { KeeperMachine } from "../../src/keeper/machine/keeper-machine.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import type { KeeperPolicy } from "../../src/keeper/machine/keeper-policy.ts";
import { greetingState } from "../../src/keeper/machine/keeper-state.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { SessionStore } from "../../src/store/store.ts";
import { attachFrame, credentialOf, openFrame, read, type AttachGiven, type Credential } from "./scripted-client.ts";

export const policy: KeeperPolicy = {
  hmac: nodeHmac, equal: timingSafeEqual, allowPlaintext: false, timeoutMin: 4_000, timeoutMax: 120_000, timeoutUsual: 30_000, heartbeatMax: 5_000,
  grant: { frameMax: 65_536, windowMessages: 1_024, windowBytes: 1_048_576 }, maxBytes: 1_048_576, handlerRetries: 3,
};

export interface WorldOptions { readonly policy?: Partial<KeeperPolicy>; readonly clock?: SimClock; readonly store?: SessionStore }

/** A store, and whatever channels come to its keeper. */
export class World {
  readonly clock: SimClock;
  readonly store: SessionStore;
  readonly policy: KeeperPolicy;
  #drawn = 0;

  constructor({ policy: given = {}, clock = new SimClock(), store }: WorldOptions = {}) {
    this.clock = clock;
    this.store = store ?? memoryStore({ clock });
    this.policy = { ...policy, ...given };
  }

  channel(options: ChannelOptions = {}): Scene { return new Scene(this, options); }

  /** A channel on which a session was opened. */
  opened(options: ChannelOptions = {}, given: Parameters<typeof openFrame>[0] = {}): Scene {
    const scene = this.channel(options);
    scene.say(openFrame(given));
    return scene;
  }

  attached(credential: Credential, given: AttachGiven = {}, options: ChannelOptions = {}): Scene {
    const scene = this.channel(options);
    scene.say(attachFrame(credential, given));
    return scene;
  }

  fresh(): { readonly id: Uint8Array; readonly secret: Uint8Array } {
    this.#drawn += 1;
    const id = new Uint8Array(16).fill(this.#drawn);
    if (this.#drawn > 255) new DataView(id.buffer).setUint32(0, this.#drawn);
    return { id, secret: new Uint8Array(32).fill(100 + this.#drawn) };
  }
}

export interface ChannelOptions {
  readonly secure?: boolean;
  /** Orders of these types are kept in `orders` until the test answers them. */
  readonly hold?: readonly KeeperOrder["type"][];
  /** `false`: messages are handled when the test says so. */
  readonly handle?: ((message: Message, sequence: number, scene: Scene) => void) | false;
  readonly admit?: (who: Entrant) => Millis;
}

/** One channel: a machine whose host does as it is told, and writes down what that was. */
export class Scene implements KeeperHost {
  readonly machine: KeeperMachine;
  readonly raw: Uint8Array[] = [];
  /** Orders that wait for an answer. */
  readonly orders: KeeperOrder[] = [];
  /** All that were ever given. */
  readonly asked: KeeperOrder[] = [];
  readonly handedOver: [Message, number][] = [];
  readonly volatiles: Message[] = [];
  readonly reports: KeeperReport[] = [];
  readonly pongs: number[] = [];
  readonly greetings: Terms[] = [];
  end: "done" | HoldfastError | undefined;
  hold: readonly KeeperOrder["type"][];
  /** The channel asks to wait. */
  congested = false;
  readonly #world: World;
  readonly #options: ChannelOptions;
  #turns = 0;

  constructor(world: World, options: ChannelOptions) {
    this.#world = world;
    this.#options = options;
    this.hold = options.hold ?? [];
    this.machine = new KeeperMachine(world.policy, this, greetingState(options.secure ?? true));
  }

  get now(): Millis { return this.#world.clock.now(); }
  get frames(): readonly SessionFrame[] { return this.raw.map(read); }
  get last(): SessionFrame | undefined { return this.frames.at(-1); }
  get credential(): Credential { return credentialOf(this.frames[0]); }
  get texts(): readonly string[] { return this.frames.flatMap((frame) => (frame.type === "data" ? [new TextDecoder().decode(frame.payload)] : [])); }
  get commits(): readonly Extract<KeeperOrder, { type: "commit" }>[] { return this.asked.filter((order) => order.type === "commit"); }

  /** Frames that arrive together. */
  say(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) this.machine.frame(frame, this.now);
    return this.settle();
  }

  /** What the machine asked to be told after all that arrived together. */
  settle(): this {
    while (this.#turns > 0) {
      this.#turns -= 1;
      this.machine.turned(this.now);
    }
    return this;
  }

  later(ms: Millis): this {
    this.#world.clock.advance(ms);
    if (this.machine.wakeAt() <= this.now) this.machine.wake(this.now);
    return this.settle();
  }

  handled(sequence: number): this {
    this.machine.handled(sequence, this.now);
    return this.settle();
  }

  send(message: Message): this {
    this.machine.send(message, this.now);
    return this.settle();
  }

  /** Answers the oldest order of that type: with what the store says, or with `answer`. */
  answer(type: KeeperOrder["type"], answer?: KeeperAnswer): this {
    const order = this.#take(type);
    this.machine.answered(order, answer ?? (this.#ask(order) as KeeperAnswer), this.now); // The memory store answers at once.
    return this.settle();
  }

  fail(type: KeeperOrder["type"]): this {
    this.machine.failed(this.#take(type), new Error("the store is away"), this.now);
    return this.settle();
  }

  // --- orders ---------------------------------------------------------------------------------------------------------

  transmit(frame: Uint8Array): boolean {
    if (this.end !== undefined) throw new Error("a frame after the end");
    this.raw.push(frame);
    return !this.congested;
  }

  ask(order: KeeperOrder): void {
    this.asked.push(order);
    if (this.hold.includes(order.type)) this.orders.push(order);
    else this.machine.answered(order, this.#ask(order) as KeeperAnswer, this.now); // As above.
  }

  admit(who: Entrant): Millis { return this.#options.admit?.(who) ?? 0; }

  handle(message: Message, sequence: number): void {
    this.handedOver.push([message, sequence]);
    if (typeof this.#options.handle === "function") this.#options.handle(message, sequence, this);
    else if (this.#options.handle !== false) this.machine.handled(sequence, this.now);
  }

  greeted(terms: Terms): void { this.greetings.push(terms); }
  volatile(message: Message): void { this.volatiles.push(message); }
  turn(): void { this.#turns += 1; }
  pong(nonce: number): void { this.pongs.push(nonce); }
  done(): void { this.end ??= "done"; }
  drop(error: HoldfastError): void { this.end ??= error; }
  tell(report: KeeperReport): void { this.reports.push(report); }

  // --- within ---------------------------------------------------------------------------------------------------------

  #take(type: KeeperOrder["type"]): KeeperOrder {
    const at = this.orders.findIndex((order) => order.type === type);
    const [order] = at < 0 ? [] : this.orders.splice(at, 1);
    if (order === undefined) throw new Error(`nobody asked to ${type}`);
    return order;
  }

  #ask(order: KeeperOrder): unknown {
    const { store } = this.#world;
    switch (order.type) {
      case "authorize": return authorize(order, this.#world);
      case "create": return store.create(order.id, order.session);
      case "find": return store.find(order.id);
      case "attach": return store.attach(order.id, order.claim);
      case "commit": return store.commit(order.id, order.epoch, order.change);
      case "read": return store.read(order.id, order.from, order.limit);
      case "touch": return store.touch(order.id, order.epoch);
      case "close": return store.close(order.id, order.epoch);
      default: return order satisfies never;
    }
  }
}

/** Everybody is who the credentials say, but mallory. */
function authorize(order: Extract<KeeperOrder, { type: "authorize" }>, world: World): KeeperAnswer {
  const principal = new TextDecoder().decode(order.auth);
  if (principal === "mallory") return { ok: "denied" };
  return { ok: "authorized", principal, ...(order.what === "open" && { fresh: world.fresh() }) };
}
