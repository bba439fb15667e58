import { isHoldfastError, LinkError, OptionError, type Alarm, type Channel, type ChannelHandler, type Clock, type Endpoint, type Frame, type Framer, type Millis } from "@holdfast/core";
import { unfinished } from "@holdfast/core/framing";
import type { Socket } from "node:net";
import type { SpareBuffers } from "./spare-buffers.ts";
import { WriteBatch } from "./write-batch.ts";

/** What a channel needs besides its socket. */
export interface ChannelParts {
  readonly remote: Endpoint;
  readonly framer: Framer;
  readonly clock: Clock;
  readonly closeTimeout: Millis;
  readonly spare: SpareBuffers;
}

/**
 * Where a channel is in its life.
 *
 * - `open`: frames flow both ways.
 * - `closing`: `close()` was called. What was sent is being written, then we hang up, then we wait for the peer to do so, and frames
 *   may still arrive from it. Hanging up without waiting would make the system send a reset if the peer's last words are
 *   unread, and that may overtake our own.
 * - `aborted`: the socket is being destroyed; `closed(error)` follows.
 * - `over`: `closed` was called, or waits for `receive`. The socket may live on for `closeTimeout` to write what is left.
 */
type Life = { readonly phase: "open" } | { readonly phase: "closing" } | { readonly phase: "aborted" | "over"; readonly error: Error | undefined };

const open: Life = { phase: "open" };
const closing: Life = { phase: "closing" };

/** Maps the events of a connected socket to a handler. One promise, one object or one timer per frame would be too many: there is none. */
export class SocketChannel implements Channel {
  readonly remote: Endpoint;
  readonly #socket: Socket;
  readonly #parts: ChannelParts;
  readonly #framer: Framer;
  readonly #batch: WriteBatch;
  #life: Life = open;
  #handler: ChannelHandler | undefined;
  #alarm: Alarm | undefined;
  #paused = false;
  /** `send` returned false, and `drained` is owed. */
  #full = false;
  /** The handler has a frame at this moment: what is thrown is its own. */
  #handing = false;

