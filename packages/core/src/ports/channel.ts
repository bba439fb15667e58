import type { Endpoint } from "./endpoint.ts";
import type { Framing } from "./framing.ts";

/** One whole message on the wire. A string is a text frame; transports of bytes write it as UTF-8 and read bytes. Bytes that arrive are no `Buffer`: they behave alike in every runtime. */
export type Frame = Uint8Array | string;

/** What a kind of channel can do. A missing ability is declared here, never discovered by a failure. */
export interface TransportTraits {
  /** The transport has `listen`. */
  readonly listens: boolean;
  /** `send` tells when to stop, and `drained` when to go on. */
  readonly drains: boolean;
  /** Channels have `pause` and `resume`. */
  readonly pauses: boolean;
  /** Channels have `ping`, and the peer's transport answers by itself (WebSocket control frames on Node). */
  readonly pings: boolean;
  /** Text frames arrive as strings. Where false, they arrive as UTF-8 bytes. */
  readonly text: boolean;
  /** Longest frame in bytes, both ways. A longer inbound one ends the channel before it is allocated. */
  readonly maxFrameBytes: number;
}

/** Dials one endpoint once. Knows nothing of retries, lists or heartbeats. */
export interface Transport {
  /** The URI schemes it serves; the first one is understood where a bare `host:port` is written. */
  readonly schemes: readonly string[];
  readonly traits: TransportTraits;
  /** Throws an `OptionError` for an endpoint that can never be dialled (`tcp://host` without a port). Called at construction. */
  check?(endpoint: Endpoint): void;
  /**
   * Resolves with a live, paused channel. Rejects with a `ConnectError`, or with `signal.reason` when aborted; then no
   * socket is left behind, even if the connection completes later.
   */
  dial(endpoint: Endpoint, options: DialOptions): Promise<Channel>;
  /** Rejects with a `ConnectError` (`HF_LISTEN_FAILED`) when the address cannot be had. */
  listen?(endpoint: Endpoint, options: ListenOptions): Promise<Listener>;
}

export interface DialOptions {
  readonly signal: AbortSignal;
  /** How the protocol cuts a stream of bytes into frames. Transports that frame by themselves ignore it. */
  readonly framing?: Framing;
}

export interface ListenOptions {
  /** Called with each accepted channel, paused until `receive`. */
  readonly accept: (channel: Channel) => void;
  readonly framing?: Framing;
  /** Stops the attempts to listen; a listener that is open is closed by `close()`. */
  readonly signal?: AbortSignal;
}

export interface Listener {
  /** Where it really listens: port 0 is replaced by the port that was given. */
  readonly endpoint: Endpoint;
  /** Stops accepting. Channels already accepted live on. */
  close(): Promise<void>;
}

/** A code and a reason for transports that can carry them (WebSocket). Others ignore it. */
export interface Farewell {
  readonly code?: number;
  readonly reason?: string;
}

/**
 * A live, ordered pipe of whole frames. Frames arrive whole, in order, at most once; a channel is paused until `receive`
 * and no earlier frame is lost; `closed` is called exactly once, also after `abort`, and nothing is called after it.
 */
export interface Channel {
  readonly remote: Endpoint;
  /** Starts the flow. Called once. */
  receive(handler: ChannelHandler): void;
  /**
   * Takes the frame; its bytes must not be changed afterwards. False: taken, but please wait for `drained`. Throws a `FrameError`
   * (`HF_FRAME_TOO_LONG`, `whose: 'local'`) for a frame longer than `maxFrameBytes`, and the channel goes on. After close: ignored,
   * false, and it never throws.
   */
  send(frame: Frame): boolean;
  /** Stops reading from the socket. Frames already read may still arrive. */
  pause?(): void;
  resume?(): void;
  /** Asks the peer's transport for a sign of life; the answer is `pong`. */
  ping?(): void;
  /** Graceful: flushes what was sent, then says goodbye. `closed` follows. */
  close(farewell?: Farewell): void;
  /** Now: drops what was not flushed. `closed(error)` follows. */
  abort(error: Error): void;
}

export interface ChannelHandler {
  frame(frame: Frame): void;
  /** The buffer that made `send` return false is empty enough again. */
  drained(): void;
  /** The peer's transport answered `ping`. */
  pong(): void;
  /** Without an error: an orderly end. With one: a `HoldfastError` that says what happened. */
  closed(error?: Error): void;
}
