// A keeper on a TCP port, that says what it weighs. Ends when whoever forked it does.
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { Keeper, memoryStore } from "../../src/keeper/index.ts";

/** `perAddress`: the server's `maxPeersPerAddress`, its default where it is absent. */
export interface DribblerOrder { readonly perAddress?: number }
/** Bytes. Weight: heap and what hangs on it, right after a collection. `resident`: what the operating system has given. */
export interface DribblerTold { readonly uri: string; readonly weight: number; readonly resident: number }

const { perAddress } = JSON.parse(process.argv[2] ?? "") as DribblerOrder; // As `dribblers` writes it.
const keeper = new Keeper({ store: memoryStore(), handle: () => undefined });
const server = new Server({ protocol: keeper.protocol, ...(perAddress !== undefined && { limits: { maxPeersPerAddress: perAddress } }) });
const { endpoint } = await server.listen(tcp(), "tcp://127.0.0.1:0");

function tell(): void {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ uri: endpoint.uri, weight: heapUsed + external, resident: rss } satisfies DribblerTold);
}

process.on("disconnect", () => { process.exit(); });
process.on("message", tell);
tell();
