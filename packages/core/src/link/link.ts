import { EventEmitter } from "eventemitter3";
import { LazyAlarm } from "../clock/lazy-alarm.ts";
import { ConnectError } from "../errors/connect-error.ts";
import type { HoldfastError } from "../errors/holdfast-error.ts";
import { LinkError } from "../errors/link-error.ts";
import { idle, stepLink, wakeAt, type LinkEffect, type LinkEvent, type LinkReport, type LinkState, type LossCause } from "../machine/link.ts";
import type { RoundTripTime } from "../machine/round-trip.ts";
import type { Farewell } from "../ports/channel.ts";
import type { Millis } from "../ports/clock.ts";
import type { LeaveNotice, Messenger, Terms } from "../ports/protocol.ts";
import type { Wire, WireOwner } from "../wire/wire.ts";
import { Contacts } from "./contacts.ts";
import type { Closed, LinkEvents, Snapshot } from "./events.ts";
import { Journal } from "./journal.ts";
import { resolveLinkOptions, type LinkOptions, type LinkSettings } from "./options.ts";
import { measure } from "./outbox.ts";
import { Reader } from "./reader.ts";
import { closedError, Sender, type WriteOptions } from "./sender.ts";

interface Inbox { readonly event: LinkEvent; readonly error: HoldfastError | undefined }

/**
 * A connection that outlives its channels: dials, watches, redials along the list, and says what happened.
 *
 * The link machine decides, this class obeys: it feeds the machine one event at a time, performs the effects, and tells the
 * listeners. A listener may call back: what it asks for is done after the current step.
 */
export class Link<Out = unknown, In = unknown> extends EventEmitter<LinkEvents<Out, In>> implements Messenger<Out, In> {
  readonly #settings: LinkSettings<Out, In>;
  readonly #contacts: Contacts<Out, In>;
  readonly #sender: Sender<Out, In>;
  readonly #reader: Reader<In>;
  readonly #journal: Journal;
  readonly #alarm: LazyAlarm;
  #state: LinkState = idle;
  #active: Wire<Out, In> | undefined;
  #inbox: Inbox[] = [];
  #busy = false;
  #error: HoldfastError | undefined;
  #farewell: Farewell | undefined;
  #closed: PromiseWithResolvers<Closed> | undefined;
  #outcome: Closed | undefined;
  #released: PromiseWithResolvers<void> | undefined;

