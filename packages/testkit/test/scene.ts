import { parseEndpoint, type Channel, type Endpoint } from "@holdfast/core";
import { SimWorld, type FaultOdds } from "../src/index.ts";

export const server: Endpoint = parseEndpoint("memory://server");
export const signal: AbortSignal = new AbortController().signal;

/** What became of a dial, so that nobody has to wait for it. */
export function dialled(world: SimWorld): { channel?: Channel; error?: Error } {
  const result: { channel?: Channel; error?: Error } = {};
  world.transport.dial(server, { signal }).then((channel) => { result.channel = channel; }, (error: Error) => { result.error = error; });
  return result;
}

/** A world whose host `server` listens, and whom it accepted. */
export function listening(faults: Partial<FaultOdds> = {}, seed = 1): { readonly world: SimWorld; readonly accepted: Channel[] } {
  const world = new SimWorld({ seed, faults });
  const accepted: Channel[] = [];
  world.host("server", (host) => { void host.listen((channel) => accepted.push(channel)); });
  return { world, accepted };
}
