import type { HoldfastError } from "@holdfast/core";
import type { Message } from "../../src/frames/frame.ts";
import { KeeperMachine } from "../../src/keeper/machine/keeper-machine.ts";
import type { KeeperHost, KeeperReport } from "../../src/keeper/machine/keeper-host.ts";
import type { KeeperAnswer, KeeperOrder } from "../../src/keeper/machine/keeper-order.ts";
import { greetingState } from "../../src/keeper/machine/keeper-state.ts";
import type { SessionId } from "../../src/store/store.ts";
import { nameOf } from "./ledger.ts";
import { ranks } from "./queue.ts";
import type { Server } from "./server.ts";
import type { Asker } from "./store-line.ts";
import { Violation } from "./violation.ts";
import type { Ear, Wire } from "./wire.ts";

/** How often a server asks. */
const heartbeat = 4_000;

/** The driver of one accepted channel: carries out what its machine orders, and looks whether it may order that. */
export class Peer implements KeeperHost, Ear, Asker {
  readonly machine: KeeperMachine;
  readonly #server: Server;
  readonly #wire: Wire;
  #id: SessionId | undefined;
  #begun = 0;
  #handled = 0;
  #wakesAt = Infinity;
  #asked = 0;
  #answered = 0;
  /** Its channel is gone. */
  #parted = false;

  constructor(server: Server, wire: Wire) {
    this.#server = server;
    this.#wire = wire;
    this.machine = new KeeperMachine(server.policy, this, greetingState(true));
  }

  get id(): SessionId | undefined {
    return this.#id;
  }

  get handledUpTo(): number {
    return this.#handled;
  }

  get now(): number {
    return this.#server.world.now;
  }

  // --- from the channel and the store ---------------------------------------------------------------------------------

  frame(bytes: Uint8Array): void {
    this.machine.frame(bytes, this.now);
    this.rearm();
  }

  ended(): void {
    this.#parted = true;
    this.machine.ended(this.now);
    this.rearm();
  }

  answered(order: KeeperOrder, answer: KeeperAnswer): void {
    this.machine.answered(order, answer, this.now);
    this.rearm();
  }

  failed(order: KeeperOrder): void {
    this.machine.failed(order, new Error("the way to the store was cut"), this.now);
    this.rearm();
  }

  // --- what the machine orders ----------------------------------------------------------------------------------------

  transmit(frame: Uint8Array): boolean {
    if (this.#parted) throw new Violation("I5", "a keeper transmits on a channel that it has ended");
    this.#wire.toClient(frame);
    if (!this.#server.pressed()) return true;
    this.#server.world.after(10 + this.#server.world.random() * 300, ranks.arrival, this.#server.process, () => {
      this.machine.drained(this.now);
      this.rearm();
    });
    return false;
  }

  greeted(): void {
    const { world, process } = this.#server;
    world.after(heartbeat * world.random(), ranks.alarm, process, () => { this.#beat(); });
  }

  ask(order: KeeperOrder): void {
    if (order.type !== "authorize") return this.#server.line.ask(order, this);
    const { random } = this.#server.world;
    const draw = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
    this.answered(order, { ok: "authorized", principal: "somebody", ...(order.what === "open" && { fresh: { id: draw(16), secret: draw(32) } }) });
  }

  admit(): number {
    return 0;
  }

  handle(message: Message, sequence: number): void {
    if (sequence !== this.#begun + 1) throw new Violation("I1", `one channel hands over ${sequence} after ${this.#begun}`);
    this.#begun = sequence;
    const { world, ledger, process } = this.#server;
    if (this.#id === undefined) throw new Violation("I1", "a message before the session is known");
    ledger.handled(this.#id, sequence, message);
    const delay = this.#server.handlerDelay();
    if (delay === 0) this.#finish(message, sequence);
    else world.after(delay, ranks.turn, process, () => { this.#finish(message, sequence); this.rearm(); });
  }

  volatile(): void { /* Nobody counts them. */ }

  turn(): void {
    this.#server.world.after(0, ranks.turn, this.#server.process, () => { this.machine.turned(this.now); this.rearm(); });
  }

  pong(nonce: number): void {
    this.#answered = nonce;
  }

  done(): void {
    this.#parted = true;
    this.#wire.leaveKeeper(true);
  }

  drop(_error: HoldfastError): void {
    this.#parted = true;
    this.#wire.leaveKeeper(false);
  }

  tell(report: KeeperReport): void {
    const { world, process, ledger } = this.#server;
    world.chronicle.note(world.now, () => `${process.name} tells: ${report.type}${report.type === "failed" ? ` ${report.error.message}` : ""}`);
    if (report.type === "opened" || report.type === "attached") {
      this.#id = report.id;
      this.#begun = this.#handled = report.type === "opened" ? 0 : (this.machine.state.stage.phase === "attached" ? this.machine.state.stage.ledger.received : 0);
      this.#server.took(this, report.id, report.epoch);
    }
    if (report.type === "leftover") ledger.leftover(report.messages, report.uncertain);
    if (report.type === "failed") this.#server.failed(report.error);
  }

  // --- what the application does --------------------------------------------------------------------------------------

  say(message: Message): void {
    const verdict = this.machine.send(message, this.now);
    if (verdict === "taken" && this.#id !== undefined) this.#server.ledger.spoken(message, this.#id, this.#server.process.name);
    this.rearm();
  }

  /** Tells the machine what the store told its driver. */
  news(tell: (machine: KeeperMachine, now: number) => void): void {
    tell(this.machine, this.now);
    this.rearm();
  }

  rearm(): void {
    const at = this.machine.wakeAt();
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    const { world, process } = this.#server;
    world.after(Math.max(0, at - this.now), ranks.alarm, process, () => {
      this.#wakesAt = Infinity;
      if (this.machine.wakeAt() <= this.now) this.machine.wake(this.now);
      this.rearm();
    });
  }

  /** Asks the client for a sign of life, and gives it up when the last two were not answered. */
  #beat(): void {
    if (this.#parted) return;
    const { world, process } = this.#server;
    if (this.#asked - this.#answered >= 2) {
      this.#wire.leaveKeeper(false);
      return this.ended();
    }
    this.machine.ping((this.#asked += 1), this.now);
    this.rearm();
    world.after(heartbeat, ranks.alarm, process, () => { this.#beat(); });
  }

  #finish(message: Message, sequence: number): void {
    const { world, ledger } = this.#server;
    if (world.chance(world.plan.failures)) {
      this.#begun = sequence - 1;
      this.machine.handlerFailed(sequence, 1, new Error("a handler that fails"), this.now);
      return;
    }
    // The same message is always answered, or never: whoever handles it.
    if (sequence % 10 < world.plan.replies * 10 && this.machine.reply(`re:${nameOf(message)};`, sequence, this.now) === "taken") ledger.answered(message);
    this.#handled = sequence;
    this.machine.handled(sequence, this.now);
  }
}
