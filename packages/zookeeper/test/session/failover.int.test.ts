import { Ensemble } from "@holdfast/test-servers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ZooKeeperError } from "../../src/index.ts";
import { Client, text, Watched } from "./stage.ts";

let ensemble: Ensemble;
beforeAll(async () => { ensemble = await Ensemble.start({ size: 3 }); }, 60_000);
afterEach(async () => {
  for (const server of ensemble.servers) if (server.frozen) server.thaw();
  await ensemble.startAll();
}, 60_000);
afterAll(async () => { await ensemble.stop(); });

/** So that the client is never on the leader: the ensemble goes on serving when its server is gone. */
const followers = async (): Promise<string> => (await ensemble.followers()).map(({ address }) => address).join(",");

describe("a session whose server is killed", { timeout: 60_000 }, () => {
  it("moves to another server with its id and its ephemeral nodes", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    const { sessionId } = zk;
    await zk.create("/mine", "x", { mode: "ephemeral" });
    const first = client.on(ensemble);
    const moved = client.next("connected");
    await first.kill();
    expect(await moved).toEqual({ server: expect.not.stringMatching(first.address) as string, resumed: true, readOnly: false });
    expect(zk.sessionId).toBe(sessionId);
    expect((await zk.exists("/mine"))?.ephemeralOwner).toBe(sessionId);
    expect(client.story).toEqual(["connected", "disconnected", "connected"]);
  });

  it("rejects what was in flight as unknown, and sends what waited afterwards", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    await zk.create("/unknown", "before");
    const server = client.on(ensemble);
    server.freeze(); // It takes the request and does not answer.
    const inFlight = zk.setData("/unknown", "after").catch((error: unknown) => error);
    const lost = client.next("disconnected");
    await server.kill();
    await lost;
    const queued = zk.getData("/unknown");
    expect(await inFlight).toMatchObject({ name: "ZooKeeperError", code: "ZK_CONNECTION_LOSS", zkCode: -4, outcome: "unknown", path: "/unknown", operation: "setData" });
    expect(["before", "after"]).toContain(text((await queued).data));
  });

  it("makes a read again by itself where it was told that this is safe, and never a write", async () => {
    await using client = await Client.open({ servers: await followers(), retry: "safe" });
    const { zk } = client;
    await zk.create("/again", "x");
    const server = client.on(ensemble);
    server.freeze();
    const read = zk.getData("/again");
    const write = zk.setData("/again", "y");
    write.catch(() => { /* Looked at below. */ });
    await server.kill();
    expect(text((await read).data)).toMatch(/x|y/);
    await expect(write).rejects.toBeInstanceOf(ZooKeeperError);
  });

  it("creates a protected node exactly once, though the answer is lost", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    await zk.create("/orders", "");
    for (let round = 0; round < 3; round += 1) {
      const server = client.on(ensemble);
      const creating = zk.create("/orders/order-", `${round}`, { mode: "persistentSequential", protect: true });
      await server.kill(); // Before the answer or after it: either way there is one node.
      const path = await creating;
      expect(path).toMatch(/^\/orders\/_c_[\da-f-]{36}-order-\d{10}$/);
      expect(await zk.getChildren("/orders")).toHaveLength(round + 1);
      await server.start();
      await server.serving();
    }
  });
});

