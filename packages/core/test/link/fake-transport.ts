import { parseEndpoint } from "../../src/endpoint/parse.ts";
import type { Channel, ChannelHandler, DialOptions, Farewell, Frame, Transport, TransportTraits } from "../../src/ports/channel.ts";
import type { Endpoint } from "../../src/ports/endpoint.ts";

const traits: TransportTraits = { listens: false, drains: true, pauses: true, pings: false, text: true, maxFrameBytes: 1_000 };

/** A transport whose peers are played by the test. Nothing happens by itself, except what the contract of a channel demands. */
export class FakeTransport implements Transport {
  readonly schemes = ["fake"] as const;
  readonly traits: TransportTraits;
  readonly dials: FakeDial[] = [];

  constructor(more: Partial<TransportTraits> = {}) {
    this.traits = { ...traits, ...more };
  }

  dial(endpoint: Endpoint, { signal }: DialOptions): Promise<Channel> {
    const dial = new FakeDial(endpoint, signal, this.traits);
    this.dials.push(dial);
    return dial.promise;
  }

  /** The latest dial; throws where none was made. */
  get last(): FakeDial {
    const dial = this.dials.at(-1);
    if (dial === undefined) throw new Error("nothing was dialled");
    return dial;
  }

  /** Channels that are open. */
  get open(): readonly FakeChannel[] {
    return this.dials.flatMap(({ channel }) => (channel?.state === "open" ? [channel] : []));
  }
}

export class FakeDial {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  readonly #traits: TransportTraits;
  readonly #settled: PromiseWithResolvers<Channel> = Promise.withResolvers();
  channel: FakeChannel | undefined;

  constructor(endpoint: Endpoint, signal: AbortSignal, given: TransportTraits) {
    this.endpoint = endpoint;
    this.signal = signal;
    this.#traits = given;
    signal.addEventListener("abort", () => { this.#settled.reject(signal.reason); });
  }

  get promise(): Promise<Channel> {
    return this.#settled.promise;
  }

  /** The peer accepts. What arrives before the link receives waits in the channel. A dial that was aborted leaves no channel open. */
  accept(): FakeChannel {
    this.channel = new FakeChannel(this.endpoint, this.#traits);
    if (this.signal.aborted) this.channel.state = "closed";
    this.#settled.resolve(this.channel);
    return this.channel;
  }

  refuse(error: Error = new Error("ECONNREFUSED")): void {
    this.#settled.reject(error);
  }
}

export class FakeChannel implements Channel {
  readonly remote: Endpoint;
  state: "open" | "closing" | "closed" = "open";
  readonly sent: Frame[] = [];
  /** What the link sent after it said goodbye: lost. */
  readonly ignored: Frame[] = [];
  farewell: Farewell | undefined;
  aborted: Error | undefined;
  paused = false;
  pings = 0;
  /** From so many frames on, `send` asks to wait, until `drain()`. */
  room = Infinity;
  /** Called with each frame that is sent: a peer that answers at once. */
  onSend: ((frame: Frame) => void) | undefined;
  #handler: ChannelHandler | undefined;
  #waiting: (() => void)[] = [];
  declare pause?: () => void;
  declare resume?: () => void;
  declare ping?: () => void;

  constructor(remote: Endpoint, { pauses, pings }: TransportTraits) {
    this.remote = remote;
    if (pauses) {
      this.pause = () => { this.paused = true; };
      this.resume = () => { this.paused = false; };
    }
    if (pings) this.ping = () => { this.pings += 1; };
  }

  receive(handler: ChannelHandler): void {
    if (this.#handler) throw new Error("receive was called twice");
    this.#handler = handler;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }

  send(frame: Frame): boolean {
    if (this.state !== "open") {
      this.ignored.push(frame);
      return false;
    }
    this.sent.push(frame);
    this.room -= 1;
    this.onSend?.(frame);
    return this.state === "open" && this.room > 0; // `onSend` may have ended it.
  }

  /** Says goodbye; the test lets it be over with `end()`. */
  close(farewell?: Farewell): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.farewell = farewell;
  }

  abort(error: Error): void {
    if (this.state === "closed") return;
    this.aborted = error;
    this.end(error);
  }

  // --- what the peer and the network do ---------------------------------------------------------------------------

  deliver(...frames: readonly Frame[]): void {
    for (const frame of frames) this.#soon(() => { if (this.state !== "closed") this.#handler?.frame(frame); });
  }

  drain(room: number = Infinity): void {
    this.room = room;
    this.#soon(() => { if (this.state === "open") this.#handler?.drained(); });
  }

  pong(): void {
    this.#soon(() => { this.#handler?.pong(); });
  }

  /** The channel is over, once. */
  end(error?: Error): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#soon(() => { this.#handler?.closed(error); });
  }

  /** Now, or when somebody receives. */
  #soon(run: () => void): void {
    if (this.#handler) run();
    else this.#waiting.push(run);
  }
}

/** An endpoint of the fake transport. */
export function fake(name: string): Endpoint {
  return parseEndpoint(`fake://${name}`);
}
