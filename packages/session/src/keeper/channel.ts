import type { Alarm, Conversation, Endpoint, Frame, HoldfastError, LeaveNotice, Line, Millis, Role, Terms } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";
import { Arrivals } from "../frames/arrivals.ts";
import { Departures } from "../frames/departures.ts";
import type { Message } from "../frames/frame.ts";
import { isPromise, whenAnswered } from "./answered.ts";
import { Handling } from "./handling.ts";
import { KeeperError } from "./keeper-error.ts";
import type { Verdict } from "./machine/keeper-calls.ts";
import type { Entrant, KeeperHost, KeeperReport } from "./machine/keeper-host.ts";
import { KeeperMachine } from "./machine/keeper-machine.ts";
import type { KeeperOrder } from "./machine/keeper-order.ts";
import { greetingState } from "./machine/keeper-state.ts";
import type { Office } from "./office.ts";
import { askFor } from "./questions.ts";
import { reported } from "./reports.ts";
import type { Seat } from "./seat.ts";

/** The driver of one channel's machine: tells it what happens, with the time, and carries out what it orders. */
export class KeeperChannel implements Conversation<Message>, KeeperHost {
  readonly remote: Endpoint;
  readonly office: Office;
  readonly #line: Line<never>;
  readonly #machine: KeeperMachine;
  readonly #released: () => void;
  readonly #alarm: LazyAlarm<KeeperChannel>;
  /** From the answered greeting on. */
  seat: Seat | undefined;
  /** What broke the channel. */
  error: Error | undefined;
  readonly #arrivals: Arrivals;
  readonly #departures: Departures;
  /** Frames are being read: what a handler does at once is settled with them. */
  #reading = false;
  /** `turned` is due: all that is read until then is settled with it. */
  #turning = false;
  #heldBytes = 0;
  #gone = false;
  /** Ends the channel, unless the client does. */
  #parting: Alarm | undefined;
  #idle: (() => void)[] = [];

  constructor(office: Office, line: Line<never>, { remote }: Role, released: () => void) {
    const { policy, secure, clock } = office.settings;
    this.office = office;
    this.remote = remote;
    this.#line = line;
    this.#arrivals = new Arrivals(line, (frames) => { this.#read(frames); });
    this.#departures = new Departures(line, office.framing);
    this.#released = released;
    this.#machine = new KeeperMachine(policy, this, greetingState(secure(remote)));
    this.#alarm = new LazyAlarm<KeeperChannel>(clock, wake, this);
  }

