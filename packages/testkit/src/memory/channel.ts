import { FrameError, LinkError, OptionError, type Alarm, type Channel, type ChannelHandler, type Endpoint, type Frame, type Millis, type TransportTraits } from "@holdfast/core";
import type { Loop } from "./loop.ts";
import { bytesOf, copyOf, signals, weigh, type Packet, type SignalPacket } from "./packet.ts";
import type { Pipe } from "./pipe.ts";

/** What all channels of one transport have in common. */
export interface ChannelTerms {
  readonly traits: TransportTraits;
  /** From this load on `send` returns false; at half of it the sender hears `drained`. Bytes. */
  readonly highWater: number;
  /** A sender that never waits is cut off at this load. Bytes. */
  readonly maxLoad: number;
  /** How long a closed channel waits until the other side confirms the goodbye. `Infinity` where nothing gets lost. */
  readonly closeTimeout: Millis;
}

/**
 * One end of a connection in memory.
 *
 * `open`: as its name says. `closing`: said goodbye and waits until the goodbye has arrived. `ended`: over; `closed` was called, or
 * will be as soon as there is a handler. While nobody receives, or the reader paused, packets wait in the inbox: frames, pings, and
 * the news of the end. That is what a socket does that is not read.
 */
export class MemoryChannel implements Channel {
  readonly remote: Endpoint;
  readonly #loop: Loop;
  readonly #terms: ChannelTerms;
  readonly #ended: () => void;
  #phase: "open" | "closing" | "ended" = "open";
  #handler: ChannelHandler | undefined;
  #paused = false;
  /** The inbox is about to be read; until then packets queue up behind it. */
  #reading: Alarm | undefined;
  #inbox: Packet[] = [];
  #error: Error | undefined;
  #told = false;
  /** There was room again before there was a handler to hear of it. */
  #roomy = false;
  #goodbye: Alarm | undefined;
  #outbound!: Pipe; // Set by `join`, right after construction: two channels and two pipes make a circle.
  #inbound!: Pipe;
  // A method that the traits deny is absent, not idle.
  declare pause?: () => void;
  declare resume?: () => void;
  declare ping?: () => void;

