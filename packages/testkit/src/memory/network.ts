import { OptionError, type Millis, type Transport, type TransportTraits } from "@holdfast/core";
import type { SimClock } from "../clock/sim-clock.ts";
import type { ChannelTerms } from "./channel.ts";
import { MicrotaskLoop } from "./loop.ts";
import { allTraits, Switchboard } from "./switchboard.ts";
import { calm } from "./weather.ts";

export interface MemoryNetworkOptions {
  /** Deliveries happen when this clock gets there. Without one they happen in microtasks, in real time. */
  readonly clock?: SimClock;
  /** One-way delay in ms, or a function that is asked for each packet (order is kept all the same). More than 0 needs a `clock`. @default 0 */
  readonly latency?: Millis | (() => Millis);
  /**
   * The schemes of the transports. Name those of your own URIs (`['ws', 'wss']`) to run an application unchanged: host and port are
   * then the name of the server, the path is ignored. @default ['memory']
   */
  readonly schemes?: readonly string[];
  /** Takes abilities away, to test what your code does without them. `maxFrameBytes` is 1 MiB by default. */
  readonly traits?: Partial<TransportTraits>;
  /** Bytes on the way and unread from which `send` returns false; `drained` comes at half of it. @default 65_536 */
  readonly highWater?: number;
}

/** Who takes part in a memory network. */
export interface MemberOptions {
  /** How servers see those who dial with this transport: `memory://name`. @default 'client' */
  readonly name?: string;
  /** As those of the network, for this member alone. */
  readonly traits?: Partial<TransportTraits>;
}

/** A network inside the process: what is listened to by one transport of it is dialled by all. */
export interface MemoryNetwork {
  /** Dials and listens as `client`. */
  readonly transport: Transport;
  /** A transport for another member, with a name or abilities of its own. */
  join(options?: MemberOptions): Transport;
  /** Connections of which at least one end is alive. 0 at the end of a test, or somebody forgot to close one. */
  readonly open: number;
  /** Listeners that accept. */
  readonly listening: number;
}

/** A transport on a memory network of its own. Two of them do not reach each other; `memoryNetwork` gives transports that do. */
export function memory(options: MemoryNetworkOptions = {}): Transport {
  return memoryNetwork(options).transport;
}

/**
 * A network inside the process, for tests and demonstrations. Endpoints are `memory://name`. Frames arrive whole and in order, nothing
 * gets lost, a reader that does not read makes `send` return false. A sender that goes on regardless is cut off at 256 × `highWater`.
 */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const { clock, latency = 0, schemes = ["memory"], highWater = 65_536 } = options;
  if (latency !== 0 && clock === undefined) throw new OptionError("latency", "0 or left out where there is no clock", latency);
  const board = new Switchboard(clock ?? new MicrotaskLoop(), calm(typeof latency === "number" ? () => latency : latency), schemes);
  const terms = (traits?: Partial<TransportTraits>): ChannelTerms => ({
    traits: allTraits({ ...options.traits, ...traits }), highWater, maxLoad: 256 * highWater, closeTimeout: clock === undefined ? Infinity : 5_000,
  });
  return {
    transport: board.join("client", terms()),
    join: ({ name = "client", traits } = {}) => board.join(name, terms(traits)),
    get open() { return board.connections.size; },
    get listening() { return board.listening; },
  };
}
