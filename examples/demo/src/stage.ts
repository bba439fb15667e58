import { testCertificate } from "../../../scripts/certificates.ts";
import type { ProxyCounters } from "@holdfast/testkit/proxy";
import type { NetworkOrders, Weather } from "./workers/network.ts";
import { Remote } from "./workers/remote.ts";
import type { ServerOrders, ServerPlan } from "./workers/server.ts";

export const names = ["tcp", "tls", "ws"] as const;
export type Name = (typeof names)[number];
/** The naive client's own server and proxy: it gets the same faults at the same time. */
export type Place = Name | "naive";

/** Three servers and one for the naive client, each in its thread, each behind a proxy. */
export class Stage {
  readonly #network: Remote<NetworkOrders>;
  readonly #servers: ReadonlyMap<Place, Remote<ServerOrders>>;
  readonly #ports: ReadonlyMap<Place, number>;
  readonly ca: string;

  private constructor(network: Remote<NetworkOrders>, servers: ReadonlyMap<Place, Remote<ServerOrders>>, ports: ReadonlyMap<Place, number>, ca: string) {
    this.#network = network;
    this.#servers = servers;
    this.#ports = ports;
    this.ca = ca;
  }

  static async build(): Promise<Stage> {
    const { ca, cert, key } = await testCertificate();
    const network = new Remote<NetworkOrders>("./network.ts", {});
    const plan = (scheme: Name, plain: boolean): ServerPlan => ({ scheme, plain, tls: { cert, key } });
    const servers = new Map<Place, Remote<ServerOrders>>([...names, "naive" as const].map((place) => [place, new Remote<ServerOrders>("./server.ts", plan(place === "naive" ? "ws" : place, place === "naive"))]));
    const ports = new Map<Place, number>();
    await Promise.all([...servers].map(async ([place, server]) => { ports.set(place, await network.ask("open", place, await server.ask("listen"))); }));
    return new Stage(network, servers, ports, ca);
  }

  uri(place: Place): string {
    return `${place === "naive" ? "ws" : place}://127.0.0.1:${this.#ports.get(place) ?? 0}`;
  }

  /** Which server an endpoint of the list is. */
  nameOf(endpoint: string | undefined): Name | undefined {
    return names.find((name) => this.uri(name) === endpoint);
  }

  set(place: Place, weather: Weather): Promise<void> {
    return this.#network.ask("set", place, weather);
  }

  counters(place: Place): Promise<ProxyCounters> {
    return this.#network.ask("counters", place);
  }

  server(place: Place): Remote<ServerOrders> {
    return this.#servers.get(place) as Remote<ServerOrders>; // Every place has one.
  }

  /** Different messages of the application that reached its servers. */
  async delivered(): Promise<number> {
    const counts = await Promise.all(names.map((name) => this.server(name).ask("delivered")));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    for (const server of this.#servers.values()) await server.end();
    await this.#network.end();
  }
}
