import { LazyAlarm } from "../clock/lazy-alarm.ts";
import { BackpressureError } from "../errors/backpressure-error.ts";
import { LinkError } from "../errors/link-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { Clock, Millis } from "../ports/clock.ts";
import type { InFlight } from "../ports/resend.ts";
import type { Wire } from "../wire/wire.ts";
import { Outbox, type DropCause, type Outgoing } from "./outbox.ts";

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Longest wait for room in ms; then `write` rejects with a `TimeoutError` and the message was not taken. @default Infinity */
  readonly timeout?: Millis;
}

/** What a sender tells its owner, and how it words a refusal. */
export interface SenderOwner<Out> {
  /** After a `send` that said false: messages go out at once again. */
  drained(): void;
  dropped(message: Out, why: DropCause, error?: unknown): void;
  /** What `send` throws when the outbox is full. @default the words of a link */
  full?(waiting: Waiting): BackpressureError;
  /** What `send` throws after the end. @default the words of a link */
  closed?(): LinkError;
}
export interface Waiting { readonly messages: number; readonly bytes: number }

const none: readonly never[] = [];

interface Writer<Out> { readonly message: Out; readonly settle: (error?: unknown) => void }

/**
 * The way out. While a channel takes messages they go straight to it; while none does, or it asked us to wait, they go to the
 * outbox, which is bounded. Order is kept throughout.
 */
export class Sender<Out, In> {
  readonly #clock: Clock;
  readonly #limits: Outgoing;
  readonly #measure: (message: Out) => number;
  /** From the first message that has to wait. */
  #outbox: Outbox<Out> | undefined;
  /** Only where messages expire. */
  readonly #alarm: LazyAlarm | undefined;
  readonly #owner: SenderOwner<Out>;
  /** The channel that takes messages right now. */
  #open: Wire<Out, In> | undefined;
  /** The active channel, whether it takes messages or not. */
  #wire: Wire<Out, In> | undefined;
  /** Only where messages are sent again. */
  readonly #inFlight: InFlight<Out> | undefined;
  #writers: readonly Writer<Out>[] = none;
  #saidWait = false;
  #over = false;

