import { LazyAlarm } from "../clock/lazy-alarm.ts";
import type { HoldfastError } from "../errors/holdfast-error.ts";
import { LinkError } from "../errors/link-error.ts";
import { stepLink, wakeAt } from "../machine/link.ts";
import { idle, type LinkEffect, type LinkEvent, type LinkReport, type LinkState, type LossCause } from "../machine/link-state.ts";
import type { Farewell } from "../ports/channel.ts";
import type { Millis } from "../ports/clock.ts";
import type { LeaveNotice } from "../ports/protocol.ts";
import type { Wire } from "../wire/wire.ts";
import { Contacts, type ContactsOwner } from "./contacts.ts";
import type { Closed, LinkEvents } from "./events.ts";
import { Journal } from "./journal.ts";
import { noGreeting } from "./no-greeting.ts";
import { lostMeanwhile, nobodyTookUs, unmovable } from "./not-moved.ts";
import type { LinkSettings } from "./options.ts";
import { measure, type DropCause } from "./outbox.ts";
import { Reader, type ReaderFlow } from "./reader.ts";
import { closedError, Sender, type SenderOwner } from "./sender.ts";

/** Where the engine is heard: a link. */
export interface Stage {
  emit(event: never, ...payload: never[]): boolean;
  listenerCount(event: never): number;
}

interface Happening { readonly event: LinkEvent; readonly error: HoldfastError | undefined }

/**
 * The thin driver between the link machine and the world. The machine decides, the engine obeys: it feeds the machine one event at
 * a time, performs the effects and tells the listeners. What a listener asks for meanwhile waits until the step is complete.
 */
export class Engine<Out, In> implements ContactsOwner<In>, SenderOwner<Out>, ReaderFlow<In> {
  readonly #stage: Stage;
  readonly #settings: LinkSettings<Out, In>;
  readonly #contacts: Contacts<Out, In>;
  /** From the first failure or, with a logger, the first event. */
  #journal: Journal | undefined;
  /** Only while the machine has something to wait for. */
  #alarm: LazyAlarm<Wakeable> | undefined;
  readonly sender: Sender<Out, In>;
  state: LinkState = idle;
  /** The channel that messages go through. */
  active: Wire<Out, In> | undefined;
  /** How it ended, once it has. */
  outcome: Closed | undefined;
  #reader: Reader<In> | undefined;
  /** What happened while the engine was busy. */
  #inbox: Happening[] | undefined;
  #busy = false;
  /** What stands behind the event that is being worked on. */
  #error: HoldfastError | undefined;
  #farewell: Farewell | undefined;
  #released: PromiseWithResolvers<void> | undefined;
  /** The next `connected`; while connected, the next `migrated`. */
  #connection: PromiseWithResolvers<void> | undefined;
  #closing: PromiseWithResolvers<Closed> | undefined;

  constructor(stage: Stage, settings: LinkSettings<Out, In>) {
    this.#stage = stage;
    this.#settings = settings;
    this.#contacts = new Contacts(settings, this);
    this.sender = new Sender(settings.outbox, settings.clock, settings.protocol.size ?? measure, this, settings.inFlight);
  }

