import { Link, resolveHeartbeat, type Heartbeat, type HoldfastError, type LeaveNotice, type Millis } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";
import type { Message } from "../frames/frame.ts";
import { Moment } from "../time/moment.ts";
import { Chronicle, type ChronicleOwner, type Stage } from "./chronicle.ts";
import type { ClientHost, ClientReport, Fault, Taken } from "./client-host.ts";
import { ClientMachine } from "./client-machine.ts";
import { Delivery, type DeliveryOwner } from "./delivery.ts";
import { heartbeatTerms } from "./heartbeat-terms.ts";
import { LinkWatch, type Watcher } from "./link-watch.ts";
import { payloadBytes } from "./outgoing.ts";
import { watchPage } from "./page.ts";
import { deadline } from "./presumption.ts";
import { SessionChannels, type SessionChannelsOwner } from "./session-channels.ts";
import { closedError, errorOf, fullError, tooLongError } from "./session-error.ts";
import type { Receipt } from "./session-events.ts";
import type { SessionSettings } from "./session-options.ts";
import { SessionProtocol } from "./session-protocol.ts";
import { Steps } from "./steps.ts";
import { Writers } from "./writers.ts";

/**
 * The driver between the client's machine and the world: it feeds the machine one fact at a time, carries out its orders on a link, and lets the chronicle
 * tell what happened when the step is complete.
 */
export class SessionEngine implements ClientHost, SessionChannelsOwner, Watcher, DeliveryOwner, ChronicleOwner {
  readonly #stage: Stage;
  readonly #settings: SessionSettings;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #alarm: LazyAlarm;
  readonly #channels: SessionChannels;
  readonly steps: Steps;
  readonly moment: Moment;
  readonly machine: ClientMachine;
  readonly chronicle: Chronicle;
  readonly delivery: Delivery = new Delivery(this);
  readonly writers: Writers;
  /** Replaced where the session goes on after a rest. */
  link: Link<never, never>;
  #watch: LinkWatch;
  started = false;
  /** Sessions that were begun: what is handled of an earlier one is nothing to acknowledge. */
  #life = 0;
  #parting: Promise<void> | undefined;
  #stopPage: (() => void) | undefined;
  /** The alarm is set when the code that is running has returned: once for all that arrived together. */
  #looking = false;
  readonly #look: () => void;

