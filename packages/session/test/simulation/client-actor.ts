import type { ClientHost, ClientPolicy, ClientReport, Fault } from "../../src/client/client-host.ts";
import { ClientMachine } from "../../src/client/client-machine.ts";
import type { ClientState } from "../../src/client/client-state.ts";
import type { Message } from "../../src/frames/frame.ts";
import type { SessionId } from "../../src/store/store.ts";
import { Dialler, type DiallerOwner } from "./dialler.ts";
import { Diary } from "./diary.ts";
import { cheapHmac } from "./hmac.ts";
import type { Ledger } from "./ledger.ts";
import type { Network } from "./network.ts";
import { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { Truth } from "./truth.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** Faults that an honest keeper gives no reason for. */
const never: ReadonlySet<string> = new Set(["HF_SESSION_PROTOCOL", "HF_SESSION_CHECKPOINT", "HF_SESSION_UNPROVEN"]);

/** A client's process: the driver of its machine, and an application that counts. */
export class ClientActor implements ClientHost, DiallerOwner {
  readonly process: Process;
  readonly machine: ClientMachine;
  readonly #world: World;
  readonly #dialler: Dialler;
  readonly #diary: Diary;
  #silent = false;
  #wakesAt = Infinity;
  #said = 0;
  /** Why it is over, once it is. */
  over: ClientReport["type"] | undefined;
  readonly told: string[] = [];
  /** Until when its handler takes its time, and its channels ask it to wait. */
  slowUntil = 0;
  pressedUntil = 0;

  constructor(world: World, name: string, network: Network, truth: Truth, ledger: Ledger, state?: ClientState) {
    this.#world = world;
    this.process = new Process(name);
    this.#diary = new Diary(truth, ledger, name);
    this.#dialler = new Dialler(world, network, this);
    this.machine = new ClientMachine(policyOf(world), this, state);
  }

  get id(): SessionId | undefined {
    return this.#diary.id;
  }

  get attached(): boolean {
    return this.machine.state.active !== 0;
  }

  /** Everything that it has taken was acknowledged, and everything that came was handled. */
  get settled(): boolean {
    const { outgoing, incoming } = this.machine.state;
    return outgoing.messages.length === outgoing.head && incoming.handled === (this.#diary.delivered ?? incoming.handled);
  }

  get wires(): number {
    return this.#dialler.size;
  }

  // --- the application ------------------------------------------------------------------------------------------------

  start(): void {
    this.#dialler.dial();
    this.looked();
  }

  say(size: number): void {
    if (this.over !== undefined) return;
    const text = `${this.process.name}.${(this.#said += 1)};${"x".repeat(size)}`;
    const message = this.#world.chance(0.3) ? new TextEncoder().encode(text) : text;
    this.#diary.said(message);
    const taken = this.machine.send(message);
    if (taken !== "sent" && taken !== "waiting") this.#diary.unsaid(message);
    if (this.#world.chance(0.1)) this.machine.sendVolatile("by the way");
    this.looked();
  }

  close(): void {
    this.machine.close(this.#world.now);
    this.looked();
  }

  /** Opens a second channel while the first one lives. */
  move(): void {
    this.#dialler.move();
  }

  // --- what the machine orders ----------------------------------------------------------------------------------------

  transmit(channel: number, frame: Uint8Array): boolean {
    this.#speaking("transmits");
    this.#dialler.wire(channel, "transmits").toKeeper(frame);
    if (this.#world.now >= this.pressedUntil || !this.#world.chance(0.5)) return true;
    this.later(10 + this.#world.random() * 300, () => { this.machine.drained(channel); });
    return false;
  }

  greeted(channel: number, { heartbeat }: { readonly heartbeat: number }): void {
    this.#speaking("attaches");
    this.#dialler.greeted(channel, heartbeat);
    this.#diary.attached(this.machine.state.credential);
  }

  pong(channel: number, nonce: number): void {
    this.#dialler.pong(channel, nonce);
  }

  leave(channel: number, { spread }: { readonly spread: number }): void {
    this.#dialler.moveAfter(this.#world.random() * spread, channel);
  }

  drop(channel: number, { code, words, retryAfter }: Fault): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.process.name} drops #${channel}: ${code} ${words}`);
    if (never.has(code)) throw new Violation("I12", `${code}: ${words}`);
    this.#dialler.release(channel, { orderly: false, after: retryAfter });
  }

  done(channel: number): void {
    this.#dialler.release(channel, { orderly: true, after: 0 });
  }

  rest(fault?: Fault): void {
    this.#dialler.rest(fault === undefined);
  }

  deliver(message: Message, sequence: number): void {
    this.#speaking("delivers");
    if (sequence === 0) return;
    this.#diary.got(message, sequence);
    const take = (): void => {
      this.#diary.took(sequence);
      this.machine.handled(sequence, this.#world.now);
    };
    if (this.#world.now < this.slowUntil) this.later(1 + this.#world.random() * 600, take);
    else take();
  }

  drained(): void { /* An application would go on. */ }

  tell(report: ClientReport): void {
    this.#world.chronicle.note(this.#world.now, () => `${this.process.name} tells: ${report.type}${"why" in report ? ` (${report.why})` : ""}`);
    if (this.#silent) throw new Violation("I6", `tells ${report.type} after it was over`);
    this.told.push(report.type === "lost" ? `lost: ${report.why}` : report.type);
    switch (report.type) {
      case "attached": return this.#diary.attached(this.machine.state.credential, report.continuity);
      case "expired": return this.#diary.ended(report.undelivered, report.lastReceived);
      case "lost": return this.#diary.ended([...report.uncertain, ...report.unsent]);
      case "dropped": return this.#diary.unsaid(report.message);
      case "moved":
        this.over = "moved";
        return this.#diary.ended([...report.uncertain, ...report.unsent]);
      case "closed":
        this.over = "closed";
        this.#silent = true;
        if (report.cause === "requested") this.#diary.balance(report.undelivered);
        return;
      default:
    }
  }

  // --- the process ----------------------------------------------------------------------------------------------------

  later(delay: number, run: () => void): void {
    this.#world.after(delay, ranks.alarm, this.process, () => {
      run();
      this.looked();
    });
  }

  /** After the machine was told something: when does it want to be woken, and may it have been told that? */
  looked(): void {
    const at = this.machine.wakeAt();
    if (at < this.#wakesAt) {
      this.#wakesAt = at;
      this.later(Math.max(0, at - this.#world.now), () => {
        this.#wakesAt = Infinity;
        if (this.machine.wakeAt() <= this.#world.now) this.machine.wake(this.#world.now);
      });
    }
    const { credential, outgoing } = this.machine.state;
    if (this.over === undefined && credential !== undefined) this.#diary.compare(outgoing.base);
  }

  #speaking(what: string): void {
    if (this.#dialler.resting || this.over !== undefined) throw new Violation("I5", `${this.process.name} ${what} although it is at rest`);
  }
}

function policyOf(world: World): ClientPolicy {
  const { plan } = world;
  return {
    hmac: cheapHmac, wallClock: () => world.wall + world.now, timeout: plan.timeout, grant: plan.clientGrant, allowPlaintext: false, onEnd: plan.renew ? "renew" : "close",
    ackAfter: { messages: 32, delay: 250 }, outbox: { maxMessages: 1_024, maxBytes: 1_048_576 }, drainTimeout: 5_000,
  };
}
