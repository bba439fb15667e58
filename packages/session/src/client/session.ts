import type { Snapshot } from "@holdfast/core";
import { EventEmitter } from "eventemitter3";
import type { Message } from "../frames/frame.ts";
import type { MessageHandler } from "./delivery.ts";
import { sessionLabel } from "./label.ts";
import { lastNumber, waitingCount } from "./outgoing.ts";
import { deadline } from "./presumption.ts";
import { SessionEngine } from "./session-engine.ts";
import { closedError } from "./session-error.ts";
import type { SessionClosed, SessionEvents } from "./session-events.ts";
import { resolveSession, type SessionOptions, type SessionSettings } from "./session-options.ts";
import { writeTicket, type Ticket } from "./ticket.ts";
import type { SessionWriteOptions } from "./writers.ts";

/** `opening`: there is no session yet. `detached`: there is one, and a keeper is being looked for. `moved`, `unauthorized`: at rest, see the events. */
export type SessionPhase = "idle" | "opening" | "attached" | "detached" | "closing" | "moved" | "unauthorized" | "closed";

/** A session at one moment: plain data without secrets. */
export interface SessionSnapshot {
  readonly phase: SessionPhase;
  readonly label: string | undefined;
  readonly epoch: number;
  readonly presumedExpired: boolean;
  /** Our messages: how many were taken, sent, acknowledged. */
  readonly outgoing: { readonly taken: number; readonly sent: number; readonly acknowledged: number; readonly waiting: number };
  /** Messages for us: how many arrived, were handled. */
  readonly incoming: { readonly delivered: number; readonly handled: number };
  readonly link: Snapshot;
}

/**
 * A session that outlives its connections and moves between servers: each message is handled once and in order on either side, as long as the session lives,
 * and where that cannot be, it says what is uncertain.
 *
 * All orders may be given at any moment, also from inside a listener.
 */
export class Session extends EventEmitter<SessionEvents> {
  readonly #settings: SessionSettings;
  readonly #engine: SessionEngine;

  /** Throws an `OptionError` for an option that cannot work. Nothing is dialled before `open()`. */
  constructor(options: SessionOptions) {
    super();
    this.#settings = resolveSession(options);
    this.#engine = new SessionEngine(this, this.#settings);
  }

