import { ConnectError, OptionError, parseEndpoint, type Channel, type Endpoint, type Listener, type ListenOptions, type Transport, type TransportTraits } from "@holdfast/core";
import type { ChannelTerms } from "./channel.ts";
import { Connection, type Side } from "./connection.ts";
import { dial, type Exchange } from "./dial.ts";
import type { Loop } from "./loop.ts";
import type { Route, Weather } from "./weather.ts";

interface OpenListener {
  readonly accept: (channel: Channel) => void;
  readonly terms: ChannelTerms;
  readonly loop: Loop;
}

/** Who listens where, and which connections there are. Memory networks and simulated worlds are this with different weather. */
export class Switchboard implements Exchange {
  readonly loop: Loop;
  readonly connections: Set<Connection> = new Set();
  readonly #schemes: readonly string[];
  readonly #weather: Weather;
  readonly #listeners = new Map<string, OpenListener>();
  readonly #remotes = new Map<string, Endpoint>();
  #made = 0;

  constructor(loop: Loop, weather: Weather, schemes: readonly string[]) {
    this.loop = loop;
    this.#weather = weather;
    this.#schemes = schemes;
  }

  get listening(): number {
    return this.#listeners.size;
  }

  /** A transport for one who takes part. `name` is how servers see the diallers; `loop` is where this one hears of things. */
  join(name: string, terms: ChannelTerms, loop: Loop = this.loop): Transport {
    const transport: Transport = {
      schemes: this.#schemes,
      traits: terms.traits,
      check: (endpoint) => { nameOf(endpoint); },
      dial: (endpoint, { signal }) => dial(this, name, { remote: endpoint, terms, loop }, signal),
    };
    return terms.traits.listens ? { ...transport, listen: (endpoint, options) => this.#listen(endpoint, options, { terms, loop }) } : transport;
  }

  route(from: string, to: Endpoint): Route {
    return this.#weather.route(from, nameOf(to));
  }

  connect(route: Route, from: string, dialer: Side, options: { readonly mute: boolean }): Connection | undefined {
    const listener = this.#listeners.get(nameOf(dialer.remote));
    if (listener === undefined && !options.mute) return undefined;
    const listening: Side = { remote: this.#remote(from), terms: listener?.terms ?? dialer.terms, loop: listener?.loop ?? this.loop };
    const connection = new Connection(this.#made++, route, dialer, listening, this.#over);
    this.connections.add(connection);
    route.opened?.(connection);
    if (!options.mute) listener?.accept(connection.far);
    return connection;
  }

  /** Nobody listens on that host any more, whatever the port. */
  unlisten(host: string): void {
    for (const name of this.#listeners.keys()) if (hostOf(name) === host) this.#listeners.delete(name);
  }

  readonly #over = (connection: Connection): void => {
    this.connections.delete(connection);
    connection.route.closed?.(connection);
  };

  #listen(endpoint: Endpoint, options: ListenOptions, member: Omit<OpenListener, "accept">): Promise<Listener> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason as Error); // Whatever the caller aborted with.
    const name = nameOf(endpoint);
    if (this.#listeners.has(name)) {
      return Promise.reject(new ConnectError("HF_LISTEN_FAILED", endpoint.label, `${endpoint.label} is taken: somebody listens there already; close that listener, or choose another name`));
    }
    const listener: OpenListener = { ...member, accept: options.accept };
    this.#listeners.set(name, listener);
    return Promise.resolve({
      endpoint,
      close: () => {
        // Somebody else may have taken the name since.
        if (this.#listeners.get(name) === listener) this.#listeners.delete(name);
        return Promise.resolve();
      },
    });
  }

  #remote(name: string): Endpoint {
    let remote = this.#remotes.get(name);
    if (remote === undefined) {
      remote = parseEndpoint(`memory://${name}`);
      this.#remotes.set(name, remote);
    }
    return remote;
  }
}

/** A server's name: host and port, whatever the scheme. */
function nameOf(endpoint: Endpoint): string {
  const { host, port } = endpoint;
  if (host === "") throw new OptionError("endpoint", "a URI with a name, such as 'memory://server'", endpoint.label);
  return `${host.includes(":") ? `[${host}]` : host}${port === 0 ? "" : `:${port}`}`;
}

/** The host of a server's name. */
export function hostOf(name: string): string {
  return name.replace(/:\d+$/, "");
}

/** The abilities of a memory transport, all of them unless somebody takes one away. */
export function allTraits(without: Partial<TransportTraits> = {}): TransportTraits {
  return { listens: true, drains: true, pauses: true, pings: true, text: true, maxFrameBytes: 2 ** 20, ...without };
}
