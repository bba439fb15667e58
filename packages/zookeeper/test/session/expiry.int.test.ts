import { Ensemble } from "@holdfast/test-servers";
import { faultProxy, type FaultProxy } from "@holdfast/testkit/proxy";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionError, type ZooKeeperOptions } from "../../src/index.ts";
import { Client, Watched } from "./stage.ts";
import { tampering } from "./tampering.ts";

let ensemble: Ensemble;
beforeAll(async () => { ensemble = await Ensemble.start({ size: 3 }); }, 60_000);
afterAll(async () => { await ensemble.stop(); });

const proxied = (at = 0): Promise<FaultProxy> => faultProxy({ target: { host: "127.0.0.1", port: ensemble.servers[at]?.port ?? 0 } });
const short = { sessionTimeout: 1_500 } as const;

/** Cuts the client off until the servers have forgotten it. */
async function starve(client: Client, proxy: FaultProxy, witness: Client, path: string): Promise<void> {
  const gone = new Watched();
  await witness.zk.exists(path, { watch: gone.listener });
  await proxy.refuse();
  proxy.reset();
  await gone.reach(1); // The ephemeral node went with the session.
  expect(client.zk.presumedExpired).toBe(true); // By the clock: on a busy loop the news of others may come before our own alarm.
  expect(client.count("presumedExpired")).toBe(1);
  expect(client.count("expired")).toBe(0); // No server has said so yet.
}

describe("a session that the servers forget", { timeout: 60_000 }, () => {
  it("is presumed to be over first, then ends the client with everything that waits", async () => {
    await using proxy = await proxied();
    await using witness = await Client.open({ servers: ensemble.connectString });
    const client = await Client.open({ servers: `127.0.0.1:${proxy.port}`, ...short, queue: { ttl: 60_000 } });
    await client.zk.create("/doomed", "", { mode: "ephemeral" });
    await starve(client, proxy, witness, "/doomed");
    const queued = client.zk.getData("/").catch((error: unknown) => error);
    const closed = client.next("closed");
    await proxy.pass();
    expect(await closed).toMatchObject({ error: { code: "ZK_SESSION_EXPIRED" } });
    expect(await queued).toMatchObject({ name: "SessionError", code: "ZK_SESSION_EXPIRED" });
    expect(client.story).toEqual(["connected", "disconnected", "presumedExpired", "expired", "closed"]);
    expect(client.told.find(({ name }) => name === "expired")?.event).toEqual({ ephemerals: ["/doomed"], renewed: false });
    await expect(client.zk.getData("/")).rejects.toBeInstanceOf(SessionError);
    expect(client.zk.phase).toBe("closed");
  });

  it("is replaced by a new one with the same watches, where that is wanted", async () => {
    await using proxy = await proxied();
    await using witness = await Client.open({ servers: ensemble.connectString });
    await using client = await Client.open({ servers: `127.0.0.1:${proxy.port}`, ...short, onExpiry: "renew", queue: { ttl: 60_000 } });
    const { zk } = client;
    const { sessionId } = zk;
    await zk.create("/doomed", "", { mode: "ephemeral" });
    await zk.create("/watched", "0");
    await zk.create("/unchanged", "0");
    const [oneShot, lasting, untouched] = [new Watched(), new Watched(), new Watched()];
    await zk.getData("/watched", { watch: oneShot.listener });
    await zk.addWatch("/watched", "persistent", lasting.listener);
    await zk.getData("/unchanged", { watch: untouched.listener });
    await starve(client, proxy, witness, "/doomed");
    await witness.zk.setData("/watched", "1");
    const queued = zk.exists("/doomed");
    const back = client.next("connected");
    await proxy.pass();
    expect(await back).toMatchObject({ resumed: false });
    expect(await queued).toBeUndefined();
    expect(zk.sessionId).not.toBe(sessionId);
    expect(client.story).toEqual(["connected", "disconnected", "presumedExpired", "expired", "connected"]);
    expect(client.told.find(({ name }) => name === "expired")?.event).toEqual({ ephemerals: ["/doomed"], renewed: true });
    await zk.sync();
    expect([oneShot.types, lasting.types, untouched.types]).toEqual([["changed /watched"], ["changed /watched"], []]);
    await witness.zk.setData("/unchanged", "1");
    await untouched.reach(1);
  });

  it.each([["fail", ["connected", "disconnected", "expired", "closed"]], ["renew", ["connected", "disconnected", "expired", "connected"]]] as const)("is not swallowed where a server grants another one in its place: %s", async (onExpiry, story) => {
    await using proxy = await tampering(ensemble.servers[0]?.port ?? 0);
    const client = await Client.open({ servers: proxy.address, onExpiry });
    const end = client.next(onExpiry === "fail" ? "closed" : "connected");
    proxy.swapIds();
    proxy.drop();
    await end;
    expect(client.story).toEqual(story);
    client.zk.detach();
  });
});

