import { parseEndpoint, type Channel, type ChannelHandler } from "@holdfast/core";
import type { SimWorld } from "../src/index.ts";

/** A handler that writes down what it hears, and when. */
export class Ear implements ChannelHandler {
  readonly heard: string[] = [];
  readonly ends: (Error | undefined)[] = [];
  readonly #now: () => number;
  /** When the last thing was heard. */
  at = -1;

  constructor(channel: Channel, now: () => number) {
    this.#now = now;
    channel.receive(this);
  }

  frame(frame: string | Uint8Array): void {
    this.#hear(String(frame));
  }

  drained(): void {
    this.#hear("(drained)");
  }

  pong(): void {
    this.#hear("(pong)");
  }

  closed(error?: Error): void {
    this.ends.push(error);
    this.#hear(error === undefined ? "(closed)" : "(lost)");
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.at = this.#now();
  }
}

/** Two ends of one connection in a world, and what each hears. */
export interface Couple {
  readonly near: Channel;
  readonly far: Channel;
  readonly nearEar: Ear;
  readonly farEar: Ear;
}

/** Dials `memory://server` as `client`; the world has a host `server` that listens. */
export async function couple(world: SimWorld): Promise<Couple> {
  const accepted: Channel[] = [];
  const server = world.host("server");
  const listener = await server.listen((channel) => { accepted.push(channel); });
  const dial = world.transport.dial(parseEndpoint("memory://server"), { signal: new AbortController().signal });
  await world.run(2_000);
  const [near, far] = [await dial, accepted[0] as Channel]; // The dial succeeded, so somebody accepted.
  await listener.close();
  const now = (): number => world.clock.now();
  return { near, far, nearEar: new Ear(near, now), farEar: new Ear(far, now) };
}