  get over(): boolean { return this.#machine.phase === "over"; }
  get atWork(): boolean { return this.#machine.atWork; }

  // --- from the link (Conversation) -----------------------------------------------------------------------------------

  frame(frame: Frame): void {
    this.#arrivals.push(frame);
    // The server counts what we answer to a client that reads nothing, frame by frame.
    if (this.#departures.blocked) this.#arrivals.flush();
  }

  send(message: Message): boolean { this.seat?.send(message); return true; }

  // What is told about a channel comes after its frames.
  ping(nonce: number): void { this.#arrivals.flush(); this.#machine.ping(nonce, this.#now); this.#settle(); }
  dismiss(notice: LeaveNotice): void { this.#arrivals.flush(); this.#machine.dismiss(notice, this.#now); this.#settle(); }

  close(): void {
    this.#arrivals.flush();
    this.#machine.close(this.#now);
    this.#settle();
    this.#departures.flush();
  }

  drained(): void {
    this.#arrivals.flush();
    this.#departures.blocked = false;
    this.#machine.drained(this.#now);
    this.#settle();
    this.#line.drained();
  }

  closed(error?: Error): void {
    if (this.#gone) return;
    this.#arrivals.flush();
    this.#gone = true;
    this.#parting?.cancel();
    this.error = error;
    this.#machine.ended(this.#now);
    const { seat } = this;
    if (seat?.detach(this) === true) this.office.tell("detached", { session: seat, remote: this.remote, ...(error && { error }) });
    this.#settle();
  }

  /** The alarm rang. */
  wake(): void { this.#machine.wake(this.#now); this.#settle(); }

  // --- from its session -----------------------------------------------------------------------------------------------

  offer(message: Message): Verdict { return this.#told(this.#machine.send(message, this.#now)); }
  reply(message: Message, sequence: number): Verdict { return this.#told(this.#machine.reply(message, sequence, this.#now)); }
  sendVolatile(message: Message): boolean { return this.#told(this.#machine.sendVolatile(message, this.#now)); }
  closeSession(): void { this.#machine.closeSession(this.#now); this.#settle(); }
  expelled(epoch: number): void { this.#machine.expelled(epoch, this.#now); this.#settle(); }
  appended(sent: number): void { this.#machine.appended(sent, this.#now); this.#settle(); }
  doubted(): void { this.#machine.doubted(this.#now); this.#settle(); }

  /** Says goodbye and ends the channel. */
  hangUp(): void {
    this.close();
    this.#line.done();
  }

  /** Calls `go` once nothing is at work any more, or after `within` ms. */
  whenIdle(within: Millis, go: () => void): void {
    if (!this.atWork || within <= 0) return go();
    const { clock } = this.office.settings;
    const once = (): void => {
      alarm.cancel();
      const at = this.#idle.indexOf(once);
      if (at >= 0) this.#idle.splice(at, 1);
      go();
    };
    const alarm = clock.alarm(clock.now() + within, once);
    this.#idle.push(once);
  }

  // --- orders (KeeperHost) --------------------------------------------------------------------------------------------

  transmit(frame: Uint8Array): boolean { return this.#departures.send(frame); }
  greeted(terms: Terms): void { this.#line.greeted(terms); }
  pong(nonce: number): void { this.#line.pong(nonce); }
  drop(error: HoldfastError): void { this.#line.fail(error); }

  done(within: Millis = 0): void {
    this.#departures.flush();
    if (within === 0) return this.#line.done();
    const { clock } = this.office.settings;
    this.#parting = clock.alarm(clock.now() + within, () => { this.#line.done(); });
  }

  tell(report: KeeperReport): void { reported(this, report); }

  admit(who: Entrant): Millis {
    const { admission, seats, outgoingBytes } = this.office;
    return admission.admit(who, this.remote, { attached: seats.attached.size, outgoingBytes }, this.#now);
  }

  ask(order: KeeperOrder): void {
    const worker = order.type === "attach" ? this.office.seats.find(order.id)?.worker : undefined;
    // A handler that is still at work for the old channel is waited for: its message would be handled twice.
    if (worker === undefined) return this.#ask(order);
    worker.#machine.rest(this.#now);
    worker.whenIdle(this.office.settings.limits.handoverTimeout, () => {
      if (this.over) worker.#resume();
      else this.#ask(order, () => { worker.#resume(); });
    });
  }

  handle(message: Message, sequence: number): void {
    const { seat } = this;
    if (seat === undefined) return;
    let work: void | Promise<void>;
    try {
      work = this.office.settings.handle(message, new Handling(seat, this, sequence));
    } catch (error) {
      this.#handlerFailed(seat, sequence, error);
      return;
    }
    if (work !== undefined && isPromise(work)) void work.then(() => { this.#handled(sequence); }, (error: unknown) => { this.#handlerFailed(seat, sequence, error); });
    else this.#handled(sequence);
  }

  volatile(message: Message): void {
    const { seat, office } = this;
    if (seat === undefined) return;
    try {
      office.settings.handleVolatile?.(message, seat);
    } catch (error) {
      office.tell("failed", { session: seat, error: new KeeperError("HF_SESSION_HANDLER", "handleVolatile threw at a message without a number, which is lost", { cause: error }) });
    }
  }

  turn(): void {
    this.#turning = true;
    queueMicrotask(() => {
      this.#turning = false;
      this.#machine.turned(this.#now);
      this.#settle();
    });
  }

  // --- within ---------------------------------------------------------------------------------------------------------

  #read(frames: readonly Frame[]): void {
    this.#reading = true;
    try {
      for (const frame of frames) this.#machine.frame(frame, this.office.moment.now);
    } finally {
      this.#reading = false;
      if (!this.#turning) this.#settle();
    }
  }

  get #now(): Millis {
    return this.#reading ? this.office.moment.now : this.office.settings.clock.now();
  }

  #ask(order: KeeperOrder, after?: () => void): void {
    whenAnswered(() => askFor(order, this.office.settings, this.remote), (answer) => {
      this.#machine.answered(order, answer, this.#now);
      this.#settle();
      after?.();
    }, (error) => {
      this.#machine.failed(order, error, this.#now);
      this.#settle();
      after?.();
    });
  }

  /** Where the attach was refused, the session goes on here. */
  #resume(): void {
    this.#machine.resume(this.#now);
    this.#settle();
  }

  #handled(sequence: number): void {
    this.#machine.handled(sequence, this.#now);
    this.#settle();
  }

  #handlerFailed(seat: Seat, sequence: number, error: unknown): void {
    this.#machine.handlerFailed(sequence, seat.failed(sequence), error, this.#now);
    this.#settle();
  }

  #told<T>(verdict: T): T {
    this.#settle();
    return verdict;
  }

  /** After whatever the machine was told. */
  #settle(): void {
    if (this.#reading) return;
    const held = this.#machine.heldBytes;
    this.office.outgoingBytes += held - this.#heldBytes;
    this.#heldBytes = held;
    this.#alarm.set(this.#machine.wakeAt());
    if (this.#idle.length > 0 && !this.atWork) for (const go of [...this.#idle]) go();
    if (!this.#gone || !this.over) return;
    this.seat?.over(this);
    this.#released();
  }
}

const wake = (channel: KeeperChannel): void => { channel.wake(); };
