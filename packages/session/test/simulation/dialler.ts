import type { ClientMachine } from "../../src/client/client-machine.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import { Violation } from "./violation.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** How long a dial with its greeting may take, and the longest wait between two passes over the list. */
export const dialTimeout = 4_000;
export const backoffMax = 2_000;
/** Channels at once. */
const most = 4;

interface Held { readonly number: number; readonly wire: Wire; greeted: boolean; heartbeat: number; asked: number; answered: number }

/** Whose channels these are. */
export interface DiallerOwner {
  readonly machine: ClientMachine;
  readonly process: Process;
  /** Runs it after a while, unless the process has died, and looks at the machine afterwards. */
  later(delay: number, run: () => void): void;
  /** The machine was told something. */
  looked(): void;
}

/** The least of a link: dials one endpoint after the other, beats, gives up, and may hold several channels at once. */
export class Dialler {
  readonly #world: World;
  readonly #network: Network;
  readonly #owner: DiallerOwner;
  readonly #held: Map<number, Held> = new Map();
  #dialling = 0;
  #planned = false;
  #next: number;
  #failures = 0;
  #nonce = 0;
  /** Nothing more is dialled. */
  resting = false;

  constructor(world: World, network: Network, owner: DiallerOwner) {
    this.#world = world;
    this.#network = network;
    this.#owner = owner;
    this.#next = world.below(world.plan.servers);
  }

  get size(): number {
    return this.#held.size;
  }

  wire(channel: number, what: string): Wire {
    const held = this.#held.get(channel);
    if (held === undefined) throw new Violation("I8", `${what} on channel ${channel}, which was let go`);
    return held.wire;
  }

  dial(): void {
    if (this.resting) return;
    const { plan } = this.#world;
    const server = this.#next;
    this.#next = (this.#next + 1) % plan.servers;
    this.#dialling += 1;
    let waiting = true;
    const settle = (then: () => void): void => {
      if (!waiting) return;
      waiting = false;
      this.#dialling -= 1;
      then();
    };
    const fail = (): void => {
      if (this.resting) return;
      this.#owner.machine.unreachable(String(server));
      this.#failed(0);
    };
    this.#network.dial(server, this.#owner.process, (wire) => { settle(() => { this.#begin(server, wire); }); }, () => { settle(fail); });
    this.#owner.later(dialTimeout, () => { settle(fail); });
  }

  /** A second channel, while the first one lives. */
  move(): void {
    if (this.#dialling === 0 && this.#held.size < most) this.dial();
  }

  /** As `move`, if that channel is still there after a while. */
  moveAfter(delay: number, channel: number): void {
    this.#owner.later(delay, () => { if (this.#held.has(channel)) this.move(); });
  }

  greeted(channel: number, heartbeat: number): void {
    this.wire(channel, "greeted");
    const held = this.#held.get(channel);
    if (held === undefined) return;
    held.greeted = true;
    held.heartbeat = heartbeat || 1_000;
    this.#failures = 0;
    this.#owner.later(held.heartbeat * this.#world.random(), () => { this.#beat(held); });
  }

  pong(channel: number, nonce: number): void {
    const held = this.#held.get(channel);
    if (held !== undefined) held.answered = Math.max(held.answered, nonce);
  }

  /** Lets a channel go, and dials again, if it was the last one. */
  release(channel: number, { orderly, after }: { readonly orderly: boolean; readonly after: number }): void {
    this.#letGo(channel, orderly);
    if (this.#held.size === 0) this.#failed(after);
  }

  rest(orderly: boolean): void {
    this.resting = true;
    for (const channel of this.#held.keys()) this.#letGo(channel, orderly);
  }

  #begin(server: number, wire: Wire): void {
    if (this.resting) {
      wire.leaveClient(true);
      return;
    }
    const { machine } = this.#owner;
    const channel = wire.number;
    const held: Held = { number: channel, wire, greeted: false, heartbeat: 0, asked: 0, answered: 0 };
    this.#held.set(channel, held);
    if (this.#held.size > most) throw new Violation("I8", `${this.#held.size} channels at once`);
    this.#network.join(wire, {
      frame: (bytes) => {
        if (!this.#held.has(channel)) return;
        machine.frame(channel, bytes, this.#world.now);
        this.#owner.looked();
      },
      ended: () => { this.#gone(channel); },
    });
    machine.started(channel, { endpoint: String(server), secure: true, auth: new Uint8Array(0), frameMax: 1_048_576 }, this.#world.now);
    this.#owner.later(dialTimeout, () => { if (!held.greeted && this.#held.has(channel)) this.#giveUp(channel); });
    this.#owner.looked();
  }

  #beat(held: Held): void {
    if (!this.#held.has(held.number)) return;
    if (held.answered < held.asked) {
      this.#giveUp(held.number);
      return;
    }
    held.asked = this.#nonce += 1;
    this.#owner.machine.ping(held.number, held.asked, this.#world.now);
    const patience = this.#world.plan.store === "slow" ? 3_500 : 1_500;
    this.#owner.later(Math.max(held.heartbeat, patience), () => { this.#beat(held); });
  }

  #giveUp(channel: number): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.#owner.process.name} gives #${channel} up`);
    this.#held.get(channel)?.wire.leaveClient(false);
    this.#gone(channel);
  }

  #gone(channel: number): void {
    if (!this.#held.delete(channel)) return;
    this.#owner.machine.ended(channel);
    if (this.#held.size === 0) this.#failed(0);
    this.#owner.looked();
  }

  #letGo(channel: number, orderly: boolean): void {
    const held = this.#held.get(channel);
    this.#held.delete(channel);
    held?.wire.leaveClient(orderly);
  }

  /** A dial did not do, or the last channel is gone: on to the next endpoint, after a wait where all were tried. */
  #failed(after: number): void {
    const busy = (): boolean => this.resting || this.#planned || this.#dialling > 0 || this.#held.size > 0;
    if (busy()) return;
    this.#failures += 1;
    const { servers } = this.#world.plan;
    const lap = this.#failures % servers === 0;
    if (lap) this.#owner.machine.lapFailed();
    if (busy()) return;
    this.#planned = true;
    const wait = lap ? this.#world.random() * Math.min(backoffMax, 100 * 2 ** Math.min(6, this.#failures / servers)) : 0;
    this.#owner.later(Math.max(after, wait), () => {
      this.#planned = false;
      if (this.#held.size === 0 && this.#dialling === 0) this.dial();
    });
  }
}
