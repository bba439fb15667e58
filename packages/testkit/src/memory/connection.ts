import { LinkError, type Endpoint } from "@holdfast/core";
import { MemoryChannel, type ChannelTerms } from "./channel.ts";
import type { Loop } from "./loop.ts";
import type { Packet } from "./packet.ts";
import { Pipe } from "./pipe.ts";
import type { Route } from "./weather.ts";

/** One side of a connection: how it sees the other, and by which terms its transport goes. */
export interface Side {
  readonly remote: Endpoint;
  readonly terms: ChannelTerms;
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
  constructor(id: number, loop: Loop, route: Route, dialer: Side, listener: Side, over: (connection: Connection) => void) {
    const ended = (): void => {
      this.#live -= 1;
      if (this.#live === 0) over(this);
    };
    this.id = id;
    this.route = route;
    this.near = new MemoryChannel(dialer.remote, loop, dialer.terms, ended);
    this.far = new MemoryChannel(listener.remote, loop, listener.terms, ended);
    const delay = (): number => route.delay();
    this.outward = new Pipe(loop, delay, (packet) => { this.#arrived(this.far, packet); });
    this.inward = new Pipe(loop, delay, (packet) => { this.#arrived(this.near, packet); });
    this.near.join(this.outward, this.inward);
    this.far.join(this.inward, this.outward);
  }

  /** Nothing gets through any more, and neither side hears of it from the network. */
  sever(): void {
    this.outward.swallow();
    this.inward.swallow();
  }

  #arrived(channel: MemoryChannel, packet: Packet): void {
    this.route.saw?.(this, channel === this.far ? "outward" : "inward", packet);
    channel.arrive(packet);
  }
}

/** What an end of a connection that was lost on the way is told. */
export function lost(channel: MemoryChannel): LinkError {
  return new LinkError("HF_RESET", `the connection to ${channel.remote.label} was lost`);
}