  get phase(): SessionPhase {
    const { phase, active, credential } = this.#engine.machine.state;
    if (phase === "over" || phase === "suspended") return "closed";
    if (phase !== "live") return phase;
    if (!this.#engine.started) return "idle";
    if (active !== 0) return "attached";
    return credential === undefined ? "opening" : "detached";
  }

  /** Eight hexadecimal digits by which logs on both sides can name the session; undefined before there is one. Not its id. */
  get label(): string | undefined {
    const { credential } = this.#engine.machine.state;
    return credential && sessionLabel(credential.id);
  }

  /** Of the last attach: a fencing token. 0 before the first. */
  get epoch(): number {
    return this.#engine.machine.state.epoch;
  }

  /** True from `presumedExpired` on: the session may be over, so do not act as the owner of anything. By the clock, also where the event is still to come. */
  get presumedExpired(): boolean {
    const { state } = this.#engine.machine;
    return state.presumedExpired || this.#engine.now >= deadline(state);
  }

  /** Resolves when the session is closed, with the reason. Never rejects. Neither `moved` nor `unauthorized` closes it. */
  get closed(): Promise<SessionClosed> {
    return this.#engine.chronicle.ending;
  }

  /** Everything worth knowing right now: plain, secret-free. */
  snapshot(): SessionSnapshot {
    const { epoch, outgoing, incoming } = this.#engine.machine.state;
    return {
      phase: this.phase, label: this.label, epoch, presumedExpired: this.presumedExpired,
      outgoing: { taken: lastNumber(outgoing), sent: outgoing.sent, acknowledged: outgoing.base, waiting: waitingCount(outgoing) },
      incoming: { delivered: incoming.delivered, handled: incoming.handled },
      link: this.#engine.link.snapshot(),
    };
  }

  /**
   * Starts dialling, or dials again after `unauthorized`; resolves at the next `attached`. Rejects with a `SessionError` when the session comes to rest or to
   * its end first, or with `signal.reason`; the dialling goes on then.
   */
  open(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { machine } = this.#engine;
    if (machine.state.phase === "unauthorized") this.#engine.step(() => { machine.retry(); });
    if (machine.state.phase === "live") this.#engine.start();
    return this.ready(options);
  }

  /** Resolves as soon as the session is attached: at once if it is. Starts nothing. Rejects as `open` does. */
  ready(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const ready = patiently(() => this.#engine.machine.state.active === 0 ? this.#engine.chronicle.whenAttached() : Promise.resolve(), options?.signal);
    ready.catch(() => { /* Need not be awaited: it is told in an event, too. */ });
    return ready;
  }

  /**
   * Takes a message; it is kept until the keeper acknowledges that it was handled. True: sent. False: taken too, but please wait for `drained`. Throws a
   * `BackpressureError` when the outbox is full, a `FrameError` (`HF_FRAME_TOO_LONG`) for a message longer than the keeper takes, and a `SessionError` once
   * the session has moved or is closed: then nothing was taken. Bytes must not be changed afterwards.
   */
  send(message: Message): boolean {
    return this.#engine.send(message);
  }

  /** As `send`, but waits for room. Rejects with `signal.reason` or, after `timeout`, with a `TimeoutError`. */
  async write(message: Message, options: SessionWriteOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const { writers, machine } = this.#engine;
    if (writers.some || !machine.hasRoom(message)) return writers.wait(message, options);
    this.#engine.send(message);
  }

  /** For what is worthless when it is late: sent now or never, not acknowledged, not repeated. False: it was dropped, for the session is not attached or the channel is full. */
  sendVolatile(message: Message): boolean {
    return this.#engine.sendVolatile(message);
  }

  /**
   * The one handler of messages: called with one at a time, in order. A message is acknowledged when the promise that the handler returns is kept, or when it
   * returns anything else. Where it rejects or throws, the error surfaces as an uncaught one, the message stays unacknowledged and first in line, and the
   * handler is let go. Returns a function that lets it go.
   */
  receive(handler: MessageHandler): () => void {
    return this.#engine.delivery.receive(handler);
  }

  /** Messages in order. One is acknowledged when the next one is asked for, or the loop is left. Ends when the session is closed by request, throws when it ended or moved otherwise. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return this.#engine.delivery.iterate();
  }

  /** Moves to another endpoint while the present one goes on working. As `Link.migrate`. */
  migrate(endpoint?: string, options?: { readonly signal?: AbortSignal }): Promise<void> {
    return this.#engine.link.migrate(endpoint, options);
  }

  /**
   * Everything that another process needs to go on with this session; it is told `restarted` then. With `messages` also what is not acknowledged, so that it
   * is sent again. Holds the session's secret, the only thing here that does. Undefined before there is a session.
   */
  ticket({ messages = false }: { readonly messages?: boolean } = {}): Ticket | undefined {
    const { machine, now } = this.#engine;
    return writeTicket(machine.state, this.#settings.policy, now, { exact: machine.state.phase === "suspended", messages });
  }

  /**
   * Lets go of the session without ending it, after the handler has done its work: it lives on for its timeout. Resolves with a ticket whose holder goes on
   * exactly here; undefined where there is no session yet. This one is closed then.
   */
  async suspend(): Promise<Ticket | undefined> {
    const { machine, delivery, chronicle } = this.#engine;
    await delivery.stop();
    const { phase } = machine.state;
    if (phase !== "live" && phase !== "unauthorized") throw chronicle.over ?? closedError();
    this.#engine.step(() => {
      machine.suspend();
      chronicle.suspended();
    });
    await this.#engine.released();
    return this.ticket({ messages: true });
  }

  /** After `moved`: takes the session back, once; the other holder is told `moved`. Resolves at `attached` with `restarted`. */
  takeover(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { machine } = this.#engine;
    if (machine.state.phase !== "moved") return this.ready(options);
    this.#engine.step(() => { machine.takeover(); });
    this.#engine.start();
    return this.ready(options);
  }

  /** Ends the session: waits up to `drainTimeout` until everything is acknowledged, says goodbye, and resolves when every channel is gone. */
  async close(): Promise<void> {
    const { machine, started } = this.#engine;
    this.#engine.step(() => {
      machine.close(this.#engine.now);
      if (!started) machine.gaveUp("exhausted"); // Nobody was asked, so nobody is told.
    });
    await this.closed;
    await this.#engine.released();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Waits for it no longer than the signal allows. */
async function patiently(task: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => { reject(signal?.reason as Error); };
  signal?.addEventListener("abort", aborted, { once: true });
  try {
    await Promise.race([promise, task()]);
  } finally {
    signal?.removeEventListener("abort", aborted);
  }
}
