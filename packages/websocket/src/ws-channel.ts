import { FrameError, HoldfastError, LinkError, OptionError, type Channel, type ChannelHandler, type Endpoint, type Farewell, type Frame, type Millis } from "@holdfast/core";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { closeError, type CloseCodes } from "./close-codes.ts";
import { closeFrame } from "./farewell.ts";

const channel = Symbol("the channel of a socket");
type Owned = WebSocket & { [channel]: WsChannel };

/** What a channel must know of its transport's settings. */
export interface ChannelRules {
  readonly maxFrameBytes: number;
  readonly closeTimeout: Millis;
  readonly closeCodes: CloseCodes;
}

/** Frames of one turn are written together until they are this many bytes. Well below Node's high-water mark of 64 KiB. */
const batch = 16 * 1024;

/**
 * A channel over an open `WebSocket` of ws.
 *
 * `held`: the socket is paused and nobody receives; what arrives all the same (ws empties a dying socket) waits in `#early`,
 * which one read of the socket bounds. `flowing`: `receive` was called. `over`: `closed` was called, or is waiting for `receive`.
 * Frames are `muted` once nobody may hear them any more: after `abort`, and after `close` where nobody receives.
 *
 * Hot path. Outbound frames of one turn of the event loop leave in one write: ws writes every frame by itself, and the system call is
 * most of what a small frame costs (64-byte echo, 64 in flight: best of five runs 1.7 µs of CPU per message, 2.4 µs with `ws` alone). The
 * flush is a process.nextTick, so nothing waits longer than the code that is running. Inbound, ws calls `handler.frame` almost directly.
 */
export class WsChannel implements Channel {
  readonly remote: Endpoint;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #rules: ChannelRules;
  #stage: "held" | "flowing" | "over" = "held";
  #handler: ChannelHandler | undefined;
  #early: Frame[] | undefined;
  #muted = false;
  #paused = false;
  #corked = false;
  /** `send` said false, and `drained` is owed. */
  #full = false;
  /** We said goodbye first. */
  #leaving = false;
  #pings = 0;
  #pongs = 0;
  /** Why it ends, where somebody knew before ws did. */
  #verdict: Error | undefined;