  constructor(limits: Outgoing, clock: Clock, measure: (message: Out) => number, owner: SenderOwner<Out>, inFlight?: InFlight<Out>) {
    this.#clock = clock;
    this.#owner = owner;
    this.#limits = limits;
    this.#measure = measure;
    this.#inFlight = inFlight;
    this.#alarm = limits.ttl === Infinity ? undefined : new LazyAlarm(clock, () => {
      this.#expire();
      this.#pump();
    });
  }

  get waiting(): Waiting {
    const again = this.#inFlight?.waiting;
    return { messages: (this.#outbox?.length ?? 0) + (again?.messages ?? 0), bytes: (this.#outbox?.bytes ?? 0) + (again?.bytes ?? 0) };
  }

  /** False: everything waits. */
  get attached(): boolean {
    return this.#wire !== undefined;
  }

  send(message: Out): boolean {
    const wire = this.#open;
    if (wire === undefined) return this.#queue(message);
    if (this.#put(wire, message)) return true;
    this.#open = undefined;
    this.#saidWait = true;
    return false;
  }

  async write(message: Out, { signal, timeout = Infinity }: WriteOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#over || this.#open !== undefined || (this.#writers.length === 0 && this.#waitingRoom().hasRoom(message))) {
      this.send(message);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: unknown): void => {
      this.#writers = this.#writers.filter((other) => other !== writer);
      alarm.cancel();
      signal?.removeEventListener("abort", aborted);
      if (error === undefined) resolve();
      else reject(error);
    };
    const writer: Writer<Out> = { message, settle };
    const aborted = (): void => { settle(signal?.reason); };
    const alarm = this.#clock.alarm(this.#clock.now() + timeout, () => { settle(new TimeoutError(`the outbox had no room for ${timeout} ms: the message was not taken`)); });
    signal?.addEventListener("abort", aborted, { once: true });
    this.#writers = [...this.#writers, writer];
    await promise;
  }

  /** A channel is greeted. What its listeners send now goes out before the messages that wait. */
  attach(wire: Wire<Out, In>): void {
    this.#wire = this.#open = wire;
  }

  detach(): void {
    this.#wire = this.#open = undefined;
  }

  /** The channel in use is over, or left. How many of its messages will be sent again on the next one, before what waits. */
  recall(unconfirmed: number): number {
    const again = this.#inFlight?.recall(unconfirmed, this.#clock.now() + this.#limits.ttl) ?? 0;
    this.#setAlarm();
    return again;
  }

  /** The peer has vouched for all but so many. */
  confirmed(unconfirmed: number): void {
    this.#inFlight?.settle(unconfirmed);
  }

  /** The active channel takes messages again. */
  flush(): void {
    this.#open = this.#wire;
    this.catchUp();
  }

  /** Sends what waits, unless the channel has asked us to wait already. */
  catchUp(): void {
    this.#expire();
    const wire = this.#open;
    if (wire === undefined) return;
    this.#open = undefined; // What listeners send meanwhile stands in line.
    const goesOn = (more: boolean): boolean => more && this.#wire === wire;
    if (this.#resend(wire, goesOn) && (this.#outbox?.flush((message) => goesOn(this.#say(wire, message))) ?? true)) this.#open = this.#wire;
    this.#pump();
    if (this.#open === undefined || !this.#saidWait) return;
    this.#saidWait = false;
    this.#owner.drained();
  }

  /** Hands everything that waits to the channel, if there is one, and takes nothing more. */
  close(): void {
    const wire = this.#wire;
    if (wire !== undefined) {
      this.#resend(wire, () => true);
      this.#outbox?.flush((message) => {
        this.#say(wire, message);
        return true;
      });
    }
    this.detach();
    this.#over = true;
    this.#alarm?.clear();
    for (const message of this.#inFlight?.expire(Infinity) ?? none) this.#owner.dropped(message, "closed");
    this.#outbox?.clear();
    for (const writer of [...this.#writers]) writer.settle(this.#closedError());
  }

  /** A message that waited and cannot be encoded is reported, not thrown at whoever happens to be running. */
  #say(wire: Wire<Out, In>, message: Out): boolean {
    try {
      return this.#put(wire, message);
    } catch (error) {
      this.#unsendable(message, error);
      return true;
    }
  }

  #put(wire: Wire<Out, In>, message: Out): boolean {
    return this.#inFlight === undefined ? wire.say(message) : this.#inFlight.say(wire, message);
  }

  #unsendable(message: Out, error: unknown): void {
    this.#owner.dropped(message, "unsendable", error);
  }

  /** Where messages are sent again; true where that was all. */
  #resend(wire: Wire<Out, In>, goesOn: (more: boolean) => boolean): boolean {
    return this.#inFlight?.resend(wire, goesOn, (message, error) => { this.#unsendable(message, error); }) ?? true;
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const message of this.#inFlight?.expire(now) ?? none) this.#owner.dropped(message, "expired");
    this.#outbox?.expire(now);
  }

  #setAlarm(): void {
    this.#alarm?.set(Math.min(this.#outbox?.expiresAt ?? Infinity, this.#inFlight?.expiresAt ?? Infinity));
  }

  #queue(message: Out): boolean {
    if (this.#over) throw this.#closedError();
    const outbox = this.#waitingRoom();
    if (!outbox.offer(message, this.#clock.now())) throw this.#owner.full?.(this.waiting) ?? fullError(this.waiting);
    this.#setAlarm();
    this.#saidWait = true;
    return false;
  }

  #waitingRoom(): Outbox<Out> {
    this.#outbox ??= new Outbox(this.#limits, this.#measure, this.#owner);
    return this.#outbox;
  }

  #closedError(): LinkError {
    return this.#owner.closed?.() ?? closedError();
  }

  /** Lets waiting writers in, in order, as far as there is room. */
  #pump(): void {
    for (let writer = this.#writers[0]; writer !== undefined; writer = this.#writers[0]) {
      try {
        if (this.#open === undefined && !this.#waitingRoom().hasRoom(writer.message)) break; // Measuring may throw, too.
        this.send(writer.message);
        writer.settle();
      } catch (error) {
        writer.settle(error);
      }
    }
    this.#setAlarm();
  }
}

function fullError({ messages, bytes }: Waiting): BackpressureError {
  return new BackpressureError(`the outbox is full (${messages} messages, ${bytes} bytes wait for a connection): this message was not taken. Use write() to wait for room, or raise outbox.maxMessages or outbox.maxBytes`);
}

export function closedError(): LinkError {
  return new LinkError("HF_CLOSED", "this link is closed and takes no more messages: make a new one", { next: "stop" });
}
