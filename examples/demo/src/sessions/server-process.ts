// One of two servers that share a Redis, to be killed at any moment.
import { redisStore } from "@holdfast/session/redis";
import { createClient } from "redis";
import { serve } from "./serve.ts";

const [redis = "", uri = "", folder = ""] = process.argv.slice(2);
process.on("disconnect", () => { process.exit(); }); // Whoever started us is gone.
if (!process.connected) process.exit();
const client = createClient({ url: redis, disableOfflineQueue: true });
client.on("error", () => { /* The Redis ends with the act. */ });
await client.connect();
process.send?.((await serve(redisStore({ client }), uri, folder)).uri);