  constructor(stage: Stage, settings: SessionSettings) {
    this.#stage = stage;
    this.#settings = settings;
    const { heartbeat } = settings.link;
    this.#heartbeat = heartbeat === false ? undefined : resolveHeartbeat(heartbeat);
    this.moment = new Moment(settings.clock);
    this.steps = new Steps(() => { this.#settled(); });
    this.#alarm = new LazyAlarm(settings.clock, () => { this.step(() => { this.machine.wake(this.now); }); });
    this.#look = () => {
      this.#looking = false;
      this.#alarm.set(this.machine.wakeAt());
    };
    this.#channels = new SessionChannels(this, settings);
    this.machine = new ClientMachine(settings.policy, this, settings.initial);
    this.chronicle = new Chronicle(stage, this, settings);
    this.writers = new Writers(settings.clock);
    [this.link, this.#watch] = this.#newLink();
  }

  get now(): Millis {
    return this.#settings.clock.now();
  }

  /** Runs one step of the machine, after the one that is running. */
  step(task: () => void): void {
    this.steps.run(task);
  }

  /** Dials; after a rest on a link of its own. */
  start(): void {
    const rested = this.chronicle.over !== undefined;
    if (this.started && !rested) return;
    if (rested) [this.link, this.#watch] = this.#newLink();
    this.chronicle.over = undefined;
    this.delivery.goOn();
    this.started = true;
    this.#stopPage ??= watchPage(() => { this.link.retryNow(); });
    this.#alarm.set(this.machine.wakeAt());
    this.link.open().catch(() => { /* Told as `closed`. */ });
  }

  /** As `Session.send`. */
  send(message: Message): boolean {
    switch (this.#take(message)) {
      case "sent": return true;
      case "waiting": return false;
      case "full": throw fullError(this.machine.state.outgoing.waitingBytes);
      case "tooLong": throw tooLongError(payloadBytes(message));
      case "over": throw this.chronicle.over ?? closedError();
    }
  }

  sendVolatile(message: Message): boolean {
    if (!this.steps.enter()) return false;
    try {
      const sent = this.machine.sendVolatile(message);
      if (sent === "tooLong") throw tooLongError(payloadBytes(message));
      return sent;
    } finally {
      this.steps.leave();
    }
  }

  /** A dial has led to a channel. */
  dialled(): void {
    this.#watch.dialled();
  }

  /** Resolves when every channel has said its goodbye. */
  async released(): Promise<void> {
    await this.#parting;
  }

  // --- orders of the machine (ClientHost) ---------------------------------------------------------------------------

  transmit(channel: number, frame: Uint8Array): boolean {
    return this.#channels.transmit(channel, frame);
  }

  greeted(channel: number, { heartbeat, resumed }: { readonly heartbeat: Millis; readonly resumed: boolean }): void {
    const { credential } = this.machine.state;
    this.#channels.line(channel)?.greeted({ ...heartbeatTerms(this.#heartbeat, heartbeat, credential?.timeout), resumed });
  }

  pong(channel: number, nonce: number): void {
    this.#channels.line(channel)?.pong(nonce);
  }

  leave(channel: number, notice: LeaveNotice): void {
    this.#channels.line(channel)?.leave(notice);
  }

  drop(channel: number, fault: Fault): void {
    this.#channels.line(channel)?.fail(errorOf(fault));
  }

  done(channel: number): void {
    this.#channels.done(channel);
  }

  rest(fault?: Fault): void {
    this.#watch.end();
    if (fault === undefined) this.#parting = this.link.close();
    else this.link.abort(errorOf(fault));
  }

  deliver(message: Message, sequence: number): void {
    this.delivery.push(message, sequence, this.#life);
  }

  drained(): void {
    this.chronicle.drained();
  }

  tell(report: ClientReport): void {
    if (report.type === "expired" || report.type === "lost" || report.type === "moved") this.#life += 1;
    this.chronicle.reported(report);
  }

  // --- for the delivery and the chronicle ---------------------------------------------------------------------------

  get listeners(): number {
    return this.#stage.listenerCount("message" as never);
  }

  emit(message: Message, about: Receipt): void {
    this.chronicle.emit("message", message, about);
  }

  pumped(): void {
    if (this.writers.some) this.writers.pump((message) => this.machine.hasRoom(message) && (this.send(message), true));
    if (this.#looking) return;
    this.#looking = true;
    queueMicrotask(this.#look);
  }

  handled(sequence: number, life: number): void {
    if (life !== this.#life) return;
    if (!this.steps.enter()) return this.steps.later(() => { this.machine.handled(sequence, this.now); });
    try {
      this.machine.handled(sequence, this.moment.now);
    } finally {
      this.#leave(); // The delivery goes on by itself.
    }
  }

  endpointOf(channel: number): string {
    return this.#channels.endpointOf(channel);
  }

  get presumedIn(): Millis {
    return Math.max(0, deadline(this.machine.state) - this.now);
  }

  get unconfirmed(): number {
    const { sent, base } = this.machine.state.outgoing;
    return sent - base;
  }

  /** Nobody is called any more, until the session goes on. */
  halted(error: HoldfastError): void {
    this.#stopPage?.();
    this.#stopPage = undefined;
    this.delivery.halt({ error: error.code === "HF_SESSION_CLOSED" ? undefined : error });
    this.writers.end(error);
  }

  // --- within -------------------------------------------------------------------------------------------------------

  /** Inside of a step, as where a logger sends, the message stands in line behind it. */
  #take(message: Message): Taken {
    if (!this.steps.enter()) {
      if (!this.machine.hasRoom(message)) return "full";
      this.steps.later(() => { this.machine.send(message); });
      return "waiting";
    }
    try {
      return this.machine.send(message);
    } finally {
      this.#leave(); // A message alone makes no room, and nothing due earlier.
    }
  }

  /** Ends a step that brings forth nothing to deliver, for what happens too often to look. */
  #leave(): void {
    if (this.steps.end() || this.chronicle.some) this.#settled();
  }

  /** Where it was a listener's doing, `pumped` looks at the rest when it has returned: once for all, not once for each message. */
  #settled(): void {
    this.chronicle.tell();
    this.delivery.pump();
  }

  #newLink(): readonly [Link<never, never>, LinkWatch] {
    const link = new Link<never, never>({ ...this.#settings.link, protocol: new SessionProtocol(this.#channels) });
    return [link, new LinkWatch(link, this)];
  }
}
