import { createClient } from "redis";
import { onTestFinished } from "vitest";
import type { RedisServer } from "@holdfast/test-servers";
import type { RedisClient, RedisCommands } from "../../src/redis/client.ts";
import type { Claim, NewSession, News, SessionStore } from "../../src/store/store.ts";

export const session: NewSession = { timeout: 60_000, principal: "somebody", maxBytes: 1_000_000, secret: new TextEncoder().encode("canary-secret-canary-secret-canar") };

export const claim = (generation: Uint8Array, changes: Partial<Claim> = {}): Claim => ({ attach: 1, received: 0, sent: 0, acked: 0, generation, restarted: true, ...changes });

/** A client that is connected, until the test is over. */
export async function connected(server: RedisServer, user: { readonly username?: string; readonly password?: string } = {}): Promise<ReturnType<typeof createClient>> {
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 10 }, ...user });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => { client.destroy(); });
  return client as ReturnType<typeof createClient>;
}

/** A client whose keeper dies before its script number `last` (from 0): what comes later is not sent, and never answered with anything but an error. */
export function dying(client: RedisClient, last: number): RedisClient & { readonly sent: number } {
  let sent = 0;
  const commands = client.withTypeMapping({ 36: Buffer });
  const count = <Answer>(run: () => Promise<Answer>): Promise<Answer> => (sent >= last ? Promise.reject(new Error("the keeper is dead")) : ((sent += 1), run()));
  return {
    get sent() { return sent; },
    withTypeMapping: (): RedisCommands => ({
      eval: (text, options) => commands.eval(text, options), // Follows upon an evalSha that was counted.
      evalSha: (sha, options) => count(() => commands.evalSha(sha, options)),
    }),
    duplicate: () => client.duplicate(),
  };
}

/** Listens until the test is over. */
export async function listen(store: SessionStore): Promise<News[]> {
  const news: News[] = [];
  const leave = await store.subscribe((item) => { news.push(item); });
  onTestFinished(leave);
  return news;
}