  /** Throws an `OptionError` for an option that cannot work. Nothing is dialled before `open()`. */
  constructor(options: LinkOptions<Out, In>) {
    super();
    const settings = (this.#settings = resolveLinkOptions(options));
    const { protocol, clock } = settings;
    this.#journal = new Journal(settings.logger);
    this.#alarm = new LazyAlarm(clock, () => { this.#dispatch({ type: "wake" }); });
    this.#contacts = new Contacts(settings, this.#wireOwner(), (event, error) => { this.#dispatch(event, error); });
    this.#sender = new Sender(settings.outbox, clock, (message) => protocol.size?.(message) ?? measure(message), {
      drained: () => { this.#tell("drained"); },
      dropped: (message, why, error) => { this.#tell("dropped", { message, why, ...(error === undefined ? {} : { error }) }); },
    });
    this.#reader = new Reader(settings.maxUnread, {
      pause: () => this.#active?.pause() ?? false,
      resume: () => { this.#active?.resume(); },
      unread: (message) => { this.#tell("dropped", { message, why: "unread" }); },
    });
  }

  // --- state ------------------------------------------------------------------------------------------------------

  get phase(): LinkState["phase"] {
    return this.#state.phase;
  }

  /** The label of the endpoint we are connected to. */
  get endpoint(): string | undefined {
    return this.snapshot().endpoint;
  }

  /** Round-trip times of the active channel in ms; undefined before the first answered ping. */
  get rtt(): RoundTripTime | undefined {
    return this.#active?.rtt;
  }

  /** Resolves when the link is closed for good, with the reason. Never rejects. */
  get closed(): Promise<Closed> {
    this.#closed ??= Promise.withResolvers();
    if (this.#outcome) this.#closed.resolve(this.#outcome);
    return this.#closed.promise;
  }

  /** Longest time in ms until a dead peer of the active channel is noticed, after its last proof of life. See `HeartbeatOptions`. */
  detectionBound(peer?: "silent" | "talking"): Millis {
    return this.#active?.detectionBound(peer) ?? Infinity;
  }

  /** Everything worth knowing right now: plain, secret-free. */
  snapshot(): Snapshot {
    const state = this.#state;
    const slots = state.phase === "idle" ? [] : state.slots.map(({ epoch, stage, endpoint }) => ({ epoch, stage, endpoint }));
    const { epoch } = this.#active ?? {};
    return {
      phase: state.phase, epoch, slots,
      endpoint: slots.find((slot) => slot.epoch === epoch)?.endpoint,
      attempt: "course" in state ? state.course.attempt : 0,
      rtt: this.rtt, unconfirmed: this.#active?.unconfirmed ?? 0, outbox: this.#sender.waiting,
    };
  }

  // --- orders -----------------------------------------------------------------------------------------------------

  /** Starts dialling and resolves at the next `connected`. Rejects when the link closes first, or with `signal.reason`; the dialling goes on then. */
  async open(options?: { readonly signal?: AbortSignal }): Promise<void> {
    this.#dispatch({ type: "open" });
    await this.ready(options);
  }

  /** Resolves as soon as the link is connected: at once if it is. Starts nothing. Rejects as `open` does. */
  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.phase === "connected") return;
    if (this.#outcome) throw this.#outcome.error ?? closedError();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refuse = ({ error }: Closed): void => { reject(error ?? closedError()); };
    const abort = (): void => { reject(signal?.reason as Error); };
    this.once("connected", resolve as () => void).once("closed", refuse);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      this.off("connected", resolve as () => void).off("closed", refuse);
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Takes a message. True: sent or on its way out. False: taken too, but please wait for `drained`. Throws a `BackpressureError`
   * when the outbox is full (nothing was taken), a `LinkError` after `close()`, and what the protocol throws for a message it cannot encode.
   */
  send(message: Out): boolean {
    return this.#sender.send(message);
  }

  /** As `send`, but waits for room. Rejects with `signal.reason` or, after `timeout`, with a `TimeoutError`. */
  write(message: Out, options?: WriteOptions): Promise<void> {
    return this.#sender.write(message, options);
  }

  receive(handler: (message: In) => void): () => void {
    this.on("message", handler as never);
    return () => { this.off("message", handler as never); };
  }

  /** The network is back: dials now instead of waiting, or, while connected, asks the peer for a sign of life now. */
  retryNow(): void {
    if (this.#active) this.#active.probe();
    this.#dispatch({ type: "retryNow" });
  }

  /** The application knows better than the heartbeat (pings are answered, requests fail): leaves this endpoint for the next one. */
  suspect(reason: string): void {
    if (this.#active === undefined) return;
    const { endpoint = "" } = this;
    const { epoch } = this.#active;
    this.#tell("suspected", { endpoint, reason });
    this.#dispatch({ type: "lost", epoch, cause: "suspected", next: "elsewhere", retryAfter: 0 }, new LinkError("HF_SUSPECTED", `the application gave up on ${endpoint}: ${reason}`));
  }

  /** Sends what waits, says goodbye, and resolves when every channel is gone. Messages that cannot go out are reported in `dropped`. */
  async close(farewell?: Farewell): Promise<void> {
    this.#farewell = farewell;
    this.#dispatch({ type: "close", how: "close" });
    await this.#gone();
  }

  /** Ends everything now. What was not flushed is lost, and counted in `disconnected`. */
  abort(error?: Error): void {
    this.#dispatch({ type: "close", how: "abort" }, error && new LinkError("HF_ABORTED", `the link was aborted: ${error.message}`, { cause: error, next: "stop" }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Messages in order of arrival. Ends when the link is closed by request, throws when it ended otherwise. A slow reader pauses the channel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return this.#reader.iterate();
  }

  // --- within -----------------------------------------------------------------------------------------------------

  #dispatch(event: LinkEvent, error?: HoldfastError): void {
    this.#inbox.push({ event, error });
    if (this.#busy) return; // A listener called back: first finish the current step.
    this.#busy = true;
    for (let next = this.#inbox.shift(); next; next = this.#inbox.shift()) this.#advance(next);
    this.#busy = false;
    this.#alarm.set(wakeAt(this.#settings.policy, this.#state));
  }

  #advance({ event, error }: Inbox): void {
    const { policy, clock, random } = this.#settings;
    this.#error = error;
    const { state, effects } = stepLink(policy, this.#state, event, { now: clock.now(), dice: random() });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (event.type === "lost") this.#contacts.forget(event.epoch);
    if (state.phase === "closed" && state.slots.length === 0) this.#release();
  }

  #perform(effect: LinkEffect): void {
    switch (effect.type) {
      case "resolve": void this.#contacts.resolve(effect.epoch); return; // Handles its errors: they become events.
      case "dial": void this.#contacts.dial(effect.epoch, effect.index); return; // The same.
      case "hangUp": this.#contacts.hangUp(effect.epoch, effect.how, this.#error ?? new LinkError("HF_ABORTED", `given up: ${effect.cause}`), this.#farewell); return;
      case "flush": this.#sender.flush(); return;
      case "report": this.#report(effect.report); return;
      default: effect satisfies never;
    }
  }

  #report(report: LinkReport): void {
    switch (report.name) {
      case "connecting": this.#tell("connecting", { attempt: report.attempt, endpoint: report.endpoint }); return;
      case "failed": this.#tell("failed", { attempt: report.attempt, endpoint: report.endpoint, error: this.#error ?? this.#timedOut(report) }); return;
      case "connected": this.#connected(report); return;
      case "draining": this.#tell("draining", { endpoint: report.endpoint, within: report.within }); return;
      case "disconnected": this.#disconnected(report.endpoint, report.cause, report.epoch); return;
      case "waiting": this.#waiting(report.attempt, report.delay); return;
      case "closed": this.#end(report.cause); return;
      default: report satisfies never;
    }
  }

  #connected({ endpoint, epoch, resumed }: Extract<LinkReport, { name: "connected" }>): void {
    const wire = this.#contacts.wire(epoch);
    if (wire === undefined) return;
    this.#active = wire;
    this.#sender.attach(wire);
    this.#reader.renew();
    this.#tell("connected", { endpoint, epoch, resumed });
  }

  #disconnected(endpoint: string, cause: LossCause, epoch: number): void {
    const unconfirmed = this.#active?.epoch === epoch ? this.#active.unconfirmed : 0;
    if (cause !== "requested") this.#leaveChannel();
    this.#tell("disconnected", { cause, endpoint, unconfirmed, ...(this.#error && { error: this.#error }) });
  }

  #waiting(attempt: number, delay: Millis): void {
    this.#journal.lap(this.listenerCount("waiting") > 0, delay);
    this.#tell("waiting", { attempt, delay });
  }

