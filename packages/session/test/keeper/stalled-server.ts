// A server of its own process, to be stopped and continued: tells its port, and later what became of its sessions.
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { Keeper } from "../../src/keeper/keeper.ts";
import { memoryStore } from "../../src/store/memory-store.ts";

const keeper = new Keeper({ store: memoryStore(), handle: (message, { session }) => { session.send(message); }, limits: { timeoutMin: 2_000, opensPerSecond: Infinity } });
const counts = { session: 0, expired: 0, closed: 0, moved: 0, refused: 0 };
for (const name of Object.keys(counts) as (keyof typeof counts)[]) keeper.on(name, () => { counts[name] += 1; }); // Its own keys.
const server = new Server({ protocol: keeper.protocol });
const { endpoint } = await server.listen(tcp(), "tcp://127.0.0.1:0");
process.on("message", () => { process.send?.(counts); });
process.send?.(endpoint.uri);
