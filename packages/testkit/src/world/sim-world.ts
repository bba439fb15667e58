import { OptionError, type Millis, type Transport, type TransportTraits } from "@holdfast/core";
import { SimClock } from "../clock/sim-clock.ts";
import { seededRandom, type SeededRandom } from "../random/seeded-random.ts";
import type { ChannelTerms } from "../memory/channel.ts";
import { allTraits, Switchboard } from "../memory/switchboard.ts";
import { Climate } from "./climate.ts";
import { WorldFaults } from "./faults.ts";
import { SimHost, type Boot } from "./host.ts";
import { oddsOf, type FaultOdds } from "./odds.ts";
import { Trace } from "./trace.ts";

export interface SimWorldOptions {
  /** Everything that happens by chance follows from it: an integer from 0 to 2⁵³ - 1. */
  readonly seed: number;
  /** How often what goes wrong. @default nothing, with delays of 20 ms on average */
  readonly faults?: Partial<FaultOdds>;
  /** As for `memoryNetwork`. @default ['memory'] */
  readonly schemes?: readonly string[];
  /** Takes abilities away from all transports of this world. */
  readonly traits?: Partial<TransportTraits>;
  /** As for `SimClock`: how promises run between two moments. 8 links of a chain are enough for a dial. @default 8 */
  readonly settle?: "quiet" | number;
  /** Keeps the last 10 000 events as readable lines in `trace`. Slower. @default false */
  readonly trace?: boolean;
}

/**
 * Machines, a network between them, and time, from one seed: the same seed and the same code give the same history, down to the
 * order of simultaneous events. A simulated minute takes about as long as its events: a microsecond or two each.
 *
 * ```ts
 * const world = new SimWorld({ seed: 7, faults: { cut: 0.5 } });
 * world.host("server", (host) => { void host.listen(serve); });
 * const link = new Link({ transports: [world.transport], clock: world.clock, random: world.random, … });
 * await world.run(60_000);
 * ```
 */
export class SimWorld {
  readonly seed: number;
  readonly clock: SimClock;
  /** For the code under test. The network has a generator of its own: what the code draws does not change the faults. */
  readonly random: SeededRandom;
  readonly faults: WorldFaults;
  readonly #board: Switchboard;
  readonly #climate: Climate;
  readonly #terms: ChannelTerms;
  readonly #hosts = new Map<string, SimHost>();
  readonly #seeds: SeededRandom;
  #transport: Transport | undefined;

  constructor(options: SimWorldOptions) {
    this.seed = options.seed;
    this.#seeds = seededRandom(options.seed);
    this.clock = new SimClock({ settle: options.settle ?? 8 });
    this.random = this.#seeds.fork();
    this.#climate = new Climate(this.clock, this.#seeds.fork(), new Trace(options.trace ?? false), oddsOf(options.faults ?? {}), (name) => this.#hosts.get(name)?.state !== "dark");
    this.#board = new Switchboard(this.clock, this.#climate, options.schemes ?? ["memory"]);
    this.#terms = { traits: allTraits(options.traits), highWater: 65_536, maxLoad: 2 ** 24, closeTimeout: 5_000 };
    this.faults = new WorldFaults(this.#climate, this.#hosts);
  }

  /** Dials as `client`, from outside of all hosts: it never crashes, and its alarms are those of `clock`. */
  get transport(): Transport {
    this.#transport ??= this.#board.join("client", this.#terms);
    return this.#transport;
  }

  /** As `transport`, under another name, so that faults can tell the two apart. */
  client(name: string): Transport {
    return this.#board.join(name, this.#terms);
  }

  /** The host of that name; a new one where there is none yet. `boot` runs at once and after each restart; only a new host takes one. */
  host(name: string, boot?: Boot): SimHost {
    const known = this.#hosts.get(name);
    if (known !== undefined) {
      if (boot !== undefined) throw new OptionError("boot", `given where the host ${name} is named for the first time, and not again`);
      return known;
    }
    const host = new SimHost(name, { board: this.#board, climate: this.#climate, terms: this.#terms, random: this.#seeds.fork(), boot });
    this.#hosts.set(name, host);
    host.begin();
    return host;
  }

  /** Lets `ms` pass; promises continue in between. */
  run(ms: Millis): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  /** Connections of which at least one end is alive. */
  get open(): number {
    return this.#board.connections.size;
  }

  /** Writes a line of your own into the trace: what your code reports belongs to the history that must be repeatable. */
  note(text: string): void {
    this.#climate.note(text);
  }

  /** The history so far in 16 hexadecimal digits. */
  traceHash(): string {
    return this.#climate.trace.hash;
  }

  /** The history in lines; empty unless it was asked for. */
  get trace(): readonly string[] {
    return this.#climate.trace.lines ?? [];
  }
}
