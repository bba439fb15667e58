import { Link, resolveHeartbeat, type Frame, type Heartbeat, type HoldfastError, type LeaveNotice, type Line, type Millis, type Role } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";
import type { Message } from "../frames/frame.ts";
import { Chronicle, type ChronicleOwner, type Stage } from "./chronicle.ts";
import type { ClientHost, ClientReport, Fault, Taken } from "./client-host.ts";
import { ClientMachine } from "./client-machine.ts";
import { Delivery, type DeliveryOwner } from "./delivery.ts";
import { heartbeatTerms } from "./heartbeat-terms.ts";
import { LinkWatch, type Watcher } from "./link-watch.ts";
import { payloadBytes } from "./outgoing.ts";
import { watchPage } from "./page.ts";
import { deadline } from "./presumption.ts";
import { isSecure } from "./security.ts";
import { closedError, errorOf, fullError, SessionError, tooLongError } from "./session-error.ts";
import type { Receipt } from "./session-events.ts";
import { authBytes, type Auth, type SessionSettings } from "./session-options.ts";
import { SessionProtocol, type ChannelsOwner } from "./session-protocol.ts";
import { Writers } from "./writers.ts";

/** A channel that the machine knows by its number. */
interface Contact { readonly line: Line<never>; readonly endpoint: string }

/**
 * The driver between the client's machine and the world: it feeds the machine one fact at a time, carries out its orders on a link, and lets the chronicle
 * tell what happened when the step is complete.
 */
export class SessionEngine implements ClientHost, ChannelsOwner, Watcher, DeliveryOwner, ChronicleOwner {
  readonly #stage: Stage;
  readonly #settings: SessionSettings;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #alarm: LazyAlarm;
  readonly #contacts = new Map<number, Contact>();
  readonly machine: ClientMachine;
  readonly chronicle: Chronicle;
  readonly delivery: Delivery = new Delivery(this);
  readonly writers: Writers;
  /** Replaced where the session goes on after a rest. */
  link: Link<never, never>;
  #watch: LinkWatch;
  started = false;
  #channels = 0;
  /** Sessions that were begun: what is handled of an earlier one is nothing to acknowledge. */
  #life = 0;
  #busy = false;
  #tasks: (() => void)[] = [];
  #parting: Promise<void> | undefined;
  #stopPage: (() => void) | undefined;

  constructor(stage: Stage, settings: SessionSettings) {
    this.#stage = stage;
    this.#settings = settings;
    const { heartbeat } = settings.link;
    this.#heartbeat = heartbeat === false ? undefined : resolveHeartbeat(heartbeat);
    this.#alarm = new LazyAlarm(settings.clock, () => { this.step(() => { this.machine.wake(this.now); }); });
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
    if (this.#busy) return void this.#tasks.push(task);
    this.#busy = true;
    try {
      task();
    } finally {
      this.#settle();
    }
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
    let taken: Taken = "over";
    this.step(() => { taken = this.machine.send(message); });
    switch (taken as Taken) { // Set in the step.
      case "sent": return true;
      case "waiting": return false;
      case "full": throw fullError(this.machine.state.outgoing.waitingBytes);
      case "tooLong": throw tooLongError(payloadBytes(message));
      case "over": throw this.chronicle.over ?? closedError();
    }
  }

  sendVolatile(message: Message): boolean {
    let sent: boolean | "tooLong" = false;
    this.step(() => { sent = this.machine.sendVolatile(message); });
    if ((sent as boolean | "tooLong") === "tooLong") throw tooLongError(payloadBytes(message)); // Set in the step.
    return sent;
  }

  /** Resolves when every channel has said its goodbye. */
  async released(): Promise<void> {
    await this.#parting;
  }

  // --- from the channels --------------------------------------------------------------------------------------------

  arrived(line: Line<never>, { remote }: Role): number {
    const channel = ++this.#channels;
    const { label: endpoint } = remote;
    this.#contacts.set(channel, { line, endpoint });
    this.#watch.dialled();
    const begin = (auth: Auth): void => {
      if (!this.#contacts.has(channel)) return; // It ended while auth was asked for.
      const facts = { endpoint, secure: isSecure(remote), auth: authBytes(auth), frameMax: this.#longestFrame(remote.scheme) };
      this.step(() => { this.machine.started(channel, facts, this.now); });
    };
    const auth = this.#settings.auth(); // What it throws ends the channel.
    if (!(auth instanceof Promise)) begin(auth);
    else auth.then(begin, (cause: unknown) => { line.fail(new SessionError("HF_SESSION_UNAUTHORIZED", `the auth for ${endpoint} could not be had: the function that gives it failed`, { cause, next: "retry" })); });
    return channel;
  }

  frame(channel: number, frame: Frame): void {
    if (this.#busy) return void this.#tasks.push(() => { this.machine.frame(channel, frame, this.now); });
    this.#busy = true; // As `step`, without a function for each frame.
    try {
      this.machine.frame(channel, frame, this.now);
    } finally {
      this.#settle();
    }
  }

  ping(channel: number, nonce: number): void {
    this.step(() => { this.machine.ping(channel, nonce, this.now); });
  }

  drainedChannel(channel: number): void {
    this.step(() => { this.machine.drained(channel); });
  }

  leaving(channel: number): void {
    this.step(() => { this.machine.leaving(channel); });
  }

  ended(channel: number): void {
    this.step(() => { this.machine.ended(channel); this.#contacts.delete(channel); });
  }

  // --- orders of the machine (ClientHost) ---------------------------------------------------------------------------

  transmit(channel: number, frame: Uint8Array): boolean {
    return this.#contacts.get(channel)?.line.send(frame) ?? false;
  }

  greeted(channel: number, { heartbeat, resumed }: { readonly heartbeat: Millis; readonly resumed: boolean }): void {
    const { credential } = this.machine.state;
    this.#contacts.get(channel)?.line.greeted({ ...heartbeatTerms(this.#heartbeat, heartbeat, credential?.timeout), resumed });
  }

  pong(channel: number, nonce: number): void {
    this.#contacts.get(channel)?.line.pong(nonce);
  }

  leave(channel: number, notice: LeaveNotice): void {
    this.#contacts.get(channel)?.line.leave(notice);
  }

  drop(channel: number, fault: Fault): void {
    this.#contacts.get(channel)?.line.fail(errorOf(fault));
  }

  done(channel: number): void {
    this.#contacts.get(channel)?.line.done();
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

  emit(message: Message, about: Receipt): boolean {
    return this.chronicle.emit("message", message, about);
  }

  handled(sequence: number, life: number): void {
    if (life === this.#life) this.step(() => { this.machine.handled(sequence, this.now); });
  }

  endpointOf(channel: number): string {
    return this.#contacts.get(channel)?.endpoint ?? "";
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

  #settle(): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
    this.#busy = false;
    this.#alarm.set(this.machine.wakeAt());
    this.chronicle.tell();
    this.delivery.pump();
    if (this.writers.some) this.writers.pump((message) => this.machine.hasRoom(message) && (this.send(message), true));
  }

  #newLink(): readonly [Link<never, never>, LinkWatch] {
    const link = new Link<never, never>({ ...this.#settings.link, protocol: new SessionProtocol(this) });
    return [link, new LinkWatch(link, this)];
  }

  #longestFrame(scheme: string): number {
    const transport = this.#settings.link.transports.find(({ schemes }) => schemes.includes(scheme));
    return transport?.traits.maxFrameBytes ?? this.#settings.policy.grant.frameMax;
  }
}
