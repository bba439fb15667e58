import { Ensemble, superPassword, zooKeeperIsInstalled, type ZooKeeperServer } from "@holdfast/test-servers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { acls, ZooKeeper, type Attached, type SessionEvents } from "../../src/index.ts";
import { failure, open, text } from "./guest.ts";

function next<Name extends keyof SessionEvents>(zk: ZooKeeper, name: Name): Promise<SessionEvents[Name][0]> {
  return new Promise((resolve) => { zk.once(name, ((event: SessionEvents[Name][0]) => { resolve(event); }) as never); }); // The event's own payload.
}

/** Resolves with the first `connected` that is as wished. */
function attached(zk: ZooKeeper, wish: (event: Attached) => boolean): Promise<Attached> {
  return new Promise((resolve) => { zk.on("connected", (event) => { if (wish(event)) resolve(event); }); });
}

describe.skipIf(!zooKeeperIsInstalled())("a session that moves between real servers", { timeout: 120_000 }, () => {
  let ensemble: Ensemble;
  beforeAll(async () => { ensemble = await Ensemble.start({ size: 3 }); }, 60_000);
  beforeEach(async () => { await ensemble.startAll(); }, 60_000);
  afterAll(async () => { await ensemble?.stop(); }, 60_000);

  function serverOf(zk: ZooKeeper): ZooKeeperServer {
    const server = ensemble.servers.find(({ address }) => address === zk.server);
    if (server === undefined) throw new Error(`on ${zk.server ?? "no server"}`);
    return server;
  }

  it("is whom it was on the next server, before any request that waited", async () => {
    await using zk = await open(ensemble.connectString, { auth: [{ scheme: "digest", auth: "ann:1" }] });
    await zk.addAuth("digest", "bob:2");
    for (const path of ["/moved", "/moved/a", "/moved/b"]) await zk.create(path, "x", { acl: acls.creator });
    // Asked in the moment of the loss: nothing of it can have left before.
    const asked = next(zk, "disconnected").then(() => {
      expect(zk.phase).toBe("connecting");
      return Promise.all([zk.getData("/moved"), zk.setData("/moved/a", "y"), zk.delete("/moved/b"), zk.getChildren("/moved"), zk.whoAmI()]);
    });
    await serverOf(zk).kill();
    const waited = await asked;
    expect(text(waited[0].data)).toBe("x");
    expect(waited[4]).toEqual(expect.arrayContaining([{ scheme: "digest", user: "ann" }, { scheme: "digest", user: "bob" }]));
  });

  it("follows a list of servers that leaves its own out, and keeps the session", async () => {
    await using zk = await open(ensemble.connectString);
    const { sessionId } = zk;
    await zk.create("/stays", "", { mode: "ephemeral" });
    const others = ensemble.servers.map(({ address }) => address).filter((address) => address !== zk.server);
    const back = next(zk, "connected");
    zk.updateServers(others);
    expect(await back).toMatchObject({ resumed: true, server: expect.toSatisfy((server: string) => others.includes(server)) });
    expect([zk.sessionId, (await zk.exists("/stays"))?.ephemeralOwner]).toEqual([sessionId, sessionId]);
    expect(() => { zk.updateServers([]); }).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });

  it("waits for a quorum where it has known one, also where read-only would do: servers give it to nobody before", async () => {
    const options = { readOnly: true, sessionTimeout: 30_000 };
    await using kept = await open(ensemble.connectString, options);
    const { sessionId } = kept;
    await kept.create("/mine", "", { mode: "ephemeral" });
    const [one, two, survivor] = ensemble.servers;
    await Promise.all([one?.kill(), two?.kill()]);
    await vi.waitFor(async () => { expect(await survivor?.mode()).toBe("read-only"); }, { timeout: 30_000, interval: 100 });
    // A new one is refused, too, unless the servers may give sessions of their own; and is told why.
    await using fresh = new ZooKeeper({ servers: survivor?.address ?? "", ...options });
    const failed = next(fresh, "failed");
    const opening = fresh.open();
    expect(await failed).toMatchObject({ error: { code: "ZK_NOT_READ_ONLY", message: expect.stringContaining("localSessionsEnabled") } });
    await Promise.all([one?.start(), two?.start()]);
    await opening;
    expect((await kept.exists("/mine", { timeout: 60_000, retry: "safe" }))?.ephemeralOwner).toBe(sessionId);
    expect([kept.sessionId, kept.phase, fresh.phase]).toEqual([sessionId, "connected", "connected"]);
  });

  // The last: the ensemble is another one afterwards.
  it("changes the ensemble itself, as an administrator", async () => {
    await using zk = await open(ensemble.connectString, { sessionTimeout: 20_000 });
    const change = { leaving: [9] };
    expect(await failure(zk.reconfig(change))).toMatchObject({ name: "ZooKeeperError", code: "ZK_NO_AUTH", operation: "reconfig", outcome: "failed" });
    await zk.addAuth("digest", `super:${superPassword}`);
    const versionOf = (data: Uint8Array): bigint => BigInt(`0x${/version=([\da-f]+)/.exec(text(data))?.[1] ?? ""}`);
    const before = (await zk.getData("/zookeeper/config")).data;
    const told = new Promise((resolve) => { zk.getData("/zookeeper/config", { watch: resolve }).catch(() => {}); });
    const more = await ensemble.add();
    await more.start();
    await more.serving();
    const grown = await zk.reconfig({ joining: [ensemble.joiningLine(more, "observer")] });
    expect([text(grown.data).includes(ensemble.joiningLine(more, "observer")), versionOf(grown.data) > versionOf(before)]).toEqual([true, true]);
    expect(await told).toMatchObject({ type: "changed", path: "/zookeeper/config" });
    await vi.waitFor(async () => { expect(await more.mode()).toBe("observer"); }, { timeout: 30_000, interval: 50 });
    // A change that builds on an older configuration is refused.
    expect(await failure(zk.reconfig({ leaving: [more.id], fromConfig: versionOf(before) }))).toMatchObject({ code: "ZK_BAD_VERSION" });
    const shrunk = await zk.reconfig({ leaving: [more.id], fromConfig: versionOf(grown.data) });
    await zk.sync("/zookeeper/config");
    expect([text(shrunk.data).includes(`server.${more.id}=`), text((await zk.getData("/zookeeper/config")).data)]).toEqual([false, text(shrunk.data)]);
    expect(await failure(zk.reconfig({ members: ["nonsense"] }))).toMatchObject({ code: "ZK_BAD_ARGUMENTS" });
  });
});

