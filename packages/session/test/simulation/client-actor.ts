import type { Message } from "../../src/frames/frame.ts";
import type { ClientHost, ClientPolicy, ClientReport, Fault } from "../../src/client/client-host.ts";
import { ClientMachine } from "../../src/client/client-machine.ts";
import type { ClientState } from "../../src/client/client-state.ts";
import { sessionId } from "../../src/keeper/machine/session-id.ts";
import type { SessionId } from "../../src/store/store.ts";
import { cheapHmac } from "./hmac.ts";
import { same, type Ledger } from "./ledger.ts";
import type { Network } from "./network.ts";
import { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { Truth } from "./truth.ts";
import { Violation } from "./violation.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** How long a dial with its greeting may take, and the longest wait between two passes over the list. */
export const dialTimeout = 4_000;
export const backoffMax = 2_000;

interface Held { readonly number: number; readonly wire: Wire; greeted: boolean; heartbeat: number; asked: number; answered: number }

/** A client's process: the driver of its machine, with the least of a link that dials, and an application that counts. */
export class ClientActor implements ClientHost {
  readonly process: Process;
  readonly machine: ClientMachine;
  readonly #world: World;
  readonly #network: Network;
  readonly #ledger: Ledger;
  readonly #truth: Truth;
  readonly #held: Map<number, Held> = new Map();
  /** What was taken for the present session, and not reported since. The first has number `#from + 1`. */
  #accepted: Message[] = [];
  #id: SessionId | undefined;
  #delivered: number | undefined;
  #handled = 0;
  #dialling = 0;
  #planned = false;
  #next: number;
  #failures = 0;
  #resting = false;
  #silent = false;
  #wakesAt = Infinity;
  #nonce = 0;
  #said = 0;
  /** Why it is over, once it is. */
  over: ClientReport["type"] | undefined;
  /** What nobody may ever be told who is the only holder of a session. */
  readonly told: string[] = [];
  slowUntil = 0;
  pressedUntil = 0;

  constructor(world: World, name: string, network: Network, truth: Truth, ledger: Ledger, state?: ClientState) {
    this.#world = world;
    this.process = new Process(name);
    this.#network = network;
    this.#truth = truth;
    this.#ledger = ledger;
    this.#next = world.below(world.plan.servers);
    this.machine = new ClientMachine(policyOf(world), this, state);
  }

  get id(): SessionId | undefined {
    return this.#id;
  }

  get attached(): boolean {
    return this.machine.state.active !== 0;
  }

  /** Everything it has taken was acknowledged. */
  get settled(): boolean {
    const { outgoing } = this.machine.state;
    return outgoing.messages.length - outgoing.head === 0 && this.machine.state.incoming.handled === (this.#delivered ?? this.machine.state.incoming.handled);
  }

  get wires(): number {
    return this.#held.size;
  }

  // --- the application ------------------------------------------------------------------------------------------------

  start(): void {
    this.#dial();
    this.#rearm();
  }

  say(size: number): void {
    if (this.over !== undefined) return;
    const text = `${this.process.name}.${(this.#said += 1)};${"x".repeat(size)}`;
    const message = this.#world.chance(0.3) ? new TextEncoder().encode(text) : text;
    // Before the machine has it: it may go out at once.
    this.#accepted.push(message);
    const taken = this.machine.send(message);
    if (taken !== "sent" && taken !== "waiting") this.#accepted.splice(this.#accepted.indexOf(message), 1);
    if (this.#world.chance(0.1)) this.machine.sendVolatile("by the way");
    this.#rearm();
  }

  close(): void {
    this.machine.close(this.#world.now);
    this.#rearm();
  }

  /** Opens a second channel while the first one lives. */
  move(): void {
    if (!this.#resting && this.#dialling === 0 && this.#held.size < 4) this.#dial();
  }

  // --- what the machine orders ----------------------------------------------------------------------------------------

  transmit(channel: number, frame: Uint8Array): boolean {
    this.#speaking("transmits");
    const held = this.#held.get(channel);
    if (held === undefined) throw new Violation("I8", `transmits on channel ${channel}, which it has let go`);
    held.wire.toKeeper(frame);
    if (this.#world.now >= this.pressedUntil || !this.#world.chance(0.5)) return true;
    this.#later(10 + this.#world.random() * 300, () => { this.machine.drained(channel); });
    return false;
  }

  greeted(channel: number, { heartbeat }: { readonly heartbeat: number }): void {
    this.#speaking("attaches");
    const held = this.#held.get(channel);
    if (held === undefined) throw new Violation("I8", "greeted on a channel that was let go");
    held.greeted = true;
    held.heartbeat = heartbeat || 1_000;
    this.#failures = 0;
    this.#bind();
    this.#later(held.heartbeat * this.#world.random(), () => { this.#beat(held); });
  }

  pong(channel: number, nonce: number): void {
    const held = this.#held.get(channel);
    if (held !== undefined) held.answered = Math.max(held.answered, nonce);
  }

  leave(channel: number, { spread }: { readonly spread: number }): void {
    this.#later(this.#world.random() * spread, () => { if (this.#held.has(channel)) this.move(); });
  }

  drop(channel: number, fault: Fault): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.process.name} drops #${channel}: ${fault.code} ${fault.words}`);
    if (fault.code === "HF_SESSION_PROTOCOL" || fault.code === "HF_SESSION_CHECKPOINT" || fault.code === "HF_SESSION_UNPROVEN") throw new Violation("I12", `${fault.code}: ${fault.words}`);
    this.#release(channel, false);
    this.#redial(fault.retryAfter);
  }

  done(channel: number): void {
    this.#release(channel, true);
    this.#redial(0);
  }

  rest(fault?: Fault): void {
    this.#resting = true;
    for (const channel of this.#held.keys()) this.#release(channel, fault === undefined);
  }

  deliver(message: Message, sequence: number): void {
    this.#speaking("delivers");
    if (sequence === 0) return;
    if (this.#id === undefined) throw new Violation("I2", "a message before there is a session");
    if (this.#delivered !== undefined && sequence !== this.#delivered + 1) throw new Violation("I2", `delivers ${sequence} after ${this.#delivered}`);
    this.#delivered = sequence;
    this.#ledger.delivered(this.#id, sequence, message);
    const take = (): void => {
      this.#handled = Math.max(this.#handled, sequence);
      this.machine.handled(sequence, this.#world.now);
    };
    if (this.#world.now < this.slowUntil) this.#later(1 + this.#world.random() * 600, take);
    else take();
  }

  drained(): void { /* An application would go on. */ }

  tell(report: ClientReport): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.process.name} tells: ${report.type}${"why" in report ? ` (${report.why})` : ""}`);
    if (this.#silent) throw new Violation("I6", `tells ${report.type} after it was over`);
    this.told.push(report.type === "lost" ? `lost: ${report.why}` : report.type);
    switch (report.type) {
      case "attached":
        if (report.continuity === "restarted") this.#delivered = undefined;
        if (report.continuity === "new") this.#delivered = 0;
        return this.#bind();
      case "expired": return this.#ended(report.undelivered, report.lastReceived);
      case "lost": return this.#ended([...report.uncertain, ...report.unsent], undefined);
      case "moved":
        this.over = "moved";
        return this.#ended([...report.uncertain, ...report.unsent], undefined);
      case "dropped":
        this.#accepted.splice(this.#accepted.findIndex((message) => same(message, report.message)), 1);
        return;
      case "closed":
        this.over = "closed";
        this.#silent = true;
        if (report.cause === "requested") this.#balance(report.undelivered, undefined);
        return;
      default:
    }
  }

  // --- what the link does ---------------------------------------------------------------------------------------------

  #dial(): void {
    if (this.#resting) return;
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
      if (this.#resting) return;
      this.machine.unreachable(String(server));
      this.#failed(0);
    };
    this.#network.dial(server, this.process, (wire) => { settle(() => { this.#begin(server, wire); }); }, () => { settle(fail); });
    this.#later(dialTimeout, () => { settle(fail); });
  }

  #begin(server: number, wire: Wire): void {
    if (this.#resting) {
      wire.leaveClient(true);
      return;
    }
    const channel = wire.number;
    const held: Held = { number: channel, wire, greeted: false, heartbeat: 0, asked: 0, answered: 0 };
    this.#held.set(channel, held);
    if (this.#held.size > 4) throw new Violation("I8", `${this.#held.size} channels at once`);
    this.#network.join(wire, {
      frame: (bytes) => {
        if (!this.#held.has(channel)) return;
        this.machine.frame(channel, bytes, this.#world.now);
        this.#looked();
      },
      ended: () => { this.#gone(channel); },
    });
    this.machine.started(channel, { endpoint: String(server), secure: true, auth: new Uint8Array(0), frameMax: 1_048_576 }, this.#world.now);
    this.#later(dialTimeout, () => { if (!held.greeted && this.#held.has(channel)) this.#giveUp(channel); });
    this.#rearm();
  }

  #beat(held: Held): void {
    if (!this.#held.has(held.number)) return;
    if (held.answered < held.asked) {
      this.#giveUp(held.number);
      return;
    }
    held.asked = this.#nonce += 1;
    this.machine.ping(held.number, held.asked, this.#world.now);
    const patience = this.#world.plan.store === "slow" ? 3_500 : 1_500;
    this.#later(Math.max(held.heartbeat, patience), () => { this.#beat(held); });
  }

  #giveUp(channel: number): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.process.name} gives #${channel} up`);
    this.#held.get(channel)?.wire.leaveClient(false);
    this.#gone(channel);
  }

  #gone(channel: number): void {
    if (!this.#held.delete(channel)) return;
    this.machine.ended(channel);
    this.#redial(0);
    this.#rearm();
  }

  #release(channel: number, orderly: boolean): void {
    const held = this.#held.get(channel);
    this.#held.delete(channel);
    held?.wire.leaveClient(orderly);
  }

  #redial(after: number): void {
    if (this.#held.size === 0) this.#failed(after);
  }

  /** A dial did not do, or the last channel is gone: on to the next endpoint, after a wait where all were tried. */
  #failed(after: number): void {
    if (this.#resting || this.#planned || this.#dialling > 0 || this.#held.size > 0) return;
    this.#failures += 1;
    const { plan } = this.#world;
    const lap = this.#failures % plan.servers === 0;
    if (lap) this.machine.lapFailed();
    if (this.#resting || this.#planned) return;
    this.#planned = true;
    const wait = lap ? this.#world.random() * Math.min(backoffMax, 100 * 2 ** Math.min(6, this.#failures / plan.servers)) : 0;
    this.#later(Math.max(after, wait), () => {
      this.#planned = false;
      if (this.#held.size === 0 && this.#dialling === 0) this.#dial();
    });
  }

  #later(delay: number, run: () => void): void {
    this.#world.after(delay, ranks.alarm, this.process, () => {
      run();
      this.#looked();
    });
  }

  /** After the machine was told something: may it have been told that? */
  #looked(): void {
    this.#rearm();
    const { outgoing } = this.machine.state;
    if (this.#id === undefined || this.#ledger.cloned || this.over !== undefined || this.machine.state.credential === undefined) return;
    const record = this.#truth.of(this.#id);
    if (outgoing.base > record.received) throw new Violation("I12", `${outgoing.base} messages are acknowledged, and ${record.received} committed`);
    if (record.acked > this.#handled) throw new Violation("I12", `${record.acked} messages for the client are acknowledged, and ${this.#handled} handled`);
  }

  #rearm(): void {
    const at = this.machine.wakeAt();
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    this.#world.after(Math.max(0, at - this.#world.now), ranks.alarm, this.process, () => {
      this.#wakesAt = Infinity;
      if (this.machine.wakeAt() <= this.#world.now) this.machine.wake(this.#world.now);
      this.#rearm();
    });
  }

  #bind(): void {
    const { credential } = this.machine.state;
    if (credential === undefined) return;
    const id = sessionId(credential.id);
    if (id === this.#id) return;
    this.#id = id;
    this.#handled = 0;
    this.#ledger.opened(id, { accepted: this.#accepted, holder: this.process.name });
  }

  #speaking(what: string): void {
    if (this.#resting || this.over !== undefined) throw new Violation("I5", `${this.process.name} ${what} although it is at rest`);
  }

  /** The session is over, and the next one begins with nothing. */
  #ended(undelivered: readonly Message[], lastReceived: number | undefined): void {
    this.#balance(undelivered, lastReceived);
    this.#accepted = [];
    this.#id = undefined;
    this.#delivered = undefined;
  }

  /** What is reported as not delivered is the end of what was taken, and begins no later than what the store has. */
  #balance(undelivered: readonly Message[], lastReceived: number | undefined): void {
    if (this.#ledger.cloned) return;
    const from = this.#accepted.length - undelivered.length;
    if (undelivered.some((message, at) => !same(message, this.#accepted[from + at]))) throw new Violation("I1", "what is reported as undelivered was never taken");
    const received = this.#id === undefined ? 0 : this.#truth.of(this.#id).received;
    if (from > received) throw new Violation("I1", `${from} messages are taken for delivered, and the store has ${received}`);
    if (lastReceived !== undefined && lastReceived !== received) throw new Violation("I1", `told that ${lastReceived} messages were handled, where the store had ${received}`);
  }
}

function policyOf(world: World): ClientPolicy {
  const { plan } = world;
  return {
    hmac: cheapHmac, wallClock: () => world.wall + world.now, timeout: plan.timeout, grant: plan.clientGrant, allowPlaintext: false, onEnd: plan.renew ? "renew" : "close",
    ackAfter: { messages: 32, delay: 250 }, outbox: { maxMessages: 1_024, maxBytes: 1_048_576 }, drainTimeout: 5_000,
  };
}
