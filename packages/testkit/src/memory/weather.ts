import type { Millis } from "@holdfast/core";
import type { Connection } from "./connection.ts";
import type { Packet } from "./packet.ts";

/**
 * What becomes of one knock at a server's door. `through`: it is up to the server. `refused`: nobody listens. `lost`: no answer, the
 * dialler knocks again later. `hang`: no answer, ever. `mute`: the door opens and nobody is behind it.
 */
export type Fate = "through" | "refused" | "lost" | "hang" | "mute";

/** The way between one dialler and one server. */
export interface Route {
  fate(): Fate;
  /** How long the next packet travels, one way. Asked once per packet. */
  delay(): Millis;
  /** A connection was made on this route. */
  opened?(connection: Connection): void;
  /** Both ends of a connection on this route have ended. */
  closed?(connection: Connection): void;
  /** A packet arrives. */
  saw?(connection: Connection, direction: "outward" | "inward", packet: Packet): void;
}

/** What the network does to what travels through it. */
export interface Weather {
  route(from: string, to: string): Route;
}

/** Nothing gets lost and everything takes equally long. */
export function calm(latency: () => Millis): Weather {
  const route: Route = { fate: () => "through", delay: latency };
  return { route: () => route };
}