describe("watches over a failover", { timeout: 60_000 }, () => {
  it("tell of what happens after it, and of what happened during it", async () => {
    await using client = await Client.open({ servers: await followers() });
    await using other = await Client.open({ servers: (await ensemble.leader()).address });
    const { zk } = client;
    for (const path of ["/data", "/gone", "/parent", "/late", "/lasting", "/lasting-gone", "/tree"]) await zk.create(path, "0");
    const [data, gone, child, exist, late, lasting, lastingGone, lastingNew, tree] = Array.from({ length: 9 }, () => new Watched()) as [Watched, Watched, Watched, Watched, Watched, Watched, Watched, Watched, Watched];
    await zk.getData("/data", { watch: data.listener });
    await zk.getData("/gone", { watch: gone.listener });
    await zk.getChildren("/parent", { watch: child.listener });
    await zk.exists("/new", { watch: exist.listener });
    await zk.getData("/late", { watch: late.listener });
    await zk.addWatch("/lasting", "persistent", lasting.listener);
    await zk.addWatch("/lasting-gone", "persistent", lastingGone.listener);
    await zk.addWatch("/lasting-new", "persistent", lastingNew.listener);
    await zk.addWatch("/tree", "recursive", tree.listener);

    const server = client.on(ensemble);
    server.freeze(); // We are cut off, and do not know it yet.
    await other.zk.setData("/data", "1");
    await other.zk.delete("/gone");
    await other.zk.create("/parent/child", "");
    await other.zk.create("/new", "");
    await other.zk.setData("/lasting", "1");
    await other.zk.delete("/lasting-gone");
    await other.zk.create("/lasting-new", "");
    await other.zk.create("/tree/leaf", "");
    const moved = client.next("connected");
    await server.kill();
    await moved;
    await zk.sync();

    expect([data, gone, child, exist].map(({ types }) => types)).toEqual([["changed /data"], ["deleted /gone"], ["childrenChanged /parent"], ["created /new"]]);
    expect(lasting.types).toEqual(["changed /lasting"]);
    expect(lastingGone.types).toEqual(["deleted /lasting-gone"]);
    expect(lastingNew.types).toEqual(["created /lasting-new"]);
    expect(tree.types).toEqual(["gap /tree"]);

    await other.zk.setData("/late", "1");
    await other.zk.setData("/lasting", "2");
    await other.zk.create("/lasting/child", "");
    await other.zk.create("/tree/leaf/deeper", "");
    await zk.sync();
    await late.reach(1);
    expect(late.types).toEqual(["changed /late"]);
    expect((await lasting.reach(3)).length).toBe(3);
    expect(lasting.types.slice(1)).toEqual(["changed /lasting", "childrenChanged /lasting"]);
    await tree.reach(2);
    expect(tree.types).toEqual(["gap /tree", "created /tree/leaf/deeper"]);
    expect([data, gone, child, exist].map(({ events }) => events.length)).toEqual([1, 1, 1, 1]); // One-shot is one-shot.
  });

  it("are set again in several packets where there are many", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    await zk.create("/many", "");
    const name = "n".repeat(200);
    const paths = Array.from({ length: 1_500 }, (_, at) => `/many/${name}-${at}`); // 300 kB of paths.
    const watched = new Watched();
    await Promise.all(paths.map((path) => zk.create(path, "")));
    await Promise.all(paths.map((path) => zk.getData(path, { watch: watched.listener })));
    const server = client.on(ensemble);
    const moved = client.next("connected");
    await server.kill();
    await moved;
    await Promise.all(paths.map((path) => zk.setData(path, "1")));
    expect(new Set((await watched.reach(paths.length)).map(({ path }) => path)).size).toBe(paths.length);
    expect(watched.events).toHaveLength(paths.length);
  });

  it("go on in a for await", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    await zk.create("/followed", "");
    const seen: string[] = [];
    const following = (async () => {
      for await (const { type } of zk.watch("/followed")) {
        seen.push(type);
        if (type === "deleted") break;
      }
    })();
    while (true) { // The loop sets its watch at its first step.
      if (await zk.checkWatches("/followed").then(() => true, () => false)) break;
    }
    await zk.setData("/followed", "1");
    const moved = client.next("connected");
    await client.on(ensemble).kill();
    await moved;
    await zk.delete("/followed");
    await following;
    expect(seen).toEqual(["changed", "deleted"]);
  });
});

describe("a server that is frozen", { timeout: 60_000 }, () => {
  it("is left for another one long before the session ends", async () => {
    await using client = await Client.open({ servers: await followers() });
    const { zk } = client;
    const { sessionId } = zk;
    const server = client.on(ensemble);
    server.freeze();
    expect(await zk.exists("/", { retry: "safe" })).toBeDefined();
    expect(zk.server).not.toBe(server.address);
    expect(zk.sessionId).toBe(sessionId);
    expect(client.told.find(({ name }) => name === "disconnected")?.event).toMatchObject({ server: server.address, cause: "heartbeat", error: { code: "HF_HEARTBEAT" } });
    expect(client.count("presumedExpired")).toBe(0);
  });
});

describe("a leader that is killed", { timeout: 60_000 }, () => {
  it("costs an election, and no session", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const { zk } = client;
    const { sessionId } = zk;
    await zk.create("/through", "", { mode: "ephemeral" });
    await (await ensemble.leader()).kill();
    await expect.poll(() => zk.setData("/through", "1").then(() => "done", () => "failed")).toBe("done");
    expect(zk.sessionId).toBe(sessionId);
  });
});
