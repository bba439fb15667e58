// A patient server for each kind of connection, with a proxy before it that can be black-holed. Blocks its own loop where it is told to.
import { Server } from "@holdfast/server";
import { faultProxy } from "@holdfast/testkit/proxy";
import { block } from "../busy.ts";
import { tell } from "../child.ts";
import { kinds, protocolOf, transportOf, uriOf } from "../detect/case.ts";
import { monotonic } from "../monotonic.ts";

export interface Doors { readonly live: readonly number[]; readonly doomed: readonly number[] }
/** Kill: what goes through the proxies vanishes from now on. Block: the loop of the server stands still for so many ms. */
export type Command = { readonly kill: true } | { readonly block: number };
export interface Killed { readonly killedAt: number }

/** Longer than any stall here: whom these servers give up was really gone. */
const generous = { interval: 10_000, timeout: 10_000, maxMisses: 3 };

const doors = await Promise.all(kinds.map(async (kind) => {
  const server = new Server<string, string>({ protocol: protocolOf(kind), heartbeat: generous });
  server.on("peer", ({ peer }) => { peer.on("message", () => { /* Heard. */ }); });
  const { port } = (await server.listen(transportOf(kind), uriOf(kind, 0))).endpoint;
  return { port, proxy: await faultProxy({ target: { host: "127.0.0.1", port } }) };
}));
tell({ live: doors.map(({ port }) => port), doomed: doors.map(({ proxy }) => proxy.port) } satisfies Doors);

process.on("message", (command: Command) => {
  if ("block" in command) {
    block(command.block);
    tell({ blocked: command.block });
    return;
  }
  for (const { proxy } of doors) proxy.blackHole();
  tell({ killedAt: monotonic() } satisfies Killed);
});
