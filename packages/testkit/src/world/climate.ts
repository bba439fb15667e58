import type { Alarm, Millis, Random } from "@holdfast/core";
import type { SimClock } from "../clock/sim-clock.ts";
import type { Connection } from "../memory/connection.ts";
import type { Packet } from "../memory/packet.ts";
import type { Fate, Weather } from "../memory/weather.ts";
import type { FaultOdds } from "./odds.ts";
import { SimRoute, type Direction } from "./route.ts";
import type { Trace } from "./trace.ts";

/** Which routes are meant. What is left out matches everything. */
export interface RouteFilter {
  /** Name of the host that dialled. */
  readonly from?: string;
  /** Name of the server, without its port. */
  readonly to?: string;
}

/** A fault that also holds for routes that nobody has used yet. */
interface Rule {
  readonly filter: RouteFilter;
  readonly apply: (route: SimRoute) => void;
}

/** The weather of a simulated world: all its routes, their faults and what is ordered for servers. */
export class Climate implements Weather {
  readonly clock: SimClock;
  readonly random: Random;
  readonly trace: Trace;
  odds: FaultOdds;
  /** What becomes of every dial to a server, where that was ordered. */
  readonly orders: Map<string, Fate> = new Map();
  /** Is there a system at all that answers for this host? */
  readonly answers: (host: string) => boolean;
  readonly #routes = new Map<string, SimRoute>();
  #rules: Rule[] = [];

  constructor(clock: SimClock, random: Random, trace: Trace, odds: FaultOdds, answers: (host: string) => boolean) {
    this.clock = clock;
    this.random = random;
    this.trace = trace;
    this.odds = odds;
    this.answers = answers;
  }

  route(from: string, to: string): SimRoute {
    const key = `${from} ${to}`;
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = new SimRoute(this, from, to);
      this.#routes.set(key, route);
      for (const { filter, apply } of this.#rules) if (matches(route, filter)) apply(route);
    }
    return route;
  }

  /** The routes used so far. */
  routes(filter: RouteFilter = {}): readonly SimRoute[] {
    return [...this.#routes.values()].filter((route) => matches(route, filter));
  }

  /** Now and for routes to come. */
  rule(filter: RouteFilter, apply: (route: SimRoute) => void): void {
    this.#rules.push({ filter, apply });
    for (const route of this.routes(filter)) apply(route);
  }

  /** Ends the rules for exactly this filter, and mends all routes that match it. */
  mend(filter: RouteFilter): void {
    const all = filter.from === undefined && filter.to === undefined;
    this.#rules = all ? [] : this.#rules.filter((rule) => rule.filter.from !== filter.from || rule.filter.to !== filter.to);
    for (const route of this.routes(filter)) route.mend();
  }

  note(text: string): void {
    this.trace.note(this.clock.now(), text);
  }

  saw(connection: Connection, direction: Direction, packet: Packet): void {
    this.trace.packet(this.clock.now(), connection.id, direction, packet);
  }

  later(ms: Millis, run: () => void): Alarm {
    return this.clock.arrival(this.clock.now() + ms, run);
  }
}

function matches(route: SimRoute, { from, to }: RouteFilter): boolean {
  return (from === undefined || route.from === from) && (to === undefined || route.server === to);
}