  #end(cause: Closed["cause"]): void {
    const error = this.#error ?? (cause === "exhausted" ? this.#journal.gaveUp() : undefined);
    this.#outcome = { cause, ...(error && { error }) };
    this.#reader.end(cause === "requested" ? undefined : (error ?? closedError()));
    this.#tell("closed", this.#outcome);
    this.#closed?.resolve(this.#outcome);
  }

  #leaveChannel(): void {
    this.#active = undefined;
    this.#sender.detach();
  }

  #timedOut({ endpoint, stage }: { readonly endpoint: string; readonly stage: string }): ConnectError {
    const { dialTimeout } = this.#settings.policy;
    const what = stage === "greeting" ? `${endpoint} accepted the connection but sent no greeting` : stage === "dialing" ? `${endpoint} did not answer` : "the endpoint source gave no list";
    return new ConnectError("HF_DIAL_TIMEOUT", endpoint, `${what} within ${dialTimeout} ms`);
  }

  #wireOwner(): WireOwner<In> {
    const endpoint = (): string => this.endpoint ?? "";
    return {
      greeted: (wire, { resumed = false }: Terms) => { this.#dispatch({ type: "greeted", epoch: epochOf(wire), resumed }); },
      message: (message) => { this.#receive(message); },
      drained: (wire) => { if (wire === this.#active) this.#sender.flush(); },
      missed: (wire, misses, of) => { if (wire === this.#active) this.#tell("missed", { endpoint: endpoint(), misses, of }); },
      suspected: (wire) => { if (wire === this.#active) this.#tell("suspected", { endpoint: endpoint() }); },
      leave: (wire, { within, spread }: LeaveNotice) => { this.#dispatch({ type: "leave", epoch: epochOf(wire), within, spread }); },
      ended: (wire, cause, error) => {
        this.#dispatch({ type: "lost", epoch: epochOf(wire), cause, next: error?.next ?? "retry", retryAfter: error?.retryAfter ?? 0 }, error);
      },
    };
  }

  /** A message nobody listens to waits for the first reader, as far as there is room. */
  #receive(message: In): void {
    if (this.#outcome) return;
    let listened = true;
    try {
      listened = this.emit("message", message as never);
    } catch (error) {
      rethrow(error);
    }
    if (!listened || this.#reader.active) this.#reader.push(message);
  }

  /** Emits. A listener that throws breaks nothing here: its error surfaces as an uncaught one. */
  #tell<Name extends keyof LinkEvents<Out, In>>(name: Name, ...event: LinkEvents<Out, In>[Name]): void {
    this.#journal.record(name, event[0]);
    try {
      (this.emit as (name: string, event: unknown) => boolean).call(this, name, event[0]);
    } catch (error) {
      rethrow(error);
    }
  }

  #release(): void {
    this.#sender.close();
    this.#leaveChannel();
    this.#alarm.clear();
    this.#released?.resolve();
  }

  async #gone(): Promise<void> {
    if (this.#state.phase !== "closed" || this.#state.slots.length === 0) return;
    this.#released ??= Promise.withResolvers();
    await this.#released.promise;
  }
}

function epochOf(wire: unknown): number {
  return (wire as Wire<unknown, unknown>).epoch; // Wires name themselves.
}

function rethrow(error: unknown): void {
  queueMicrotask(() => { throw error; });
}
