import { FrameError, LinkError, type Alarm, type Channel, type ChannelHandler, type Clock, type Endpoint, type Farewell, type Frame } from "@holdfast/core";
import { closeError, type CloseCodes } from "./close-codes.ts";
import { closeFrame } from "./farewell.ts";

/** What a channel must know of its transport's settings. */
export interface NativeRules {
  readonly maxFrameBytes: number;
  readonly closeCodes: CloseCodes;
  readonly clock: Clock;
}

/** Bytes that may wait before `send` says false: what a slow uplink of 100 kB/s takes in less than a second. */
const highWaterMark = 64 * 1024;
/** Browsers do not tell when their buffer empties. Looking this often, in ms, allows 8 MB/s with the mark above. */
const lookEvery = 8;
/** How long the peer may take to answer our close frame, in ms. Browsers wait too, but none says how long. */
const closeTimeout = 5_000;

/**
 * A channel over an open native `WebSocket`. It cannot pause: what arrives before `receive` waits in `#early`, up to twice
 * `maxFrameBytes` in all, and more than that ends the channel.
 */
export class NativeChannel implements Channel {
  readonly remote: Endpoint;
  readonly #ws: WebSocket;
  readonly #rules: NativeRules;
  #handler: ChannelHandler | undefined;
  /** Undefined once frames go to the handler directly. */
  #early: Frame[] | undefined = [];
  #earlySize = 0;
  /** Known, but perhaps not told yet. */
  #end: { readonly error: Error | undefined } | undefined;
  /** Looks whether the buffer has emptied. Set while `drained` is owed. */
  #watch: Alarm | undefined;
  /** Waits for the peer's close frame. Set once we said goodbye. */
  #patience: Alarm | undefined;

  constructor(ws: WebSocket, remote: Endpoint, rules: NativeRules) {
    this.remote = remote;
    this.#ws = ws;
    this.#rules = rules;
    ws.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => { this.#take(typeof data === "string" ? data : new Uint8Array(data)); };
    ws.onclose = ({ code, reason }) => {
      this.#finish(this.#patience !== undefined && code !== 1006 ? undefined : closeError(remote.label, { code, reason }, rules.closeCodes));
    };
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler;
    // Not from inside this call: the caller may not be ready for an answer before it returns.
    queueMicrotask(() => {
      for (const frame of this.#early ?? []) handler.frame(frame);
      this.#early = undefined;
      if (this.#end !== undefined) handler.closed(this.#end.error);
    });
  }

  send(frame: Frame): boolean {
    const ws = this.#ws;
    if (ws.readyState !== WebSocket.OPEN) return false;
    if (this.#isTooLong(frame)) throw this.#tooLong("local", "for");
    ws.send(frame as Uint8Array<ArrayBuffer>); // A view of shared memory throws a TypeError, and that is the answer to it.
    if (ws.bufferedAmount <= highWaterMark) return true;
    if (this.#watch === undefined) this.#look();
    return false;
  }

  close(farewell: Farewell = {}): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const { clock } = this.#rules;
    this.#watch?.cancel();
    this.#patience = clock.alarm(clock.now() + closeTimeout, () => {
      this.#finish(new LinkError("HF_RESET", `${this.remote.label} did not answer our close frame: what was sent last may be lost`));
    });
    const { code, reason } = closeFrame(farewell, (asked) => asked >= 3000 && asked <= 4999); // Scripts may send no others but 1000.
    this.#ws.close(code, reason);
  }

  abort(error: Error): void {
    if (this.#end !== undefined) return;
    if (this.#early !== undefined) this.#early.length = 0; // Also for `receive`, if it is in the middle of them.
    this.#finish(error);
  }

  #take(frame: Frame): void {
    if (this.#isTooLong(frame)) {
      this.#finish(this.#tooLong("remote", "from"));
    } else if (this.#early === undefined) {
      this.#handler?.frame(frame);
      if (this.#watch !== undefined) this.#drain(); // Background pages get their timers late, but their messages in time.
    } else {
      this.#early.push(frame);
      this.#earlySize += frame.length + 1;
      if (this.#earlySize <= 2 * this.#rules.maxFrameBytes) return;
      this.#finish(new LinkError("HF_ABORTED", `${this.remote.label} sent more than can wait for \`receive\``));
    }
  }

  #look(): void {
    const { clock } = this.#rules;
    this.#watch = clock.alarm(clock.now() + lookEvery, () => {
      if (!this.#drain()) this.#look();
    });
  }

  #drain(): boolean {
    if (this.#early !== undefined || this.#ws.bufferedAmount > highWaterMark) return false;
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#handler?.drained();
    return true;
  }

  /** From here on the socket tells no message any more (WebSockets standard, 2). What it took it may still send. */
  #finish(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#patience?.cancel();
    this.#ws.close();
    if (this.#early === undefined) queueMicrotask(() => { this.#handler?.closed(error); });
  }

  /** Strings are measured only where they could be too long: UTF-8 takes one to three bytes for each of their units. */
  #isTooLong(frame: Frame): boolean {
    const { maxFrameBytes } = this.#rules;
    if (typeof frame !== "string" || frame.length > maxFrameBytes) return frame.length > maxFrameBytes;
    return frame.length * 3 > maxFrameBytes && new TextEncoder().encode(frame).length > maxFrameBytes;
  }

  #tooLong(whose: "local" | "remote", direction: string): FrameError {
    return new FrameError("HF_FRAME_TOO_LONG", whose, `a frame ${direction} ${this.remote.label} is longer than maxFrameBytes (${this.#rules.maxFrameBytes})`);
  }
}