  constructor(remote: Endpoint, loop: Loop, terms: ChannelTerms, ended: () => void) {
    this.remote = remote;
    this.#loop = loop;
    this.#terms = terms;
    this.#ended = ended;
    if (terms.traits.pauses) {
      this.pause = () => { this.#paused = true; };
      this.resume = () => { this.#resume(); };
    }
    if (terms.traits.pings) this.ping = () => { if (this.#phase === "open") this.#outbound.push(signals.ping); };
  }

  join(outbound: Pipe, inbound: Pipe): void {
    this.#outbound = outbound;
    this.#inbound = inbound;
  }

  receive(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new OptionError("receive", "called once per channel");
    this.#handler = handler;
    this.#readSoon();
  }

  /** Throws a `FrameError` for a frame that is too long; the channel goes on without it. */
  send(frame: Frame): boolean {
    if (this.#phase !== "open") return false;
    const { traits, highWater, maxLoad } = this.#terms;
    // Three bytes are the most a UTF-16 unit becomes, so short texts need not be encoded to be measured.
    if (frame.length * 3 > traits.maxFrameBytes && bytesOf(frame) > traits.maxFrameBytes) throw tooLong("local", this.remote, bytesOf(frame), traits.maxFrameBytes);
    const pipe = this.#outbound;
    pipe.push(copyOf(frame, traits.text));
    if (pipe.load > maxLoad) {
      this.abort(new LinkError("HF_RESET", `${this.remote.label}: ${pipe.load} bytes wait to be read there, more than the ${maxLoad} allowed; when send returns false, wait for drained`));
      return false;
    }
    if (traits.drains && pipe.load >= highWater) pipe.full = true;
    return !pipe.full; // Once it was full, only `drained` says that it is no longer.
  }

  close(): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    if (this.#paused || this.#handler === undefined) this.#inbox = [];
    this.#outbound.push(signals.fin);
    const { closeTimeout } = this.#terms;
    if (closeTimeout === Infinity) return;
    this.#goodbye = this.#loop.arrival(this.#loop.now() + closeTimeout, () => {
      this.end(new LinkError("HF_RESET", `${this.remote.label} did not confirm the goodbye within ${closeTimeout} ms; the connection was given up`));
    });
  }

  abort(error: Error): void {
    if (this.#phase === "ended") return;
    this.#outbound.push(signals.reset);
    this.#finish(error);
    this.#loop.arrival(this.#loop.now(), () => { this.#tell(); });
  }

  /** The network brings a packet. What a transport answers by itself is answered here, whether or not anybody reads. */
  arrive(packet: Packet): void {
    if (packet === signals.fin) this.#outbound.push(signals.heard);
    if (this.#phase === "ended") return;
    if (packet === signals.room) this.#room();
    else if (packet === signals.heard) this.end();
    else if (this.#reads() && this.#reading === undefined) this.#read(packet);
    else if (this.#reads() || this.#phase === "open") this.#inbox.push(packet);
    else if (packet === signals.fin || packet === signals.reset) this.end();
  }

  /** The connection is over. The handler is told at once, or when there is one. */
  end(error?: Error): void {
    if (this.#phase === "ended") return;
    this.#finish(error);
    this.#tell();
  }

  /** As `end`, after a while. */
  endAfter(ms: Millis, error: Error): void {
    this.#loop.arrival(this.#loop.now() + ms, () => { this.end(error); });
  }

  /** The machine lost its power: nobody is left to be told, nothing is sent any more. */
  vanish(): void {
    if (this.#phase !== "ended") this.#finish();
    this.#told = true;
  }

  #reads(): boolean {
    return this.#handler !== undefined && !this.#paused;
  }

  #resume(): void {
    if (!this.#paused || this.#phase !== "open") return;
    this.#paused = false;
    this.#readSoon();
  }

  /** Never at once: whoever calls `receive` or `resume` is not called back before that returns. */
  #readSoon(): void {
    if (!this.#reads() || this.#reading !== undefined) return;
    this.#reading = this.#loop.arrival(this.#loop.now(), () => {
      this.#reading = undefined;
      if (this.#roomy) {
        this.#roomy = false;
        this.#room();
      }
      this.#readInbox();
      if (this.#phase === "ended") this.#tell();
    });
  }

  #readInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    let next = 0;
    while (next < inbox.length && this.#reads()) this.#read(inbox[next++] as Packet); // next < length.
    // Somebody paused in the middle.
    if (next < inbox.length && this.#phase === "open") this.#inbox = inbox.slice(next);
  }

  #read(packet: Packet): void {
    if (this.#phase === "ended") return;
    if (isSignal(packet)) {
      if (packet === signals.ping) this.#outbound.push(signals.pong);
      else if (packet === signals.pong) this.#handler?.pong();
      else if (packet === signals.fin) this.end();
      else if (packet === signals.reset) this.end(new LinkError("HF_RESET", `${this.remote.label} reset the connection`));
      return;
    }
    this.#taken(weigh(packet));
    const { maxFrameBytes } = this.#terms.traits;
    if (packet.length * 3 > maxFrameBytes && bytesOf(packet) > maxFrameBytes) this.#refuse(bytesOf(packet), maxFrameBytes);
    else this.#handler?.frame(packet);
  }

  /** Makes room in the sender's buffer, and says so where the sender waits for it. */
  #taken(weight: number): void {
    const pipe = this.#inbound;
    pipe.load -= weight;
    if (!pipe.full || pipe.load > this.#terms.highWater / 2) return;
    pipe.full = false;
    this.#outbound.push(signals.room);
  }

  #room(): void {
    if (this.#handler === undefined) this.#roomy = true;
    else if (this.#phase === "open" && !this.#outbound.full) this.#handler.drained(); // It may have filled up again meanwhile.
  }

  #refuse(bytes: number, limit: number): void {
    this.#outbound.push(signals.reset);
    this.end(tooLong("remote", this.remote, bytes, limit));
  }

  #finish(error?: Error): void {
    this.#phase = "ended";
    this.#error = error;
    this.#inbox = [];
    this.#goodbye?.cancel();
    this.#ended();
  }

  #tell(): void {
    if (this.#told || this.#handler === undefined) return;
    this.#told = true;
    this.#handler.closed(this.#error);
  }
}

function isSignal(packet: Packet): packet is SignalPacket {
  return typeof packet === "object" && "signal" in packet;
}

function tooLong(whose: "local" | "remote", remote: Endpoint, bytes: number, limit: number): FrameError {
  const frame = whose === "local" ? `a frame for ${remote.label}` : `a frame from ${remote.label}`;
  return new FrameError("HF_FRAME_TOO_LONG", whose, `${frame} has ${bytes} bytes, more than the ${limit} allowed (maxFrameBytes); send it in pieces, or raise the limit on both sides`);
}