  /** The way in: whatever happens goes through here, one event at a time. */
  happened(event: LinkEvent, error?: HoldfastError): void {
    if (this.#busy) {
      (this.#inbox ??= []).push({ event, error }); // A listener called back: first finish the current step.
      return;
    }
    this.#busy = true;
    this.#advance(event, error);
    for (let waiting = this.#inbox; waiting !== undefined; waiting = this.#inbox) {
      this.#inbox = undefined;
      for (const next of waiting) this.#advance(next.event, next.error);
    }
    this.#busy = false;
    if (this.#connection && this.state.phase === "connected" && this.state.move === undefined) this.#connect(nobodyTookUs(this.active?.endpoint ?? ""));
    this.#setAlarm(wakeAt(this.#settings.policy, this.state));
  }

  /** Emits. A listener that throws breaks nothing here: its error surfaces as an uncaught one. */
  tell<Name extends keyof LinkEvents<Out, In>>(name: Name, ...event: LinkEvents<Out, In>[Name]): void {
    const journal = name === "failed" || this.#settings.logger ? this.#records() : this.#journal;
    journal?.record(name, event[0]);
    try {
      this.#stage.emit(name as never, event[0] as never);
    } catch (error) {
      rethrow(error);
    }
  }

  reader(): Reader<In> {
    this.#reader ??= new Reader(this.#settings.maxUnread, this);
    if (this.outcome) this.#endReader(this.outcome);
    return this.#reader;
  }

  /** Resolves when every channel has said its goodbye. */
  async close(farewell: Farewell | undefined): Promise<void> {
    this.#farewell = farewell;
    this.happened({ type: "close", how: "close" });
    // Asked inside a listener, the order has not been carried out yet.
    if (this.state.phase === "closed" && this.state.slots.length === 0) return;
    this.#released ??= Promise.withResolvers();
    await this.#released.promise;
  }

  /** The next `connected`. Rejects when the link closes instead. */
  whenConnected(): Promise<void> {
    if (this.outcome) return Promise.reject(this.outcome.error ?? closedError());
    this.#connection ??= Promise.withResolvers();
    return this.#connection.promise;
  }

  /** The next `migrated`. Rejects when we stay, and when the connection is lost first. */
  async migrate(given: string | undefined): Promise<void> {
    const endpoint = given === undefined || this.state.phase !== "connected" ? undefined : this.#contacts.label(given);
    const refusal = unmovable(this.#settings.policy, this.state, endpoint);
    if (refusal) throw refusal;
    const { promise } = (this.#connection ??= Promise.withResolvers());
    this.happened({ type: "migrate", endpoint });
    await promise;
  }

  whenClosed(): Promise<Closed> {
    if (this.outcome) return Promise.resolve(this.outcome);
    this.#closing ??= Promise.withResolvers();
    return this.#closing.promise;
  }

  // --- from the wires ---------------------------------------------------------------------------------------------

  greeted(wire: Wire<Out, In>): void {
    this.happened({ type: "greeted", epoch: wire.epoch });
  }

  /** A message nobody listens to waits for the first reader, as far as there is room. */
  message(message: In): void {
    if (this.outcome) return;
    let listened = true;
    try {
      listened = this.#stage.emit("message" as never, message as never);
    } catch (error) {
      rethrow(error);
    }
    if (!listened || this.#reader?.active) this.reader().push(message);
  }

  wireDrained(wire: Wire<Out, In>): void {
    if (wire === this.active) this.sender.flush();
  }

  missed(wire: Wire<Out, In>, misses: number, of: number): void {
    if (wire !== this.active) return;
    this.tell("missed", { endpoint: wire.endpoint, misses, of });
    this.#doubt(wire);
  }

  suspected(wire: Wire<Out, In>): void {
    if (wire !== this.active) return;
    this.tell("suspected", { endpoint: wire.endpoint });
    this.#doubt(wire);
  }

  answered(wire: Wire<Out, In>): void {
    this.happened({ type: "answered", epoch: wire.epoch });
  }

  leave(wire: Wire<Out, In>, { within, spread, to }: LeaveNotice): void {
    let advice: string | null | undefined;
    try {
      if (to) advice = this.#contacts.advice(to, wire.remote);
    } catch (error) {
      rethrow(error); // A source of the user's. The peer has done nothing wrong.
    }
    if (advice === null) this.tell("draining", { endpoint: wire.endpoint, within });
    else this.happened({ type: "leave", epoch: wire.epoch, within, spread, to: advice });
  }

  proven(wire: Wire<Out, In>): void {
    if (wire !== this.active) {
      this.happened({ type: "proven", epoch: wire.epoch });
      return;
    }
    this.sender.confirmed(wire.unconfirmed);
    if (!this.sender.attached) this.#settle(wire);
  }

  ended(wire: Wire<Out, In>, cause: LossCause, error: HoldfastError | undefined): void {
    this.happened({ type: "lost", epoch: wire.epoch, cause, next: error?.next ?? "retry", retryAfter: error?.retryAfter ?? 0 }, error);
  }

  // --- from the sender and the reader -----------------------------------------------------------------------------

  drained(): void {
    this.tell("drained");
  }

  dropped(message: Out, why: DropCause, error?: unknown): void {
    this.tell("dropped", { message, why, ...(error === undefined ? {} : { error }) });
  }

  unread(message: In): void {
    this.tell("dropped", { message, why: "unread" });
  }

  pause(): boolean {
    return this.active?.pause() ?? false;
  }

  resume(): void {
    this.active?.resume();
  }

  // --- obeying ----------------------------------------------------------------------------------------------------

  #advance(event: LinkEvent, error: HoldfastError | undefined): void {
    const { policy, clock, random } = this.#settings;
    this.#error = error;
    const { state, effects } = stepLink(policy, this.state, event, { now: clock.now(), dice: random() });
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    if (event.type === "lost") this.#contacts.forget(event.epoch);
    if (state.phase === "closed" && state.slots.length === 0) this.#release();
  }

  #records(): Journal {
    this.#journal ??= new Journal(this.#settings.logger, this.#settings.warnAfter);
    return this.#journal;
  }

  #setAlarm(at: Millis): void {
    if (at < Infinity) this.#alarm ??= new LazyAlarm<Wakeable>(this.#settings.clock, wake, this);
    this.#alarm?.set(at);
    if (at === Infinity) this.#alarm = undefined;
  }

  #perform(effect: LinkEffect): void {
    switch (effect.type) {
      case "resolve": void this.#contacts.resolve(effect.epoch); return; // Handles its errors: they become events.
      case "dial": void this.#contacts.dial(effect.epoch, effect.index); return; // The same.
      case "greet": this.#contacts.greet(effect.epoch, effect.duty); return;
      case "probe": if (this.#contacts.wire(effect.epoch)?.asks() !== true) this.happened({ type: "proven", epoch: effect.epoch }); return;
      case "hangUp": this.#contacts.hangUp(effect.epoch, effect.how, this.#error ?? new LinkError("HF_ABORTED", `given up: ${effect.cause}`), this.#farewell); return;
      case "flush": this.active?.deliver(); this.sender.catchUp(); return;
      case "hold": this.#hold(); return;
      case "release": this.#attach(this.active); this.sender.catchUp(); return;
      case "report": this.#report(effect.report); return;
      default: effect satisfies never;
    }
  }

  #report(report: LinkReport): void {
    const { name, ...event } = report;
    switch (report.name) {
      case "connected": this.#use(report.epoch); this.#welcome(report.endpoint, report.epoch); return;
      case "migrated": this.#migrated(report); return;
      case "failed": this.tell("failed", { attempt: report.attempt, endpoint: report.endpoint, error: this.#error ?? noGreeting(report, this.#settings.policy.dialTimeout) }); return;
      case "disconnected": this.#disconnected(report); return;
      case "waiting": this.#journal?.lap(this.#stage.listenerCount("waiting" as never) > 0, report.delay); break;
      case "closed": this.#end(report.cause); return;
      default:
    }
    this.tell(name, event as never); // A report without additions is the event.
  }

  #use(epoch: number): void {
    this.#attach(this.#contacts.wire(epoch));
    this.#connect();
  }

  /** A peer that knows nothing of us yet, however we came to it. */
  #welcome(endpoint: string, epoch: number): void {
    this.tell("connected", { endpoint, epoch, resumed: this.active?.resumed ?? false });
  }

  #migrated({ name, ...event }: Extract<LinkReport, { name: "migrated" }>): void {
    const old = this.active;
    const open = this.#settings.policy.handover === "replayed" ? 0 : old?.unconfirmed ?? 0;
    const lost = this.#recall(open);
    old?.resume(); // Its last messages are read, however slow the reader is.
    this.#use(event.epoch);
    this.tell(name, { ...event, ...lost });
    this.#forgotten(lost);
    this.#welcome(event.to, event.epoch);
  }