  /** Takes over a WebSocket in the turn in which it opened. */
  constructor(ws: WebSocket, socket: Duplex, remote: Endpoint, rules: ChannelRules) {
    this.remote = remote;
    this.#ws = ws;
    this.#socket = socket;
    this.#rules = rules;
    ws.pause();
    (ws as Owned)[channel] = this;
    // oxlint-disable-next-line typescript/unbound-method -- An emitter calls its listeners with itself as `this`.
    ws.on("message", WsChannel.#onMessage).on("pong", WsChannel.#onPong).on("error", WsChannel.#onError).on("close", WsChannel.#onClose);
  }

  // Shared by all channels: a closure for each event of each channel would weigh more than the channel itself.
  static readonly #onMessage = function (this: WebSocket, data: unknown, isBinary: boolean): void {
    const self = (this as Owned)[channel];
    if (self.#muted) return;
    if (self.#stage === "flowing") self.#handler?.frame(toFrame(data, isBinary));
    else (self.#early ??= []).push(toFrame(data, isBinary));
  };
  static readonly #onPong = function (this: WebSocket, data: Buffer): void { (this as Owned)[channel].#ponged(data); };
  static readonly #onError = function (this: WebSocket, error: Error): void { (this as Owned)[channel].#violated(error); };
  static readonly #onClose = function (this: WebSocket, code: number, reason: Buffer): void { (this as Owned)[channel].#left(code, reason); };
  static readonly #uncork = (self: WsChannel): void => {
    self.#corked = false;
    self.#socket.uncork();
  };

  receive(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new OptionError("receive", "called once per channel");
    this.#handler = handler;
    // Not from inside this call: the caller may not be ready for an answer before it returns.
    if (this.#early !== undefined || this.#stage === "over" || this.#full) process.nextTick(() => { this.#catchUp(handler); });
    else this.#flow();
  }

  send(frame: Frame): boolean {
    const ws = this.#ws;
    if (ws.readyState !== WebSocket.OPEN) return false;
    // A string of fewer UTF-16 units cannot be too long, whatever it says: UTF-8 takes at most three bytes for one.
    if (frame.length > this.#rules.maxFrameBytes / 3) this.#measure(frame);
    if (!this.#corked) this.#cork();
    ws.send(frame);
    return this.#socket.writableLength < batch || this.#flush();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#leaving) this.#ws.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#stage === "flowing") this.#ws.resume();
  }

  /** Numbered: a peer may send pongs nobody asked for (RFC 6455, 5.5.3), and those prove nothing. */
  ping(): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#pings += 1;
    this.#ws.ping(String(this.#pings));
  }

  close(farewell: Farewell = {}): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#leaving = true;
    const { code, reason } = closeFrame(farewell, isSendable);
    this.#ws.close(code, reason);
    // Even where nobody reads: the peer's close frame has to be heard.
    if (this.#handler === undefined) this.#mute();
    this.#ws.resume();
  }

  abort(error: Error): void {
    if (this.#stage === "over") return;
    this.#verdict ??= error;
    this.#mute();
    this.#ws.terminate();
  }

  #flow(): void {
    this.#stage = "flowing";
    if (!this.#paused || this.#leaving) this.#ws.resume();
    if (this.#full && !this.#socket.writableNeedDrain) this.#drained();
  }

  #catchUp(handler: ChannelHandler): void {
    for (let frame = this.#early?.shift(); frame !== undefined; frame = this.#early?.shift()) handler.frame(frame);
    this.#early = undefined;
    if (this.#stage === "over") handler.closed(this.#verdict);
    else this.#flow();
  }

  #measure(frame: Frame): void {
    const bytes = typeof frame === "string" ? Buffer.byteLength(frame) : frame.byteLength;
    const { maxFrameBytes } = this.#rules;
    if (bytes <= maxFrameBytes) return;
    throw new FrameError("HF_FRAME_TOO_LONG", "local", `a frame of ${bytes} bytes for ${this.remote.label} is longer than maxFrameBytes (${maxFrameBytes}): send it in parts, or raise the limit on both sides`);
  }

  #cork(): void {
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(WsChannel.#uncork, this);
  }

  /**
   * Writes early, because a turn that sends much must not look like a peer that reads slowly. A socket that holds more than its
   * high-water mark announces `drain`, so nothing has to be watched.
   */
  #flush(): boolean {
    const socket = this.#socket;
    socket.uncork();
    socket.cork();
    if (socket.writableLength < socket.writableHighWaterMark) return true;
    // Only now: listening from the start is weight that most channels never need.
    if (!this.#full) socket.once("drain", () => { this.#drained(); });
    this.#full = true;
    return false;
  }

  #drained(): void {
    if (!this.#full || this.#stage !== "flowing") return;
    this.#full = false;
    if (!this.#leaving) this.#handler?.drained();
  }

  #ponged(data: Buffer): void {
    const number = Number(data.toString("latin1"));
    // A peer may answer several pings by the pong of the last one (RFC 6455, 5.5.3).
    if (!(number > this.#pongs && number <= this.#pings)) return;
    this.#pongs = number;
    if (this.#stage === "flowing") this.#handler?.pong();
  }

  /** ws found a frame that breaks the rules. It says so to the peer and closes; we do not wait for that. */
  #violated(error: Error & { code?: string }): void {
    this.#finish(this.#verdict ?? violation(error, this.remote.label, this.#rules.maxFrameBytes));
  }

  #left(code: number, reason: Buffer): void {
    this.#finish(this.#verdict ?? this.#judge(code, reason));
  }

  #judge(code: number, reason: Buffer): HoldfastError | undefined {
    const { label } = this.remote;
    const fault = this.#socket.errored ?? undefined; // ws keeps it to itself.
    if (!this.#leaving) return closeError(label, { code, reason: reason.toString() }, this.#rules.closeCodes, fault);
    if (code !== 1006) return undefined;
    return new LinkError("HF_RESET", `${label} did not answer our close frame within ${this.#rules.closeTimeout} ms or broke off: what was sent last may be lost`, { cause: fault, closeCode: code });
  }

  #finish(error: Error | undefined): void {
    if (this.#stage === "over") return;
    const flowing = this.#stage === "flowing";
    this.#stage = "over";
    this.#verdict = error;
    this.#muted = true;
    if (flowing) this.#handler?.closed(error);
  }

  #mute(): void {
    this.#early = undefined;
    this.#muted = true;
  }
}

/** ws gives text as bytes too; with its default `binaryType` both are one Buffer, which is a view and not a copy. Ours is a plain one, as in every other runtime. */
function toFrame(data: unknown, isBinary: boolean): Frame {
  const bytes = data as Buffer;
  return isBinary ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes.toString();
}

/** The codes a close frame may carry (RFC 6455, 7.4, and the registry of IANA). */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999);
}

function violation(error: Error & { code?: string }, label: string, maxFrameBytes: number): FrameError {
  const tooLong = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || error.code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH";
  if (tooLong) return new FrameError("HF_FRAME_TOO_LONG", "remote", `${label} sent a frame longer than maxFrameBytes (${maxFrameBytes}): raise the limit here, or have it send less at once`, { cause: error });
  return new FrameError("HF_BAD_FRAME", "remote", `${label} sent what is not WebSocket: ${error.message}`, { cause: error });
}
