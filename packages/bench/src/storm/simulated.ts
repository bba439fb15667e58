import { LinkError, parseEndpoint, type Channel, type Clock, type Listener, type Transport } from "@holdfast/core";
import { memoryNetwork, seededRandom, SimClock } from "@holdfast/testkit";
import { Crowd, type LinkChoice, type Storm } from "./crowd.ts";

export interface Outage {
  readonly clients: number;
  readonly servers: number;
  /** The first so many die. */
  readonly dying: number;
  /** Ms until they are back; Infinity: never. */
  readonly lasts: number;
  readonly choice?: LinkChoice | ((clock: Clock) => LinkChoice);
  readonly seed?: number;
}

/** Long enough for connections to count as stable. */
const calm = 20_000;

/**
 * An outage on a simulated clock and a network in memory (1 to 3 ms one way), with the shipped links: everybody is connected, the
 * servers die in one instant, and are back after a while. Ends when everybody is back.
 */
export async function simulated({ clients, servers, dying, lasts, choice = {}, seed = 1 }: Outage): Promise<Storm> {
  const clock = new SimClock({ start: 0, settle: 24 });
  const random = seededRandom(seed);
  const network = memoryNetwork({ clock, latency: () => 1 + 2 * random() });
  const all = Array.from({ length: servers }, (_, at) => new SimServer(network.join({ name: `server-${at}` }), `memory://server-${at}`));
  for (const server of all) await server.up();
  const crowd = new Crowd({ clients, endpoints: all.map(({ uri }) => uri), transport: network.transport, clock, random, choice: typeof choice === "function" ? choice(clock) : choice, now: () => clock.now() });
  crowd.open();
  await clock.advanceAsync(calm);
  crowd.start();
  const dead = all.slice(0, dying);
  for (const server of dead) await server.down();
  if (lasts < Infinity) {
    await clock.advanceAsync(lasts);
    for (const server of dead) await server.up();
  }
  while (!crowd.complete) await clock.advanceAsync(100);
  return crowd.end();
}

class SimServer {
  readonly uri: string;
  readonly #transport: Transport;
  readonly #channels = new Set<Channel>();
  #listener: Listener | undefined;

  constructor(transport: Transport, uri: string) {
    this.#transport = transport;
    this.uri = uri;
  }

  async up(): Promise<void> {
    this.#listener = await this.#transport.listen?.(parseEndpoint(this.uri), {
      accept: (channel) => {
        this.#channels.add(channel);
        channel.receive({ frame: () => { /* Heard. */ }, drained: () => { /* Nothing waits. */ }, pong: () => { /* Nobody asked. */ }, closed: () => { this.#channels.delete(channel); } });
      },
    });
  }

  async down(): Promise<void> {
    await this.#listener?.close();
    for (const channel of this.#channels) channel.abort(new LinkError("HF_ABORTED", "the server is gone"));
  }
}
