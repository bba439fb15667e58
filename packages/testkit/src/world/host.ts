import { OptionError, parseEndpoint, type Channel, type Clock, type Listener, type Millis, type Transport } from "@holdfast/core";
import type { SeededRandom } from "../random/seeded-random.ts";
import { signals } from "../memory/packet.ts";
import type { ChannelTerms } from "../memory/channel.ts";
import type { Switchboard } from "../memory/switchboard.ts";
import type { Climate } from "./climate.ts";
import { HostClock } from "./host-clock.ts";
import { exponential } from "./odds.ts";
import type { SimRoute } from "./route.ts";

/** What runs when a host starts, and again after each crash. */
export type Boot = (host: SimHost) => void | Promise<void>;

/** What a host needs of its world. */
export interface HostParts {
  readonly board: Switchboard;
  readonly climate: Climate;
  readonly terms: ChannelTerms;
  readonly random: SeededRandom;
  readonly boot?: Boot | undefined;
}

/**
 * A machine of a simulated world with one program on it. `up`: runs. `down`: the program crashed, the system is there and refuses.
 * `dark`: without power, nothing answers.
 */
export class SimHost {
  readonly name: string;
  /** Chance for what runs here. */
  readonly random: SeededRandom;
  readonly #parts: HostParts;
  #state: "up" | "down" | "dark" = "up";
  #clock: HostClock;
  #transport: Transport;

  constructor(name: string, parts: HostParts) {
    this.name = name;
    this.random = parts.random;
    this.#parts = parts;
    this.#clock = new HostClock(parts.climate.clock);
    this.#transport = parts.board.join(name, parts.terms, this.#clock);
  }

  get state(): "up" | "down" | "dark" {
    return this.#state;
  }

  /** The clock of the present life; its alarms die in a crash. */
  get clock(): Clock {
    return this.#clock;
  }

  /** Dials and listens as this host; its channels die in a crash. */
  get transport(): Transport {
    return this.#transport;
  }

  /** Listens as `memory://name`, or with a port as `memory://name:port`. */
  async listen(accept: (channel: Channel) => void, options: { readonly port?: number } = {}): Promise<Listener> {
    const scheme = this.#transport.schemes[0] ?? "memory";
    const endpoint = parseEndpoint(`${scheme}://${this.name}${options.port === undefined ? "" : `:${options.port}`}`);
    if (this.#transport.listen === undefined) throw new OptionError("traits.listens", "true in a world where a host listens", false);
    return this.#transport.listen(endpoint, { accept });
  }

  /**
   * The program dies: no alarm rings, no handler is called any more. Its peers see a reset; with `powerLoss` they see nothing until
   * the host is back and they send something.
   */
  crash(options: { readonly powerLoss?: boolean } = {}): void {
    if (this.#state !== "up") return;
    const { board, climate } = this.#parts;
    const powerLoss = options.powerLoss ?? false;
    climate.note(`crash ${this.name}${powerLoss ? " (power)" : ""}`);
    this.#state = powerLoss ? "dark" : "down";
    this.#clock.kill();
    board.unlisten(this.name);
    for (const route of climate.routes()) {
      if (route.server === this.name || route.from === this.name) this.#abandon(route, powerLoss);
    }
  }

  /** Boots again after a crash. */
  restart(): void {
    if (this.#state === "up") return;
    const { board, climate, terms } = this.#parts;
    climate.note(`restart ${this.name}`);
    this.#state = "up";
    this.#clock = new HostClock(climate.clock);
    this.#transport = board.join(this.name, terms, this.#clock);
    this.begin();
  }

  /** Boots. The world calls it once the host is known; call `restart` after a crash. */
  begin(): void {
    const { boot, climate } = this.#parts;
    const { crashEvery, powerLoss } = climate.odds;
    if (boot === undefined) return;
    void boot(this); // If it rejects, that is for the test framework to report.
    if (crashEvery === Infinity) return;
    const clock = this.#clock;
    climate.later(exponential(crashEvery, climate.random), () => {
      if (clock !== this.#clock || climate.odds.crashEvery === Infinity) return; // Of an earlier life, or the faults are over.
      this.crash({ powerLoss: climate.random() < powerLoss });
      climate.later(exponential(climate.odds.downMean, climate.random), () => { this.restart(); });
    });
  }

  /** The program stands still for so long, as with SIGSTOP. Afterwards its late alarms ring before it reads anything. */
  pause(ms: Millis): void {
    const { climate } = this.#parts;
    const clock = this.#clock;
    climate.note(`pause ${this.name} ${ms}`);
    clock.freeze();
    climate.later(ms, () => { clock.thaw(); });
  }

  /** The connections of one route lose their end on this host. */
  #abandon(route: SimRoute, powerLoss: boolean): void {
    for (const connection of route.connections) {
      const outward = route.server !== this.name;
      const [own, survivor, pipe] = outward ? [connection.near, connection.far, connection.outward] as const : [connection.far, connection.near, connection.inward] as const;
      own.vanish();
      if (!powerLoss) pipe.push(signals.reset);
      route.forget(connection, survivor);
    }
  }
}