describe.skipIf(!zooKeeperIsInstalled())("a client that is content with a server without a quorum", { timeout: 120_000 }, () => {
  it("reads there, writes nothing, and moves by itself when there is a quorum, to a session of its own", async () => {
    await using ensemble = await Ensemble.create({ size: 2, settings: { localSessionsEnabled: "true", localSessionsUpgradingEnabled: "true" } });
    const [one, two] = ensemble.servers;
    await one?.start();
    await using zk = new ZooKeeper({ servers: ensemble.connectString, readOnly: true, sessionTimeout: 20_000 });
    const without = next(zk, "connected");
    const opening = zk.open();
    expect(await without).toEqual({ server: one?.address, resumed: false, readOnly: true });
    await opening;
    expect([zk.phase, await zk.getChildren("/"), (await zk.exists("/"))?.numChildren, zk.ticket()]).toEqual(["read-only", ["zookeeper"], 1, undefined]);
    const writes = [zk.create("/x"), zk.setData("/", "y"), zk.delete("/x"), zk.multi([{ type: "delete", path: "/x" }]), zk.sync()];
    for (const write of writes) expect(await failure(write)).toMatchObject({ name: "ZooKeeperError", code: "ZK_NOT_READ_ONLY", zkCode: -119, outcome: "failed" });
    const read = zk.sessionId;
    const moved = attached(zk, ({ readOnly }) => !readOnly);
    await two?.start();
    expect(await moved).toMatchObject({ resumed: false, readOnly: false });
    expect([await zk.create("/mine", "", { mode: "ephemeral" }), zk.phase, zk.sessionId === read]).toEqual(["/mine", "connected", false]);
    expect(zk.ticket()).toBeDefined();
  });
});

describe.skipIf(!zooKeeperIsInstalled())("a client of five servers that are started one by one", { timeout: 120_000 }, () => {
  it("is connected when the third makes a quorum, and not before", async () => {
    await using ensemble = await Ensemble.create({ size: 5 });
    await using zk = new ZooKeeper({ servers: ensemble.connectString, sessionTimeout: 6_000 });
    const opening = zk.open();
    const asked = zk.create("/at-last", "x", { timeout: 100_000 }).catch((error: unknown) => error);
    const [one, two, three] = ensemble.servers;
    await one?.start();
    await two?.start();
    await vi.waitFor(async () => { expect(await two?.mode()).toBe("read-only"); }, { timeout: 30_000, interval: 100 });
    expect([zk.phase, zk.sessionId]).toEqual(["connecting", 0n]);
    await three?.start();
    await opening;
    expect([zk.phase, await asked]).toEqual(["connected", expect.anything()]);
    expect(await zk.serverState()).toMatchObject({ mode: expect.stringMatching(/leader|follower/) });
  });
});