  /** What is sent goes to this channel now. */
  #attach(wire: Wire<Out, In> | undefined): void {
    this.active = wire;
    if (wire === undefined) return;
    wire.activate();
    this.sender.attach(wire);
    this.#reader?.renew();
  }

  /** Whoever waits for a connection, or for another one, hears of it. */
  #connect(failure?: LinkError): void {
    if (failure) this.#connection?.reject(failure);
    else this.#connection?.resolve();
    this.#connection = undefined;
  }

  /** Before a move: nothing more is sent, and what was read is acted on, so that the answer gets through. */
  #hold(): void {
    this.sender.detach();
    this.active?.resume();
    if (this.active) this.#settle(this.active);
  }

  /** Peers that beat by themselves skip a beat now and then: their silence is told, and nothing more. */
  #doubt(wire: Wire<Out, In>): void {
    if (this.#settings.policy.suspicion && wire.answers) this.happened({ type: "suspected", epoch: wire.epoch });
  }

  #settle(wire: Wire<Out, In>): void {
    if (wire.settled()) this.happened({ type: "settled", epoch: wire.epoch });
  }

  #disconnected({ endpoint, cause, epoch }: Extract<LinkReport, { name: "disconnected" }>): void {
    const polite = cause === "requested" && this.state.phase === "closed" && this.state.slots.some((slot) => slot.epoch === epoch);
    if (polite && this.active) this.sender.attach(this.active); // A move may have held it.
    if (polite) this.sender.close(); // What waits goes out before the goodbye.
    const open = this.active?.epoch === epoch ? this.active.unconfirmed : 0;
    const lost = cause === "requested" ? { unconfirmed: open } : this.#recall(open);
    this.active = undefined;
    this.sender.detach();
    if (this.#connection) this.#connect(lostMeanwhile(endpoint));
    this.tell("disconnected", { cause, endpoint, ...lost, ...(this.#error && { error: this.#error }) });
    this.#forgotten(lost);
  }

  /** Of what the channel left open: what may be lost, and what is sent again on the next one. */
  #recall(open: number): Left {
    if (this.#settings.inFlight === undefined) return { unconfirmed: open };
    const resent = this.sender.recall(open);
    return { unconfirmed: open - resent, resent };
  }

  /** What was open and is remembered no more. */
  #forgotten({ unconfirmed, resent }: Left): void {
    if (resent !== undefined && unconfirmed > 0) this.tell("dropped", { message: undefined, why: "forgotten", count: unconfirmed });
  }

  #end(cause: Closed["cause"]): void {
    const error = cause === "exhausted" ? this.#records().gaveUp(this.#error) : this.#error;
    this.outcome = { cause, ...(error && { error }) };
    this.#endReader(this.outcome);
    this.sender.close();
    this.tell("closed", this.outcome);
    this.#closing?.resolve(this.outcome);
    this.#connection?.reject(error ?? closedError());
  }

  #endReader({ cause, error }: Closed): void {
    this.#reader?.end(cause === "requested" ? undefined : (error ?? closedError()));
  }

  #release(): void {
    this.#setAlarm(Infinity);
    this.#released?.resolve();
  }
}

interface Left { readonly unconfirmed: number; readonly resent?: number }

type Wakeable = Pick<ContactsOwner<unknown>, "happened">;

function wake(engine: Wakeable): void {
  engine.happened({ type: "wake" });
}

function rethrow(error: unknown): void {
  queueMicrotask(() => { throw error; });
}
