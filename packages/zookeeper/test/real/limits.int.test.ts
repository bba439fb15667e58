import { Ensemble, zooKeeperIsInstalled } from "@holdfast/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ZooKeeper, type SessionEvents } from "../../src/index.ts";
import { failure, open, text } from "./guest.ts";

/** What a client tells of its connection from now on. */
function listen(zk: ZooKeeper): string[] {
  const told: string[] = [];
  for (const name of ["disconnected", "connected", "closed"] as const satisfies (keyof SessionEvents)[]) zk.on(name, () => { told.push(name); });
  return told;
}

describe.skipIf(!zooKeeperIsInstalled())("a request", { timeout: 60_000 }, () => {
  let ensemble: Ensemble;
  let witness: ZooKeeper;
  beforeAll(async () => {
    ensemble = await Ensemble.start({ standalone: true, jvm: ["-Djute.maxbuffer=4194304"] });
    witness = await open(ensemble.connectString);
  }, 60_000);
  afterAll(async () => {
    await witness?.close();
    await ensemble?.stop();
  }, 60_000);

  /** Nothing is answered while `run` runs. */
  async function frozen<T>(run: () => Promise<T>): Promise<T> {
    const [server] = ensemble.servers;
    server?.freeze();
    try {
      return await run();
    } finally {
      server?.thaw();
    }
  }

  it("that is not answered in its time may have been done, and the connection goes on", async () => {
    await using zk = await open(ensemble.connectString, { sessionTimeout: 60_000, requestTimeout: 30_000 });
    const told = listen(zk);
    const error = await frozen(() => failure(zk.create("/late", "x", { timeout: 100 })));
    expect(error).toMatchObject({ name: "ZooKeeperError", code: "ZK_REQUEST_TIMEOUT", zkCode: -122, operation: "create", path: "/late", outcome: "unknown", message: expect.stringContaining("100 ms") });
    expect([(await zk.exists("/late"))?.dataLength, told]).toEqual([1, []]);
  });

  it("that no server took in its time was not sent, and is not later", async () => {
    await using zk = new ZooKeeper({ servers: ensemble.connectString, requestTimeout: 50 });
    expect(await failure(zk.create("/too-early"))).toMatchObject({ code: "ZK_REQUEST_TIMEOUT", zkCode: -122, outcome: "unsent", path: "/too-early" });
    await zk.open();
    expect(await zk.exists("/too-early", { timeout: 30_000 })).toBeUndefined();
  });

  it("ends with its signal, before it is made, while it waits, and while it is on its way", async () => {
    const why = new Error("changed my mind");
    await using zk = new ZooKeeper({ servers: ensemble.connectString, sessionTimeout: 60_000 });
    const [before, waiting, onItsWay] = [AbortSignal.abort(why), new AbortController(), new AbortController()];
    expect(await failure(zk.create("/aborted-before", "", { signal: before }))).toBe(why);
    const queued = failure(zk.create("/aborted-waiting", "", { signal: waiting.signal }));
    waiting.abort(why);
    expect(await queued).toBe(why);
    await zk.open();
    const told = listen(zk);
    const error = await frozen(() => {
      const sent = failure(zk.create("/aborted-sent", "", { signal: onItsWay.signal }));
      onItsWay.abort(why);
      return sent;
    });
    expect(error).toBe(why);
    await zk.sync();
    expect([await zk.exists("/aborted-before"), await zk.exists("/aborted-waiting"), await zk.exists("/aborted-sent") !== undefined, told]).toEqual([undefined, undefined, true, []]);
  });

  it("finds no room where too many wait, and was not sent", async () => {
    await using zk = new ZooKeeper({ servers: ensemble.connectString, queue: { maxRequests: 2 } });
    const waiting = [zk.exists("/1"), zk.exists("/2")];
    expect(await failure(zk.create("/3"))).toMatchObject({ name: "ZooKeeperError", code: "ZK_QUEUE_FULL", operation: "create", path: "/3", outcome: "unsent" });
    await zk.open();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    expect(await zk.create("/3")).toBe("/3");
  });

  it("finds no room where too many bytes wait", async () => {
    await using zk = new ZooKeeper({ servers: ensemble.connectString, queue: { maxBytes: 1_000 } });
    const waiting = zk.create("/small", "x".repeat(500));
    expect(await failure(zk.create("/big", "x".repeat(500)))).toMatchObject({ code: "ZK_QUEUE_FULL", outcome: "unsent" });
    await zk.open();
    expect(await waiting).toBe("/small");
  });

  it("waits only so long for a server, and was not sent", async () => {
    const zk = new ZooKeeper({ servers: "127.0.0.1:1", queue: { ttl: 100 } });
    const opening = failure(zk.open());
    expect(await failure(zk.create("/x"))).toMatchObject({ name: "ZooKeeperError", code: "ZK_CONNECTION_LOSS", zkCode: -4, outcome: "unsent", path: "/x", message: expect.stringContaining("not sent") });
    const waiting = failure(zk.create("/y"));
    await zk.close();
    expect([await waiting, await opening]).toMatchObject([{ code: "ZK_CLOSED" }, { code: expect.any(String) }]);
  });

  it("that is too long is not sent, and the connection goes on", async () => {
    await using zk = await open(ensemble.connectString, { maxPacketBytes: 2_048 });
    const told = listen(zk);
    const error = await failure(zk.create("/huge", "x".repeat(3_000)));
    expect(error).toMatchObject({ name: "ZooKeeperError", code: "ZK_REQUEST_TOO_LONG", outcome: "unsent", path: "/huge", message: expect.stringContaining("2048") });
    expect([await zk.exists("/huge"), told]).toEqual([undefined, []]);
  });

  it("that is answered at too great length fails alone, and the connection goes on", async () => {
    await witness.create("/crowd");
    for (let batch = 0; batch < 10; batch += 1) await witness.multi(Array.from({ length: 100 }, (_, at) => ({ type: "create" as const, path: `/crowd/child-${batch}-${at}` })));
    await using zk = await open(ensemble.connectString, { maxPacketBytes: 2_048, retry: "safe" });
    const told = listen(zk);
    const [before, error, after] = await Promise.all([zk.getData("/crowd"), failure(zk.getChildren("/crowd")), zk.getAllChildrenNumber("/crowd")]);
    expect(error).toMatchObject({ name: "ZooKeeperError", code: "ZK_REPLY_TOO_LONG", operation: "getChildren", path: "/crowd", message: expect.stringContaining("maxPacketBytes") });
    expect([before.stat.numChildren, after, told]).toEqual([1_000, 1_000, []]);
    expect(await failure(zk.getChildren2("/crowd"))).toMatchObject({ code: "ZK_REPLY_TOO_LONG" });
    expect([await witness.getChildren("/crowd").then(({ length }) => length), told]).toEqual([1_000, []]);
  });

  it("may be a megabyte and more, where both sides agree", async () => {
    await using zk = await open(ensemble.connectString, { maxPacketBytes: 4_000_000 });
    const data = "é".repeat(1_000_000);
    await zk.create("/large", data);
    expect(text((await zk.getData("/large")).data) === data).toBe(true);
  });

  it("is one of ten thousand at once, and each has its own answer", async () => {
    await witness.create("/numbers");
    const paths = Array.from({ length: 2_000 }, (_, at) => `/numbers/${at}`);
    expect(await Promise.all(paths.map((path, at) => witness.create(path, String(at))))).toEqual(paths);
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, at) => witness.getData(`/numbers/${at % 2_000}`)));
    expect(answers.every(({ data }, at) => text(data) === String(at % 2_000))).toBe(true);
  });
});
