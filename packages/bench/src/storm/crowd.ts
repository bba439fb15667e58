import { Link, text, type Clock, type Endpoint, type LinkOptions, type Random, type Transport } from "@holdfast/core";

export type LinkChoice = Pick<LinkOptions<string, string>, "backoff" | "failoverSpread" | "limiter">;

/** What a crowd did, as moments in ms since the loss. */
export interface Storm {
  /** Every dial of everybody, in order. */
  readonly dials: readonly number[];
  /** When each client that lost its connection had another one, in order. */
  readonly back: readonly number[];
}

export interface CrowdOptions {
  readonly clients: number;
  readonly endpoints: readonly string[];
  readonly transport: Transport;
  readonly choice: LinkChoice;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly now: () => number;
}

/** Many links to the same servers that are watched from the moment of a loss on. */
export class Crowd {
  readonly #links: readonly Link<string, string>[];
  readonly #now: () => number;
  #start = Infinity;
  readonly #dials: number[] = [];
  readonly #back: number[] = [];
  #lost = 0;

  constructor({ clients, endpoints, transport, choice, clock, random, now }: CrowdOptions) {
    this.#now = now;
    const counted: Transport = {
      schemes: transport.schemes, traits: transport.traits,
      dial: (endpoint: Endpoint, options) => {
        this.#note(this.#dials);
        return transport.dial(endpoint, options);
      },
    };
    this.#links = Array.from({ length: clients }, () => {
      const link = new Link<string, string>({ endpoints, transports: [counted], protocol: text(), heartbeat: false, logger: false, ...choice, ...(clock && { clock }), ...(random && { random }) });
      link.on("connected", () => { this.#note(this.#back); });
      link.on("disconnected", () => { this.#lost += this.#start < Infinity ? 1 : 0; });
      return link;
    });
  }

  get connected(): number {
    return this.#links.filter(({ phase }) => phase === "connected").length;
  }

  /** True once everybody who lost a connection has another one. */
  get complete(): boolean {
    return this.#lost > 0 && this.#back.length === this.#lost;
  }

  open(first = 0, last = this.#links.length): void {
    for (const link of this.#links.slice(first, last)) void link.open();
  }

  /** Counts from now on. */
  start(): void {
    this.#start = this.#now();
  }

  end(): Storm {
    for (const link of this.#links) link.abort();
    return { dials: this.#dials, back: this.#back };
  }

  #note(moments: number[]): void {
    if (this.#start < Infinity) moments.push(this.#now() - this.#start);
  }
}
