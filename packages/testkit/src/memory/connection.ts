import type { Endpoint } from "@holdfast/core";
import { MemoryChannel, type ChannelTerms } from "./channel.ts";
import type { Loop } from "./loop.ts";
import type { Packet } from "./packet.ts";
import { Pipe } from "./pipe.ts";
import type { Route } from "./weather.ts";

/** One side of a connection: how it sees the other, and by which terms its transport goes. */
export interface Side {
  readonly remote: Endpoint;
  readonly terms: ChannelTerms;
  /** Where it hears of things. */
  readonly loop: Loop;
}

/** Two channels and the two pipes between them. Outward is from the one who dialled. */
export class Connection {
  readonly id: number;
  readonly route: Route;
  readonly near: MemoryChannel;
  readonly far: MemoryChannel;
  readonly outward: Pipe;
  readonly inward: Pipe;
  #live = 2;

  /** `over` is called when both ends have ended. */
  constructor(id: number, route: Route, dialer: Side, listener: Side, over: (connection: Connection) => void) {
    const ended = (): void => {
      this.#live -= 1;
      if (this.#live === 0) over(this);
    };
    this.id = id;
    this.route = route;
    this.near = new MemoryChannel(dialer.remote, dialer.loop, dialer.terms, ended);
    this.far = new MemoryChannel(listener.remote, listener.loop, listener.terms, ended);
    const delay = (): number => route.delay();
    this.outward = new Pipe(listener.loop, delay, (packet) => { this.#arrived(this.far, packet); });
    this.inward = new Pipe(dialer.loop, delay, (packet) => { this.#arrived(this.near, packet); });
    this.near.join(this.outward, this.inward);
    this.far.join(this.inward, this.outward);
  }

  #arrived(channel: MemoryChannel, packet: Packet): void {
    this.route.saw?.(this, channel === this.far ? "outward" : "inward", packet);
    channel.arrive(packet);
  }
}
