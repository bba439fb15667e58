import type { Endpoint, Farewell, Messenger, Millis, RoundTripTime, WriteOptions } from "@holdfast/core";
import type { Reader, Sender, Waiting, Wire } from "@holdfast/core/engine";
import { EventEmitter } from "eventemitter3";
import type { PeerEvents, PeerId } from "./events.ts";

/** What stands behind a peer. */
export interface PeerConnection<Out, In> {
  readonly id: PeerId;
  readonly remote: Endpoint;
  readonly wire: Pick<Wire<Out, In>, "rtt" | "unconfirmed" | "detectionBound">;
  readonly mailbox: Pick<Sender<Out, In>, "send" | "write" | "waiting"> & Pick<Reader<In>, "iterate">;
  close(farewell?: Farewell): Promise<void>;
  abort(error?: Error): void;
}

/**
 * Who is on the other side of one accepted channel. A peer does not outlive its channel: a client that dials again is a new
 * peer, with the same `id` where `identify` recognises it.
 */
export class Peer<Out = unknown, In = unknown> extends EventEmitter<PeerEvents<Out, In>> implements Messenger<Out, In> {
  readonly #connection: PeerConnection<Out, In>;

  constructor(connection: PeerConnection<Out, In>) {
    super();
    this.#connection = connection;
  }

  /** What `identify` returned; before that, and without it, a number that no other peer of this server has. */
  get id(): PeerId {
    return this.#connection.id;
  }

  /** The address it connected from, as far as the transport knows. */
  get remote(): Endpoint {
    return this.#connection.remote;
  }

  /** Round-trip times in ms; undefined before the first answered ping. */
  get rtt(): RoundTripTime | undefined {
    return this.#connection.wire.rtt;
  }

  /** Messages handed to the channel that the peer has not vouched for. */
  get unconfirmed(): number {
    return this.#connection.wire.unconfirmed;
  }

  /** Messages that wait because the peer reads more slowly than we send. */
  get outbox(): Waiting {
    return this.#connection.mailbox.waiting;
  }

  /** Longest time in ms until we notice that it is dead, after its last proof of life; Infinity without a heartbeat. */
  detectionBound(peer?: "silent" | "talking"): Millis {
    return this.#connection.wire.detectionBound(peer);
  }

  /**
   * Takes a message. True: on its way. False: taken too, but please wait for `drained`. Throws a `BackpressureError` when the
   * outbox is full (nothing was taken), a `LinkError` when the peer is closed or gone, and what the protocol throws for a
   * message it cannot encode.
   */
  send(message: Out): boolean {
    return this.#connection.mailbox.send(message);
  }

  /** As `send`, but waits for room. Rejects with `signal.reason` or, after `timeout`, with a `TimeoutError`. */
  write(message: Out, options?: WriteOptions): Promise<void> {
    return this.#connection.mailbox.write(message, options);
  }

  receive(handler: (message: In) => void): () => void {
    this.on("message", handler as never);
    return () => { this.off("message", handler as never); };
  }

  /**
   * Sends what waits, says goodbye, and resolves when the channel is closed; whoever does not take the goodbye is aborted after
   * `limits.drainTimeout`. What the peer still has to say until then is delivered.
   */
  close(farewell?: Farewell): Promise<void> {
    return this.#connection.close(farewell);
  }

  /** Ends it now. What was not flushed is lost, and counted in `gone`. */
  abort(error?: Error): void {
    this.#connection.abort(error);
  }

  /**
   * Messages in order of arrival, until the peer is gone, for whatever reason: `gone` tells which. It does not throw, so that a
   * client that breaks off is no exception. A slow reader pauses the channel.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return this.#connection.mailbox.iterate();
  }
}
