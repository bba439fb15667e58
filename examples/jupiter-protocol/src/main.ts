// A protocol of your own: that of the Jupiter RPC framework, byte for byte, in one file (jupiter-protocol.ts). Requests and
// responses are another one on top of it (calls.ts). Times of the heartbeat are a hundredth of Jupiter's.
//
//     node scripts/dev.mjs pnpm -C examples/jupiter-protocol start
import { connect } from "node:net";
import { isHoldfastError, jupiter, Link } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import type { PeerGone } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { Calls } from "./calls.ts";
import { jupiterProtocol, maxPacketBytes, type Packet } from "./jupiter-protocol.ts";
import { startServer } from "./server.ts";

const first = await startServer("tcp://127.0.0.1:0");

const link = new Link({
  endpoints: first.uri,
  transports: [tcp({ maxFrameBytes: maxPacketBytes })],
  protocol: jupiterProtocol(),
  heartbeat: { mode: "one-way", sendWithin: 300, hearWithin: Infinity }, // We beat; the server never does.
  backoff: jupiter(), // 4, 8, 16 … 8192 ms.
});
link.on("disconnected", ({ cause }) => { console.log(`lost the server: ${cause}`); });
link.on("waiting", ({ delay }) => { console.log(`next dial in ${delay} ms`); });

const calls = new Calls(link);
/** Lost connections and missed deadlines are worth another try. What the server says is final. */
const ask = (method: string, ...args: number[]): Promise<unknown> =>
  retry(({ signal }) => calls.call(method, args, signal), { timeout: 3_000, shouldRetry: ({ error }) => isHoldfastError(error) });

await link.open();
console.log("6 × 7 =", await ask("multiply", 6, 7));
console.log("6 ÷ 7:", await ask("divide", 6, 7).catch((error: Error) => error.message));

const silent = connect(first.port, "127.0.0.1").on("error", () => {}); // Somebody who forgets to beat.
const { cause } = await new Promise<PeerGone<Packet, Packet>>((resolve) => { first.server.once("peerGone", resolve); });
console.log(`the server has closed a silent client (${cause}); the link, which had as little to say, is ${link.phase}`);
silent.destroy();

void first.server.close({ within: 0 });
await new Promise<void>((resolve) => { link.on("waiting", ({ delay }) => { if (delay >= 64) resolve(); }); });
const sum = ask("add", 40, 2); // Waits in the outbox until somebody is there.
const second = await startServer(first.uri);
console.log("40 + 2 =", await sum, "says the server that took its place");

await link.close();
await second.server.close();