describe("a session that nobody could reach for long", { timeout: 90_000 }, () => {
  it("is presumed to be over, and found alive: an ensemble that is down expires nobody", async () => {
    await using own = await Ensemble.start({ size: 3 });
    await using client = await Client.open({ servers: own.connectString, sessionTimeout: 4_000 }); // From their start on the servers wait so long for it.
    const { zk } = client;
    const { sessionId } = zk;
    await zk.create("/kept", "", { mode: "ephemeral" });
    const presumed = client.next("presumedExpired");
    await own.killAll();
    await presumed;
    expect(zk.presumedExpired).toBe(true);
    await expect(zk.getData("/kept")).rejects.toMatchObject({ code: "ZK_CONNECTION_LOSS", outcome: "unsent" }); // After the time a request may wait.
    const restored = client.next("restored");
    await own.startAll();
    await restored;
    expect(zk.presumedExpired).toBe(false);
    expect(zk.sessionId).toBe(sessionId);
    expect((await zk.exists("/kept", { retry: "safe" }))?.ephemeralOwner).toBe(sessionId);
    expect(client.count("expired")).toBe(0);
  });

  it("ends where every server knows less than it has seen", async () => {
    await using before = await Ensemble.start({ size: 1, standalone: true });
    const first = await Client.open({ servers: before.connectString });
    for (let at = 0; at < 20; at += 1) await first.zk.create(`/n${at}`);
    const ticket = first.zk.ticket() ?? "";
    first.zk.detach();
    await using after = await Ensemble.start({ size: 1, standalone: true }); // Its data are gone.
    const second = new Client({ servers: after.connectString, ticket });
    await expect(second.zk.open()).rejects.toMatchObject({ code: "ZK_DATA_LOST" });
    expect(second.told.find(({ name }) => name === "failed")?.event).toMatchObject({ error: { code: "ZK_NOT_SERVING" } });
  });
});

describe("a ticket", { timeout: 60_000 }, () => {
  it("takes the session to another client", async () => {
    const first = await Client.open({ servers: ensemble.connectString });
    await first.zk.create("/handed-over", "", { mode: "ephemeral" });
    const ticket = first.zk.ticket() ?? "";
    const { sessionId } = first.zk;
    first.zk.detach();
    await using second = await Client.open({ servers: ensemble.connectString, ticket });
    // A server that is behind what the session has seen would not have it, and the next one is asked.
    expect([second.story, second.told.at(-1)]).toEqual([["connected"], { name: "connected", event: expect.objectContaining({ resumed: true }) as unknown }]);
    expect(second.zk.sessionId).toBe(sessionId);
    expect(await second.zk.getEphemerals()).toContain("/handed-over");
  });

  it.each(["", "nonsense", Buffer.from("{}").toString("base64url"), Buffer.from("null").toString("base64url")])("must be one: %j", (ticket) => {
    expect(() => new Client({ servers: "127.0.0.1", ticket })).toThrow("ticket must be a text that ticket() has given");
  });

  it("and the session's id and password are in no event, error or inspection", async () => {
    const options: ZooKeeperOptions = { servers: ensemble.connectString, auth: [{ scheme: "digest", auth: "canary:hush-hush" }] };
    const client = await Client.open(options);
    const { zk } = client;
    const ticket = zk.ticket() ?? "";
    const { password } = JSON.parse(Buffer.from(ticket, "base64url").toString()) as { password: string };
    const error: unknown = await zk.getData("/no-such-node").catch((reason: unknown) => reason);
    await zk.close();
    const shown = [client.told, error, zk].map((value) => inspect(value, { depth: 20, showHidden: true })).join("\n");
    for (const secret of [ticket, password, zk.sessionId.toString(), zk.sessionId.toString(16), "hush-hush"]) expect(shown).not.toContain(secret);
  });
});
