import type { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import type { Server } from "./server.ts";
import { Wire, type Ear, type Weather } from "./wire.ts";
import type { World } from "./world.ts";

/** The ways between clients and servers, and what is wrong with them. */
export class Network {
  readonly #world: World;
  readonly #servers: readonly Server[];
  readonly #weather: readonly Weather[];
  /** All there ever were, so that faults find the ones that live. */
  readonly wires: Wire[] = [];

  constructor(world: World, servers: readonly Server[]) {
    this.#world = world;
    this.#servers = servers;
    this.#weather = servers.map(() => ({ holeOut: 0, holeIn: 0, kills: false, slow: 0, slowBy: 0 }));
  }

  weather(server: number): Weather {
    return this.#weather[server] as Weather; // Servers are numbered by the plan that numbered the weather.
  }

  server(number: number): Server {
    return this.#servers[number] as Server; // As above.
  }

  dial(number: number, client: Process, reached: (wire: Wire) => void, refused: () => void): void {
    const world = this.#world;
    const server = this.server(number);
    const weather = this.weather(number);
    if (world.now < weather.holeOut || world.now < weather.holeIn) return; // Nobody answers.
    const way = world.plan.delay * (2 + 2 * world.random());
    world.after(way, ranks.arrival, client, () => {
      if (!server.process.alive) return refused();
      const wire = new Wire(world, number, weather, client, server.process);
      this.wires.push(wire);
      reached(wire);
    });
  }

  /** The client listens from now on, and the server accepts. */
  join(wire: Wire, client: Ear | undefined): void {
    wire.join(client, this.server(wire.server).accept(wire));
  }

  /** Somebody who recorded a greeting sends it again, from elsewhere. */
  replay(greeting: Uint8Array, number: number, nobody: Process): void {
    const server = this.server(number);
    if (!server.process.alive) return;
    const wire = new Wire(this.#world, number, { holeOut: 0, holeIn: 0, kills: false, slow: 0, slowBy: 0 }, nobody, server.process);
    this.join(wire, { frame: () => {}, ended: () => {} });
    wire.toKeeper(greeting);
    this.#world.after(3_000, ranks.arrival, undefined, () => { wire.cut(0, this.#world.random() * 3_000); });
  }
}