  /** Takes over a socket in the turn in which it connected, and pauses it. */
  constructor(socket: Socket, parts: ChannelParts) {
    this.remote = parts.remote;
    this.#socket = socket;
    this.#parts = parts;
    this.#framer = parts.framer;
    this.#batch = new WriteBatch(socket, parts.spare);
    socket.pause();
    // So that we can still write what is left when the peer hangs up. Not before: a half-open TLS handshake would never end.
    socket.allowHalfOpen = true;
    socket.on("drain", () => { this.#drained(); });
    socket.on("end", () => { this.#ended(); });
    socket.on("error", (error) => { this.#broke(error); });
    socket.on("close", () => { this.#gone(); });
  }

  receive(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new OptionError("receive", "called once per channel");
    this.#handler = handler;
    // Not from inside this call: the caller may not be ready for an answer before it returns.
    process.nextTick(() => { this.#catchUp(handler); });
    if (this.#life.phase !== "open") return;
    this.#socket.on("data", this.#read);
    if (!this.#paused) this.#socket.resume();
  }

  /** Throws a `FrameError` for a frame that cannot be carried; the channel goes on without it. */
  send(frame: Frame): boolean {
    if (this.#life.phase !== "open") return false;
    this.#batch.add(this.#framer.wrap(frame));
    if (this.#batch.hasRoom) return true;
    this.#full = true;
    return false;
  }

  pause(): void {
    if (this.#life.phase !== "open") return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (this.#life.phase !== "open") return;
    this.#paused = false;
    if (this.#handler !== undefined) this.#socket.resume();
  }

  close(): void {
    if (this.#life.phase !== "open") return;
    this.#life = closing;
    // Read on, to see the peer hang up; but whoever paused, or never received, does not want the frames.
    if (this.#paused) this.#socket.off("data", this.#read);
    this.#socket.resume();
    this.#hangUp();
    this.#alarm = this.#within(() => { this.#expire(); });
  }

  abort(error: Error): void {
    if (this.#life.phase === "aborted" || this.#life.phase === "over") return;
    this.#life = { phase: "aborted", error };
    this.#destroy();
  }

  /** Not a method: it is given to the socket as it is. The view makes frames plain arrays of bytes, as in every other runtime. */
  readonly #read = (chunk: Buffer): void => {
    try {
      this.#framer.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), this.#whole);
    } catch (error) {
      this.#failed(error);
    }
  };

  readonly #whole = (frame: Uint8Array): void => {
    if (this.#life.phase !== "open" && this.#life.phase !== "closing") return; // Aborted by the frame before.
    this.#handing = true;
    this.#handler?.frame(frame);
    this.#handing = false;
  };

  /** A frame broke the rules, or a handler did. Either way the rest of the chunk is lost, and the stream with it. */
  #failed(error: unknown): void {
    const theirs = !this.#handing && isHoldfastError(error);
    this.#destroy();
    this.#settle(theirs ? error : new LinkError("HF_ABORTED", `the connection with ${this.remote.label} was dropped, because what receives its frames threw an error (see \`cause\`)`, { cause: error }));
    if (!theirs) throw error;
  }

  /** The peer hung up. */
  #ended(): void {
    if (this.#life.phase !== "open") return;
    const half = unfinished(this.#framer);
    if (half > 0) {
      this.#destroy();
      return this.#settle(new LinkError("HF_CLOSED_BY_PEER", `${this.remote.label} hung up in the middle of a frame, of which ${half} bytes had arrived; the half frame was dropped`));
    }
    this.#hangUp(); // A peer may still read what we have left.
    if (this.#socket.writableLength > 0) this.#alarm = this.#within(() => { this.#destroy(); });
    this.#settle(undefined);
  }

  #broke(cause: Error): void {
    // After our own end an error says that the peer did not wait for it. `#gone` follows, and knows whether bytes were lost.
    if (this.#life.phase !== "open") return;
    this.#settle(new LinkError("HF_RESET", `the connection with ${this.remote.label} broke: ${cause.message}`, { cause }));
  }

  /** The socket no longer exists. */
  #gone(): void {
    this.#alarm?.cancel();
    const { phase } = this.#life;
    if (phase === "aborted") this.#settle(this.#life.error);
    else if (phase === "closing" && this.#socket.writableFinished) this.#settle(undefined);
    else if (phase !== "over") this.#settle(new LinkError("HF_RESET", `the connection with ${this.remote.label} was lost before everything was written`));
  }

  /** The peer did not hang up in time after `close()`. What the system has taken it goes on delivering by itself. */
  #expire(): void {
    if (this.#socket.writableFinished) {
      this.#socket.destroy();
      return this.#settle(undefined);
    }
    const lost = this.#socket.writableLength;
    this.#destroy();
    this.#settle(new LinkError("HF_RESET", `${this.remote.label} did not read ${lost} bytes within ${this.#parts.closeTimeout} ms after close(); they are lost`));
  }

  #settle(error: Error | undefined): void {
    this.#life = { phase: "over", error };
    this.#batch.discard();
    this.#handler?.closed(error);
  }

  #catchUp(handler: ChannelHandler): void {
    if (this.#life.phase === "over") handler.closed(this.#life.error);
    else this.#drained();
  }

  #drained(): void {
    if (!this.#full || this.#handler === undefined || this.#life.phase !== "open") return;
    if (this.#socket.writableNeedDrain || !this.#batch.hasRoom) return; // The socket will say when.
    this.#full = false;
    this.#handler.drained();
  }

  #hangUp(): void {
    this.#batch.flush();
    this.#socket.end();
  }

  #within(ring: () => void): Alarm {
    return this.#parts.clock.alarm(this.#parts.clock.now() + this.#parts.closeTimeout, ring);
  }

  /** By a reset where there is one, so that the peer knows at once and the system drops what it has not delivered. */
  #destroy(): void {
    this.#batch.discard();
    const socket = this.#socket;
    // While the system is saying goodbye, a reset is refused and the socket would leak.
    const parting = socket.writableEnded && socket.writableLength === 0;
    if (this.remote.scheme === "tcp" && !parting) socket.resetAndDestroy();
    else socket.destroy();
  }
}
