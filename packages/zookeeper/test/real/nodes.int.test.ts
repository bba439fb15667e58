import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text as all } from "node:stream/consumers";
import { Ensemble, zooKeeperIsInstalled } from "@holdfast/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acls, permissions, ZooKeeper, type WatchEvent } from "../../src/index.ts";
import { failure, open, refused, text } from "./guest.ts";

describe.skipIf(!zooKeeperIsInstalled())("a client of a real server", { timeout: 60_000 }, () => {
  let ensemble: Ensemble;
  let zk: ZooKeeper;
  beforeAll(async () => {
    ensemble = await Ensemble.start({ standalone: true });
    zk = await open(ensemble.connectString);
  }, 60_000);
  afterAll(async () => {
    await zk?.close();
    await ensemble?.stop();
  }, 60_000);

  describe("a node", () => {
    it("is created, read, changed and deleted", async () => {
      expect(await zk.create("/node", "blue")).toBe("/node");
      const { data, stat } = await zk.getData("/node");
      expect([text(data), stat.version, stat.dataLength, stat.numChildren, stat.ephemeralOwner, stat.czxid === stat.mzxid]).toEqual(["blue", 0, 4, 0, 0n, true]);
      expect(Math.abs(stat.ctime - Date.now())).toBeLessThan(60_000);
      const changed = await zk.setData("/node", "grün", { version: 0 });
      expect([changed.version, changed.dataLength, changed.mzxid > stat.mzxid, changed.czxid === stat.czxid]).toEqual([1, 5, true, true]);
      expect(await zk.exists("/node")).toEqual(changed);
      expect(await zk.delete("/node", { version: 1 })).toBeUndefined();
      expect(await zk.exists("/node")).toBeUndefined();
    });

    it("holds any bytes, and none", async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      await zk.create("/bytes", bytes);
      expect((await zk.getData("/bytes")).data).toEqual(bytes);
      await zk.setData("/bytes", "");
      expect((await zk.getData("/bytes")).data).toEqual(new Uint8Array(0));
    });

    it("keeps what was read of it, whatever is read later", async () => {
      await zk.create("/kept", "first");
      const first = await zk.getData("/kept");
      await zk.setData("/kept", "other");
      await Promise.all(Array.from({ length: 200 }, () => zk.getData("/kept")));
      expect(text(first.data)).toBe("first");
    });

    it("comes back with its path and its stat from create2", async () => {
      const made = await zk.create2("/both", "x");
      expect([made.path, made.stat]).toEqual(["/both", await zk.exists("/both")]);
    });

    it("lists its children, with and without its stat, and counts all below it", async () => {
      for (const path of ["/family", "/family/é", "/family/b", "/family/b/c"]) await zk.create(path);
      expect([...await zk.getChildren("/family")].sort()).toEqual(["b", "é"]);
      const { children, stat } = await zk.getChildren2("/family");
      expect([[...children].sort(), stat.numChildren, stat.cversion]).toEqual([["b", "é"], 2, 2]);
      expect([await zk.getAllChildrenNumber("/family"), await zk.getChildren("/family/b/c")]).toEqual([3, []]);
    });

    it("is read from a server that has caught up, after a sync", async () => {
      expect(await zk.sync()).toBeUndefined();
      await expect(zk.sync("/not/there")).resolves.toBeUndefined();
    });
  });

  describe("what a server refuses", () => {
    it("is told by its number, the operation and the path", async () => {
      await zk.create("/parent");
      await zk.create("/parent/child");
      await zk.create("/mayfly", "", { mode: "ephemeral" });
      const answers = await Promise.all([
        zk.create("/parent"), zk.create("/no/parent"), zk.create("/mayfly/child"), zk.create("/bad-acl", "", { acl: [] }), zk.create("/bad-scheme", "", { acl: [{ permissions: 31, scheme: "nonsense", id: "x" }] }),
        zk.create2("/parent"), zk.delete("/none"), zk.delete("/parent"), zk.delete("/parent/child", { version: 7 }),
        zk.getData("/none"), zk.setData("/none", ""), zk.setData("/parent", "", { version: 7 }), zk.getChildren("/none"), zk.getChildren2("/none"),
        zk.getACL("/none"), zk.setACL("/none", acls.open), zk.setACL("/parent", acls.open, { version: 7 }), zk.setACL("/parent", []), zk.getAllChildrenNumber("/none"),
        zk.removeWatches("/parent"), zk.checkWatches("/parent", "data"), zk.delete("/"), zk.delete("/zookeeper"),
      ].map(failure));
      expect(answers).toEqual([
        refused("ZK_NODE_EXISTS", -110, "create", "/parent"), refused("ZK_NO_NODE", -101, "create", "/no/parent"), refused("ZK_NO_CHILDREN_FOR_EPHEMERALS", -108, "create", "/mayfly/child"), refused("ZK_INVALID_ACL", -114, "create", "/bad-acl"), refused("ZK_INVALID_ACL", -114, "create", "/bad-scheme"),
        refused("ZK_NODE_EXISTS", -110, "create2", "/parent"), refused("ZK_NO_NODE", -101, "delete", "/none"), refused("ZK_NOT_EMPTY", -111, "delete", "/parent"), refused("ZK_BAD_VERSION", -103, "delete", "/parent/child"),
        refused("ZK_NO_NODE", -101, "getData", "/none"), refused("ZK_NO_NODE", -101, "setData", "/none"), refused("ZK_BAD_VERSION", -103, "setData", "/parent"), refused("ZK_NO_NODE", -101, "getChildren", "/none"), refused("ZK_NO_NODE", -101, "getChildren2", "/none"),
        refused("ZK_NO_NODE", -101, "getACL", "/none"), refused("ZK_NO_NODE", -101, "setACL", "/none"), refused("ZK_BAD_VERSION", -103, "setACL", "/parent"), refused("ZK_INVALID_ACL", -114, "setACL", "/parent"), refused("ZK_NO_NODE", -101, "getAllChildrenNumber", "/none"),
        refused("ZK_NO_WATCHER", -121, "removeWatches", "/parent"), refused("ZK_NO_WATCHER", -121, "checkWatches", "/parent"), refused("ZK_BAD_ARGUMENTS", -8, "delete", "/"), refused("ZK_BAD_ARGUMENTS", -8, "delete", "/zookeeper"),
      ]);
    });

    it("is never asked where it makes no sense", async () => {
      const wrong = [zk.create("no path"), zk.create("/a/"), zk.create("/a", "", { mode: "sideways" as never }), zk.create("/a", "", { mode: "ttl" }), zk.getData("/a//b"), zk.delete("/a", { version: 0.5 }), zk.getData("/a", { timeout: 0 }), zk.getData("/a", { retry: "always" as never })];
      for (const promise of wrong) expect(await failure(promise)).toMatchObject({ name: "OptionError", code: "HF_BAD_OPTION" });
    });
  });

  describe("a mode", () => {
    it("adds a counter to a name, or to none", async () => {
      await zk.create("/seq");
      expect(await zk.create("/seq/a-", "", { mode: "persistentSequential" })).toBe("/seq/a-0000000000");
      expect(await zk.create("/seq/", "", { mode: "ephemeralSequential" })).toBe("/seq/0000000001");
      expect(await zk.create2("/seq/b", "", { mode: "ephemeralSequential" })).toMatchObject({ path: "/seq/b0000000002", stat: { ephemeralOwner: zk.sessionId } });
      expect(await zk.create("/", "", { mode: "persistentSequential" })).toMatch(/^\/\d{10}$/);
    });

    it("ends a node with its session", async () => {
      const other = await open(ensemble.connectString);
      await other.create("/ephemeral", "", { mode: "ephemeral" });
      expect((await zk.exists("/ephemeral"))?.ephemeralOwner).toBe(other.sessionId);
      await other.close();
      expect(await zk.exists("/ephemeral")).toBeUndefined();
    });

    it("lets the servers collect a container after its last child, and a node by its age", async () => {
      const gone: string[] = [];
      await zk.create("/collected");
      await zk.addWatch("/collected", "recursive", ({ type, path }) => { if (type === "deleted") gone.push(path); }); // First: they may not live until somebody asks.
      await zk.create("/collected/box", "", { mode: "container" });
      await zk.create("/collected/box/child");
      expect(await zk.create("/collected/old", "x", { mode: "ttl", ttl: 400 })).toBe("/collected/old");
      const counted = await zk.create2("/collected/old-", "x", { mode: "ttlSequential", ttl: 400 });
      expect(counted.path).toMatch(/^\/collected\/old-\d{10}$/);
      await zk.delete("/collected/box/child");
      await expect.poll(() => gone.toSorted()).toEqual(["/collected/box", "/collected/box/child", "/collected/old", counted.path].toSorted());
    });
  });

  describe("a multi", () => {
    it("does all of its steps", async () => {
      await zk.create("/m", "x");
      await zk.create("/m/gone");
      const results = await zk.multi([
        { type: "create", path: "/m/a", data: "1" }, { type: "create", path: "/m/c", mode: "container" }, { type: "create", path: "/m/t", mode: "ttl", ttl: 60_000 },
        { type: "create", path: "/m/s-", mode: "persistentSequential" }, { type: "setData", path: "/m", data: "y", version: 0 }, { type: "check", path: "/m", version: 1 }, { type: "delete", path: "/m/gone" },
      ]);
      expect(results).toEqual([
        { type: "create", path: "/m/a" }, { type: "create", path: "/m/c" }, { type: "create", path: "/m/t" }, { type: "create", path: expect.stringMatching(/^\/m\/s-\d{10}$/) },
        { type: "setData", stat: expect.objectContaining({ version: 1 }) }, { type: "check" }, { type: "delete" },
      ]);
      expect([...await zk.getChildren("/m")].filter((name) => !name.startsWith("s-")).sort()).toEqual(["a", "c", "t"]);
    });

    it("does none of them where one fails, and says which", async () => {
      await zk.create("/half");
      const before = await zk.exists("/half");
      const error = await failure(zk.multi([{ type: "setData", path: "/half", data: "x" }, { type: "create", path: "/half/a" }, { type: "check", path: "/half", version: 9 }, { type: "delete", path: "/half" }]));
      expect(error).toMatchObject({ name: "ZooKeeperError", code: "ZK_BAD_VERSION", zkCode: -103, operation: "check", path: "/half", index: 2, outcome: "failed" });
      expect([await zk.exists("/half"), await zk.multi([])]).toEqual([before, []]);
      expect(await failure(zk.multi([{ type: "create", path: "/half" }]))).toMatchObject({ code: "ZK_NODE_EXISTS", index: 0, path: "/half" });
    });

    it("reads many nodes at once, each with its own result", async () => {
      await zk.create("/many", "x");
      await zk.create("/many/a");
      expect(await zk.multiRead([{ type: "getData", path: "/many" }, { type: "getChildren", path: "/many" }, { type: "getData", path: "/none" }, { type: "getChildren", path: "/none" }])).toMatchObject([
        { type: "getData", data: new Uint8Array(Buffer.from("x")), stat: { numChildren: 1 } }, { type: "getChildren", children: ["a"] },
        { type: "error", error: { code: "ZK_NO_NODE", path: "/none", operation: "getData" } }, { type: "error", error: { code: "ZK_NO_NODE", operation: "getChildren" } },
      ]);
      expect(await zk.multiRead([])).toEqual([]);
    });
  });

  describe("a session", () => {
    it("knows its ephemeral nodes, and whom it is taken for", async () => {
      await using other = await open(ensemble.connectString);
      await zk.create("/mine");
      for (const path of ["/mine/a", "/mine/b", "/mineral"]) await other.create(path, "", { mode: "ephemeral" });
      expect([...await other.getEphemerals()].sort()).toEqual(["/mine/a", "/mine/b", "/mineral"]);
      expect([...await other.getEphemerals("/mine")].sort()).toEqual(["/mine/a", "/mine/b"]);
      expect(await other.whoAmI()).toEqual([{ scheme: "ip", user: "127.0.0.1" }]);
      expect(await other.serverState()).toMatchObject({ mode: "standalone", version: expect.stringMatching(/^3\./) });
    });

    it("ends without an error, and takes nothing more", async () => {
      const other = await open(ensemble.connectString);
      const closed = new Promise((resolve) => { other.once("closed", resolve); });
      await other.close();
      expect(await closed).toEqual({});
      expect([other.phase, await failure(other.getData("/"))]).toMatchObject(["closed", { name: "SessionError", code: "ZK_CLOSED" }]);
    });
  });

  describe("an ACL", () => {
    const secret = [{ permissions: permissions.all, scheme: "auth", id: "" }];

    it("keeps out who is not in it, and lets in who authenticates", async () => {
      await using owner = await open(ensemble.connectString);
      await using stranger = await open(ensemble.connectString);
      expect(await failure(owner.create("/secret", "", { acl: secret }))).toEqual(refused("ZK_INVALID_ACL", -114, "create", "/secret"));
      await owner.addAuth("digest", "ann:pass");
      expect(await owner.whoAmI()).toContainEqual({ scheme: "digest", user: "ann" });
      await owner.create("/secret", "gold", { acl: secret });
      const answers = await Promise.all([stranger.getData("/secret"), stranger.setData("/secret", ""), stranger.create("/secret/x"), stranger.getACL("/secret"), stranger.setACL("/secret", acls.open), stranger.getChildren("/secret")].map(failure));
      expect(answers.map((answer) => answer?.["code"])).toEqual(Array.from({ length: 6 }, () => "ZK_NO_AUTH"));
      expect(answers[0]).toEqual(refused("ZK_NO_AUTH", -102, "getData", "/secret"));
      expect(await stranger.exists("/secret")).toBeDefined();
      await stranger.addAuth("digest", "ann:pass");
      expect(text((await stranger.getData("/secret")).data)).toBe("gold");
    });

    it("is read and changed, in its version", async () => {
      await zk.create("/acl");
      expect(await zk.getACL("/acl")).toMatchObject({ acl: acls.open, stat: { aversion: 0 } });
      const next = [{ permissions: permissions.all, scheme: "world", id: "anyone" }, { permissions: permissions.read, scheme: "ip", id: "10.0.0.0/8" }];
      expect(await zk.setACL("/acl", next, { version: 0 })).toMatchObject({ aversion: 1 });
      expect((await zk.getACL("/acl")).acl).toEqual(next);
    });

    it("may be given with the options, for the very first request", async () => {
      await using owner = await open(ensemble.connectString, { auth: [{ scheme: "digest", auth: "bob:pass" }] });
      await owner.create("/bob", "x", { acl: acls.creator });
      expect(await failure(zk.getData("/bob"))).toMatchObject({ code: "ZK_NO_AUTH" });
    });

    it("ends the session for good where the servers do not know the scheme", async () => {
      const other = await open(ensemble.connectString);
      const closed = new Promise<{ error?: unknown }>((resolve) => { other.once("closed", resolve); });
      const error = await failure(other.addAuth("nonsense", "who:knows"));
      expect(error).toMatchObject({ name: "SessionError", code: "ZK_AUTH_FAILED", next: "stop" });
      expect([(await closed).error, await failure(other.getData("/")), other.phase]).toEqual([error, error, "closed"]);
      expect(String(error?.["message"])).not.toContain("who:knows");
    });

    it("never opens with such credentials in the options", async () => {
      await using other = new ZooKeeper({ servers: ensemble.connectString, auth: [{ scheme: "nonsense", auth: "x" }] });
      const asked = failure(other.getData("/"));
      await other.open().catch(() => {});
      await expect.poll(() => other.phase).toBe("closed");
      expect(await asked).toMatchObject({ code: "ZK_AUTH_FAILED" });
    });
  });

  describe("a chroot", () => {
    it("stands before every path, and in none that comes back", async () => {
      await zk.create("/root");
      await zk.create("/rooted", "", { mode: "ephemeral" });
      await using inside = await open(`${ensemble.connectString}/root`);
      const events: WatchEvent[] = [];
      await inside.addWatch("/", "recursive", (event) => { events.push(event); });
      expect(await inside.create("/a", "x")).toBe("/a");
      expect(await inside.create2("/a/e", "", { mode: "ephemeralSequential" })).toMatchObject({ path: "/a/e0000000000" });
      expect(await inside.create("/", "", { mode: "ephemeralSequential" })).toMatch(/^\/\d{10}$/);
      expect(await inside.multi([{ type: "create", path: "/m" }, { type: "check", path: "/", version: 0 }])).toEqual([{ type: "create", path: "/m" }, { type: "check" }]);
      expect(await inside.multiRead([{ type: "getChildren", path: "/a" }])).toEqual([{ type: "getChildren", children: ["e0000000000"] }]);
      expect([...await inside.getEphemerals()].sort()[1]).toBe("/a/e0000000000");
      expect([await inside.getAllChildrenNumber("/"), (await inside.exists("/"))?.numChildren, await zk.exists("/root/a/e0000000000") !== undefined]).toEqual([4, 3, true]);
      expect(await failure(inside.getData("/none"))).toEqual(refused("ZK_NO_NODE", -101, "getData", "/none"));
      await expect.poll(() => events.map(({ type, path }) => `${type} ${path}`)).toEqual(["created /a", "created /a/e0000000000", expect.stringMatching(/^created \/\d{10}$/), "created /m"]);
    });

    it("need not exist: then nothing does, until it is made from outside", async () => {
      await using inside = await open([ensemble.connectString], { chroot: "/later/on" });
      expect([await inside.exists("/"), await failure(inside.create("/a"))]).toEqual([undefined, refused("ZK_NO_NODE", -101, "create", "/a")]);
      const born = new Promise<WatchEvent>((resolve) => { inside.exists("/", { watch: resolve }).catch(() => {}); });
      await zk.create("/later");
      await zk.create("/later/on");
      expect(await born).toMatchObject({ type: "created", path: "/" });
      expect(await inside.create("/a")).toBe("/a");
    });
  });

  describe("watches", () => {
    it("are there until they are removed, on the server and here", async () => {
      const events: string[] = [];
      const listener = ({ type, path }: WatchEvent): void => { events.push(`${type} ${path}`); };
      await zk.create("/watched");
      expect(await failure(zk.checkWatches("/watched"))).toMatchObject({ code: "ZK_NO_WATCHER" });
      await zk.getData("/watched", { watch: listener });
      await zk.getChildren("/watched", { watch: listener });
      expect([await zk.checkWatches("/watched"), await zk.checkWatches("/watched", "data"), await zk.checkWatches("/watched", "children")]).toEqual([undefined, undefined, undefined]);
      await zk.removeWatches("/watched", "data");
      expect(await failure(zk.checkWatches("/watched", "data"))).toEqual(refused("ZK_NO_WATCHER", -121, "checkWatches", "/watched"));
      await zk.setData("/watched", "x");
      await zk.create("/watched/child");
      await zk.sync();
      expect(events).toEqual(["childrenChanged /watched"]);
    });

    it("that stay tell of everything, and no more when they are taken back", async () => {
      const events: string[] = [];
      const listener = ({ type, path }: WatchEvent): void => { events.push(`${type} ${path}`); };
      await zk.create("/lasting");
      await zk.addWatch("/lasting", "persistent", listener);
      await zk.addWatch("/lasting/tree", "recursive", listener);
      await zk.create("/lasting/tree");
      await zk.create("/lasting/tree/leaf");
      await zk.setData("/lasting", "1");
      await zk.setData("/lasting", "2");
      await zk.removeWatch("/lasting", "persistent", listener);
      await zk.removeWatch("/lasting/tree", "recursive", listener);
      await zk.setData("/lasting", "3");
      await zk.setData("/lasting/tree/leaf", "3");
      await zk.sync();
      expect(events).toEqual(["created /lasting/tree", "childrenChanged /lasting", "created /lasting/tree/leaf", "changed /lasting", "changed /lasting"]);
      expect(await failure(zk.checkWatches("/lasting"))).toMatchObject({ code: "ZK_NO_WATCHER" });
    });
  });

  const cli = process.env["ZKCLI_PATH"] ?? "/usr/share/zookeeper/bin/zkCli.sh";
  it.skipIf(!existsSync(cli))("reads what ZooKeeper's own shell writes, and the other way round", async () => {
    await zk.create("/ours", "blå €");
    const shell = spawn(cli, ["-server", ensemble.connectString], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, JVMFLAGS: "-Xmx64m -Dfile.encoding=UTF-8", LC_ALL: "C.UTF-8" } });
    shell.stdin.end("create /theirs grün-€\ncreate -e /theirs-mayfly\nget /ours\nget -s /ours\nquit\n");
    const said = await all(shell.stdout);
    expect(said).toContain("blå €");
    expect(text((await zk.getData("/theirs")).data)).toBe("grün-€");
    expect((await zk.exists("/theirs-mayfly"))?.ephemeralOwner ?? 0n).toBe(0n);
  });
});
