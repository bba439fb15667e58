// A worker, a process of its own: a keeper on TCP. Where it dies before the store knows that a job was handled, the next worker handles it
// again, and sees by the receipt that it was done.
import { setTimeout as sleep } from "node:timers/promises";
import { Server, tcp } from "holdfast";
import { Keeper } from "@holdfast/session/keeper";
import { redisStore } from "@holdfast/session/redis";
import { createClient } from "redis";
import { Receipts } from "./receipts.ts";

const [redis = "", folder = "", uri = ""] = process.argv.slice(2);
process.on("disconnect", () => { process.exit(); }); // Whoever started us is gone.
if (!process.connected) process.exit();
const client = createClient({ url: redis, disableOfflineQueue: true });
client.on("error", (error: Error) => { console.error(error.message); });
await client.connect();
const receipts = new Receipts(folder);

const keeper = new Keeper({
  store: redisStore({ client, prefix: "queue" }),
  handle: async (job, { session, sequence }) => {
    if (!receipts.write(session.key, sequence, String(job))) process.send?.("again");
    await sleep(10); // A good moment to be killed: it is done, and the store does not know it yet.
  },
});
const server = new Server({ protocol: keeper.protocol });
const { endpoint } = await server.listen(tcp(), uri === "" ? "tcp://127.0.0.1:0" : uri);
process.send?.(endpoint.label);
