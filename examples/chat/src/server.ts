// One server of the chat, a process of its own. All it knows is in the store, so it may be killed at any moment.
import { isHoldfastError, Server, websocket } from "holdfast";
import { Keeper, type KeptSession } from "@holdfast/session/keeper";
import { redisStore } from "@holdfast/session/redis";
import { createClient } from "redis";
import type { Present, Said } from "./word.ts";

const [redis = "", uri = "", origin = ""] = process.argv.slice(2);
process.on("disconnect", () => { process.exit(); }); // Whoever started us is gone.
if (!process.connected) process.exit();
const client = createClient({ url: redis, disableOfflineQueue: true });
client.on("error", (error: Error) => { console.error(error.message); });
await client.connect();

const keeper = new Keeper({
  store: redisStore({ client, prefix: "chat" }),
  // Here everybody is who he says he is. Check a token instead, and return whose it is.
  authorize: (credentials) => new TextDecoder().decode(credentials) || undefined,
  handle: async (message, { session, sequence }) => {
    const said: Said = { session: session.key, number: sequence, from: session.principal, text: String(message) };
    // Into the store for each of them, wherever they are attached; who is away gets it on returning.
    const members = await keeper.keys("presence/");
    await Promise.all(members.map((member) => keeper.send(member.session, JSON.stringify(said)).catch(missed)));
  },
});

/** Somebody who has just left, or has not come for a MiB of talk, goes without it. Anything else: handle it again. */
function missed(error: unknown): void {
  if (!isHoldfastError(error) || (error.code !== "HF_SESSION_ENDED" && error.code !== "HF_OUTBOX_FULL")) throw error;
}

// A key that lasts as long as the session does: a broken connection alone makes nobody leave the room.
keeper.on("attached", ({ session }) => { enter(session).catch(() => { /* It moved on, or ended, meanwhile. */ }); });

async function enter(session: KeptSession): Promise<void> {
  const { ok } = await session.hold(`presence/${session.principal}`, "");
  if (ok === "taken") await session.close(); // Somebody of that name is here already.
  else tell(session);
}

const present = new Set<string>();
await keeper.watch("presence/", ({ key, now }) => {
  const name = key.slice("presence/".length);
  if (now) present.add(name);
  else present.delete(name);
  for (const session of keeper.sessions.values()) tell(session);
});

/** Worthless when it is late, so it is sent now or never. */
function tell(session: KeptSession): void {
  session.sendVolatile(JSON.stringify({ present: [...present].toSorted() } satisfies Present));
}

const server = new Server({ protocol: keeper.protocol });
const { endpoint } = await server.listen(websocket({ origins: [origin] }), uri);
process.send?.(endpoint.label); // As events show it.
