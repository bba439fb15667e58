import { EventEmitter } from "eventemitter3";
import { LinkError } from "../errors/link-error.ts";
import type { Phase } from "../machine/link-state.ts";
import type { RoundTripTime } from "../machine/round-trip.ts";
import type { Farewell } from "../ports/channel.ts";
import type { Millis } from "../ports/clock.ts";
import type { Messenger } from "../ports/protocol.ts";
import { Engine } from "./engine.ts";
import type { Closed, LinkEvents, Snapshot } from "./events.ts";
import { resolveLinkOptions, type LinkOptions } from "./options.ts";
import type { WriteOptions } from "./sender.ts";

export interface WaitOptions { readonly signal?: AbortSignal }

/**
 * A connection that outlives its channels: dials, watches, redials along the list, and says what happened.
 *
 * All orders may be given at any moment, also from inside a listener: they are carried out after the current step.
 */
export class Link<Out = unknown, In = unknown> extends EventEmitter<LinkEvents<Out, In>> implements Messenger<Out, In> {
  readonly #engine: Engine<Out, In>;

  /** Throws an `OptionError` for an option that cannot work. Nothing is dialled before `open()`. */
  constructor(options: LinkOptions<Out, In>) {
    super();
    this.#engine = new Engine<Out, In>(this, resolveLinkOptions(options));
  }

  get phase(): Phase {
    return this.#engine.state.phase;
  }

  /** The label of the endpoint we are connected to. */
  get endpoint(): string | undefined {
    return this.#engine.active?.endpoint;
  }

  /** Round-trip times of the active channel in ms; undefined before the first answered ping. */
  get rtt(): RoundTripTime | undefined {
    return this.#engine.active?.rtt;
  }

  /** Resolves when the link is closed for good, with the reason. Never rejects. */
  get closed(): Promise<Closed> {
    return this.#engine.whenClosed();
  }

  /** Longest time in ms until a dead peer of the active channel is noticed, after its last proof of life. See `HeartbeatOptions`. */
  detectionBound(peer?: "silent" | "talking"): Millis {
    return this.#engine.active?.detectionBound(peer) ?? Infinity;
  }

  /** Everything worth knowing right now: plain, secret-free. */
  snapshot(): Snapshot {
    const { state, active, sender } = this.#engine;
    return {
      phase: state.phase,
      endpoint: active?.endpoint,
      epoch: active?.epoch,
      attempt: "course" in state ? state.course.attempt : 0,
      rtt: active?.rtt,
      unconfirmed: active?.unconfirmed ?? 0,
      outbox: sender.waiting,
      slots: "slots" in state ? state.slots.map(({ epoch, stage, endpoint }) => ({ epoch, stage, endpoint })) : [],
    };
  }

  /** Starts dialling and resolves at the next `connected`. Rejects when the link closes first, or with `signal.reason`; the dialling goes on then. */
  open(options?: WaitOptions): Promise<void> {
    this.#engine.happened({ type: "open" });
    return this.ready(options);
  }

  /** Resolves as soon as the link is connected: at once if it is. Starts nothing. Rejects as `open` does. */
  ready(options?: WaitOptions): Promise<void> {
    const ready = patiently(() => this.phase === "connected" ? Promise.resolve() : this.#engine.whenConnected(), options);
    // Need not be awaited: whoever listens to `closed` instead shall not die of a rejection nobody handles.
    ready.catch(() => { /* Told in `closed`. */ });
    return ready;
  }

  /**
   * Takes a message. True: sent or on its way out. False: taken too, but please wait for `drained`. Throws a `BackpressureError`
   * when the outbox is full (nothing was taken), a `LinkError` after `close()`, and what the protocol throws for a message it cannot encode.
   */
  send(message: Out): boolean {
    return this.#engine.sender.send(message);
  }

  /** As `send`, but waits for room. Rejects with `signal.reason` or, after `timeout`, with a `TimeoutError`. */
  write(message: Out, options?: WriteOptions): Promise<void> {
    return this.#engine.sender.write(message, options);
  }

  receive(handler: (message: In) => void): () => void {
    this.on("message", handler as never);
    return () => { this.off("message", handler as never); };
  }

  /**
   * Moves to another endpoint while the present one goes on working: to the given one (a label or URI of the list), or to the next that
   * takes us. Resolves at `migrated`. Rejects with a `LinkError` when nobody took us (then we stay), when the connection is lost
   * first or the link is not connected, and with `signal.reason`; the move goes on then.
   */
  migrate(endpoint?: string, options?: WaitOptions): Promise<void> {
    return patiently(() => this.#engine.migrate(endpoint), options);
  }

  /** The network is back: dials now instead of waiting, or, while connected, asks the peer for a sign of life now. */
  retryNow(): void {
    this.#engine.active?.probe();
    this.#engine.happened({ type: "retryNow" });
  }

  /** The application knows better than the heartbeat (pings are answered, requests fail): leaves this endpoint for the next one. */
  suspect(reason: string): void {
    const { active } = this.#engine;
    if (active === undefined) return;
    const { endpoint, epoch } = active;
    this.#engine.tell("suspected", { endpoint, reason });
    this.#engine.happened({ type: "lost", epoch, cause: "suspected", next: "elsewhere", retryAfter: 0 }, new LinkError("HF_SUSPECTED", `the application gave up on ${endpoint}: ${reason}`, { next: "elsewhere" }));
  }

  /** Sends what waits, says goodbye, and resolves when every channel is gone. Messages that cannot go out are reported in `dropped`. */
  close(farewell?: Farewell): Promise<void> {
    return this.#engine.close(farewell);
  }

  /** Ends everything now. What was not flushed is lost, and counted in `disconnected`. */
  abort(error?: Error): void {
    this.#engine.happened({ type: "close", how: "abort" }, error && new LinkError("HF_ABORTED", `the link was aborted: ${error.message}`, { cause: error, next: "stop" }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Messages in order of arrival. Ends when the link is closed by request, throws when it ended otherwise. A slow reader pauses the channel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return this.#engine.reader().iterate();
  }
}

/** Waits for it no longer than the signal allows. */
async function patiently(task: () => Promise<void>, { signal }: WaitOptions = {}): Promise<void> {
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
