import type { Millis } from "@holdfast/core";
import type { Climate, RouteFilter } from "./climate.ts";
import type { SimHost } from "./host.ts";
import { noFaults } from "./odds.ts";
import type { Direction } from "./route.ts";

/** Faults of a simulated world, by hand. They act at once, and on top of what the odds bring. */
export class WorldFaults {
  readonly #climate: Climate;
  readonly #hosts: ReadonlyMap<string, SimHost>;

  constructor(climate: Climate, hosts: ReadonlyMap<string, SimHost>) {
    this.#climate = climate;
    this.#hosts = hosts;
  }

  /** Cuts the living connections. Each end hears of it after `notice` ms; left out: at a random moment up to `noticeMax`. Returns how many were cut. */
  cut(options: RouteFilter & { readonly notice?: Millis } = {}): number {
    let count = 0;
    for (const route of this.#climate.routes(options)) {
      for (const connection of route.connections) {
        route.cut(connection, options.notice);
        count += 1;
      }
    }
    return count;
  }

  /**
   * Everything in that direction is lost and nobody is told; outward is from the one who dialled. Dials get no answer. Connections that
   * live now stay lost also when the route is mended: for a route that comes back in time, use `clog`.
   */
  blackHole(options: RouteFilter & { readonly direction?: Direction | "both" } = {}): void {
    const { direction = "both" } = options;
    const directions = direction === "both" ? ["outward", "inward"] as const : [direction];
    this.#climate.rule(options, (route) => { route.blackHole(directions); });
  }

  /** What travels stands still and dials get no answer, for so long or until `mend`; then everything goes on with nothing lost. */
  clog(options: RouteFilter & { readonly time?: Millis } = {}): void {
    const { time = Infinity } = options;
    if (time === Infinity) this.#climate.rule(options, (route) => { route.clog(Infinity); });
    else for (const route of this.#climate.routes(options)) route.clog(time);
  }

  /** Ends black holes and clogs on these routes. */
  mend(filter: RouteFilter = {}): void {
    this.#climate.note("mend");
    this.#climate.mend(filter);
  }

  /** Dials to the server are refused until `admit`. Living connections go on. */
  refuse(server: string): void {
    this.#order(server, "refused");
  }

  /** Dials to the server get no answer until `admit`. */
  hang(server: string): void {
    this.#order(server, "hang");
  }

  /** Dials to the server succeed, and nobody is behind it, until `admit`. */
  mute(server: string): void {
    this.#order(server, "mute");
  }

  admit(server: string): void {
    this.#climate.note(`admit ${server}`);
    this.#climate.orders.delete(server);
  }

  /** The server's host crashes `times` times: `up` ms of life, `down` ms of absence. */
  flap(server: string, options: { readonly up: Millis; readonly down: Millis; readonly times: number }): void {
    const { up, down, times } = options;
    const host = this.#hosts.get(server);
    if (host === undefined || times <= 0) return;
    this.#climate.later(up, () => {
      host.crash();
      this.#climate.later(down, () => {
        host.restart();
        this.flap(server, { up, down, times: times - 1 });
      });
    });
  }

  /**
   * The end of all faults, by hand and by chance: routes are mended, orders withdrawn, crashed hosts restart, and nothing new goes
   * wrong; delays stay. What was lost stays lost. After this, liveness can be asked for.
   */
  heal(): void {
    const { delayMin, delayMean } = this.#climate.odds;
    this.#climate.odds = { ...noFaults, delayMin, delayMean };
    this.#climate.orders.clear();
    this.mend();
    for (const host of this.#hosts.values()) host.restart();
  }

  #order(server: string, fate: "refused" | "hang" | "mute"): void {
    this.#climate.note(`order ${server}: ${fate}`);
    this.#climate.orders.set(server, fate);
  }
}
