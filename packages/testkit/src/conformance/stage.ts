import { parseEndpoint, type Channel, type DialOptions, type Endpoint, type EndpointEntry, type Frame, type Listener, type Millis, type Transport } from "@holdfast/core";
import { claim } from "./claim.ts";
import { requests, type Fixture } from "./fixture.ts";
import { Recorder } from "./recorder.ts";

/** How long the suite waits. */
export interface Patience {
  /** For what must happen. */
  readonly patience: Millis;
  /** For what must not. */
  readonly quiet: Millis;
}

/** One end of a connection, and what it heard. */
export interface End {
  readonly name: string;
  readonly channel: Channel;
  readonly recorder: Recorder;
}

/** The other side of the channel under test: the accepted end, the dialled end, or an echo somewhere else. */
export interface Peer {
  /** Makes the channel under test hear this frame. */
  send(frame: Frame): void;
  close(): void;
  abort(): void;
  /** The end itself, where the suite holds it. */
  readonly end?: End;
}

/** What one test plays on: a fixture, the listeners and channels it opened, and the order to take it all down. */
export class Stage {
  readonly fixture: Fixture;
  readonly transport: Transport;
  readonly echo: boolean;
  readonly patience: Millis;
  readonly #quiet: Millis;
  readonly accepted: Channel[] = [];
  readonly #arrivals: ((channel: Channel) => void)[] = [];
  readonly #listeners: Listener[] = [];
  readonly #ends: End[] = [];
  #bound: Endpoint | undefined;

  constructor(fixture: Fixture, options: Patience & { readonly echo: boolean }) {
    this.fixture = fixture;
    this.transport = fixture.transport;
    this.echo = options.echo;
    this.patience = options.patience;
    this.#quiet = options.quiet;
  }

  /** Runs the body with a fresh connection for each side that can be tested: the dialled channel and, where we listen, the accepted one. */
  async sides(body: (subject: End, peer: Peer) => Promise<void>): Promise<void> {
    const first = await this.connect();
    await body(first.dialled, first.accepted === undefined ? this.#echo(first.dialled) : this.#own(first.accepted));
    if (this.echo) return;
    const second = await this.connect();
    if (second.accepted !== undefined) await body(second.accepted, this.#own(second.dialled));
  }

  /** One connection. Nobody receives yet. */
  async connect(): Promise<{ readonly dialled: End; readonly accepted: End | undefined }> {
    const target = await this.target();
    const arrival = this.echo ? undefined : this.arrival();
    const dialled = this.end("the dialled channel", await this.dial(target));
    const channel = await arrival;
    return { dialled, accepted: channel === undefined ? undefined : this.end("the accepted channel", channel) };
  }

  /** Watches a channel over: it is aborted at the end of the test. */
  end(name: string, channel: Channel, react?: ConstructorParameters<typeof Recorder>[2]): End {
    const end = { name, channel, recorder: new Recorder(name, this.patience, react) };
    this.#ends.push(end);
    return end;
  }

  dial(endpoint: Endpoint, signal: AbortSignal = new AbortController().signal): Promise<Channel> {
    return this.transport.dial(endpoint, this.#options({ signal }));
  }

  /** The next channel that the listener accepts. */
  arrival(): Promise<Channel> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error(`the listener did not accept the dialled channel within ${this.patience} ms`)); }, this.patience);
      this.#arrivals.push((channel) => {
        clearTimeout(timer);
        resolve(channel);
      });
    });
  }

  /** Where to dial: the echo, or our own listener, which is opened the first time. */
  async target(): Promise<Endpoint> {
    if (this.echo) return parseEndpoint(this.fixture.endpoint);
    this.#bound ??= (await this.listen()).endpoint;
    return this.reach(this.#bound);
  }

  async listen(endpoint: Endpoint = parseEndpoint(this.fixture.endpoint), signal?: AbortSignal): Promise<Listener> {
    claim(this.transport.listen !== undefined, "the transport has no listen; a transport that only dials is tested with { echo: true }");
    const accept = (channel: Channel): void => {
      this.accepted.push(channel);
      this.#arrivals.shift()?.(channel);
    };
    const listener = await this.transport.listen(endpoint, this.#options(signal === undefined ? { accept } : { accept, signal }));
    this.#listeners.push(listener);
    return listener;
  }

  reach(bound: Endpoint): Endpoint {
    return this.fixture.reach === undefined ? bound : parseEndpoint(this.fixture.reach(bound));
  }

  /** An endpoint where nothing listens. */
  async dead(): Promise<EndpointEntry> {
    if (this.fixture.dead !== undefined) return this.fixture.dead;
    claim(!this.echo, "the fixture must name `dead`: an endpoint where nothing listens");
    const listener = await this.listen();
    const { uri, options } = this.reach(listener.endpoint);
    await listener.close();
    return { ...options, uri };
  }

  /** Waits as long as it takes to believe that nothing comes. */
  quiet(): Promise<void> {
    return new Promise((resolve) => { setTimeout(resolve, this.#quiet); });
  }

  /**
   * Waits until an end has surely come that nobody was told of yet. A peer may need longer to go than `quiet`, such as a process
   * that exits; a fixture with `open` shows when it is gone. One that stays until its words are read is left alone after `patience`.
   */
  async ended(): Promise<void> {
    await this.quiet();
    const { fixture } = this;
    if (!this.echo || fixture.open === undefined) return; // Otherwise our own listener is open too.
    await this.until("the peer should be gone", () => fixture.open?.() === 0).catch(() => undefined);
  }

  /** Looks again and again until the condition holds. For what tells nobody when it changes. */
  async until(sentence: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + this.patience;
    while (!condition()) {
      claim(performance.now() < deadline, `${sentence} within ${this.patience} ms`);
      await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
  }

  /** What a text frame is on arrival. */
  text(text: string): Frame {
    return this.transport.traits.text ? text : new TextEncoder().encode(text);
  }

  /** Takes everything down. */
  async strike(): Promise<void> {
    const over = new Error("the test is over");
    for (const { channel } of this.#ends) channel.abort(over);
    for (const channel of this.accepted) channel.abort(over);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    const { fixture } = this;
    try {
      if (fixture.open !== undefined) await this.until("the transport should hold nothing open after all its channels were aborted", () => fixture.open?.() === 0);
    } finally {
      await fixture.dispose?.();
    }
  }

  #options<Options extends object>(options: Options): Options & Pick<DialOptions, "framing"> {
    return this.fixture.framing === undefined ? options : { ...options, framing: this.fixture.framing };
  }

  #own(end: End): Peer {
    return {
      end,
      send: (frame) => { end.channel.send(frame); },
      close: () => { end.channel.close(); },
      abort: () => { end.channel.abort(new Error("the peer aborts")); },
    };
  }

  #echo({ channel }: End): Peer {
    return {
      send: (frame) => { channel.send(frame); },
      close: () => { channel.send(requests.close); },
      abort: () => { channel.send(requests.abort); },
    };
  }
}
