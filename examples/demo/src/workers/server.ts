// One embedded server in a thread of its own, so that it can be busy without anybody else being busy.
import { workerData } from "node:worker_threads";
import { framed, text, type Frame, type Transport } from "@holdfast/core";
import { Server, type Peer } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { block, obey } from "./remote.ts";

export interface ServerPlan { readonly scheme: "tcp" | "tls" | "ws"; readonly plain: boolean; readonly tls: { readonly cert: string; readonly key: string } }
export interface ServerOrders {
  [order: string]: (...given: never[]) => unknown;
  listen(): Promise<number>;
  /** Drops every new peer right after its greeting, until told otherwise. */
  flap(on: boolean): number;
  /** Blocks the thread, and says how long it really was. */
  busy(ms: number): number;
  drain(within: number, spread: number): void;
  delivered(): number;
  accepted(): number;
  close(): Promise<void>;
}

const { scheme, plain, tls } = workerData as ServerPlan; // Given by the stage.
const numbers = new Set<string>();
let flapping = false;
let accepted = 0;

const server = new Server<Frame, Frame>({
  // The plain one is what the naive client can talk to.
  protocol: plain ? (text() as never) : framed(), // Both carry strings here.
  heartbeat: plain ? false : { interval: 1_000, timeout: 2_000, maxMisses: 3 },
});
server.on("peer", ({ peer }) => {
  accepted += 1;
  if (flapping) setTimeout(() => { peer.abort(); }, 20); // Greeted, connected, and gone again.
  else peer.on("message", (message) => { receive(peer, message); });
});
const talk = setInterval(() => { server.broadcast("tick"); }, 100);

function receive(peer: Peer<Frame, Frame>, message: Frame): void {
  if (typeof message === "string") numbers.add(message);
  peer.send(message);
}

obey({
  async listen() {
    const transport: Transport = scheme === "ws" ? websocket() : tcp({ tls });
    const listener = await server.listen(transport, `${scheme}://127.0.0.1:0`);
    return listener.endpoint.port;
  },
  flap(on: boolean) {
    flapping = on;
    if (on) for (const peer of server.peers.values()) peer.abort();
    return accepted;
  },
  busy: (ms: number) => block(ms),
  drain: (within: number, spread: number) => { void server.drain({ within, spread }); }, // Ends by itself; its peers tell how.
  delivered: () => numbers.size,
  accepted: () => accepted,
  async close() {
    clearInterval(talk);
    await server.close({ within: 500 });
  },
} satisfies ServerOrders);
