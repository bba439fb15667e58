import type { ChannelHandler, Frame } from "../ports/channel.ts";

/** What a wire hears from its channel, under names that do not collide with those a conversation uses. */
export interface Listening {
  frame(frame: Frame): void;
  channelDrained(): void;
  pong(): void;
  channelClosed(error?: Error): void;
}

/** The channel's end of a wire. */
export class Ear implements ChannelHandler {
  readonly #wire: Listening;

  constructor(wire: Listening) {
    this.#wire = wire;
  }

  frame(frame: Frame): void { this.#wire.frame(frame); }
  drained(): void { this.#wire.channelDrained(); }
  pong(): void { this.#wire.pong(); }
  closed(error?: Error): void { this.#wire.channelClosed(error); }
}
