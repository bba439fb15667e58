import { Ensemble, type ZooKeeperServer } from "@holdfast/test-servers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SessionContestedError } from "../../src/index.ts";
import { lateLine } from "./late-line.ts";
import { Client, text } from "./stage.ts";

let ensemble: Ensemble;
beforeAll(async () => { ensemble = await Ensemble.start({ size: 3 }); }, 60_000);
beforeEach(async () => { await ensemble.startAll(); }, 60_000);
afterAll(async () => { await ensemble.stop(); });

/** Writes for as long as it may, each write after the one before. Failures of writes are expected here. */
function scribble(client: Client, path: string): { stop(): Promise<void> } {
  let on = true;
  const writing = (async () => {
    while (on && client.zk.phase !== "closed") await client.zk.setData(path, "x").catch(() => {});
  })();
  return { stop: async () => { on = false; await writing; } };
}

describe("two clients with one ticket", { timeout: 60_000 }, () => {
  it.each([["on two servers", [1, 2]], ["on one server", [1, 1]]] as const)("do not fight for ever: one of them gives up, %s", async (_, [mine, yours]) => {
    const servers = (at: number): readonly string[] => [ensemble.servers[at] ?? ensemble.servers[0]].map((server) => server?.address ?? "");
    const one = await Client.open({ servers: servers(mine), sessionTimeout: 6_000 });
    await one.zk.create("/fought-for").catch(() => {});
    const two = new Client({ servers: servers(yours), ticket: one.zk.ticket() ?? "" });
    const contested = Promise.race([one.next("closed"), two.next("closed")]); // It may be over before both have begun.
    await two.zk.open();
    const writers = [scribble(one, "/fought-for"), scribble(two, "/fought-for")];
    const { error } = await contested;
    expect(error).toBeInstanceOf(SessionContestedError);
    expect((error as Error).message).toContain("another client uses the same session");
    for (const writer of writers) await writer.stop();
    const [winner, loser] = one.zk.phase === "closed" ? [two, one] : [one, two];
    expect(loser.count("closed")).toBe(1);
    expect(one.count("connected") + two.count("connected") - 2).toBeLessThanOrEqual(12); // Reconnects of both: four as a rule, since the third loss is the last; where a busy machine makes them slow, or resets, the seventh is.
    // The last attach of the other one may still have to be made good.
    await expect.poll(() => winner.zk.setData("/fought-for", "won").then(() => "done", () => "failed")).toBe("done");
    expect(winner.zk.phase).toBe("connected");
    await winner.zk.close();
    // It is told once, and everything asked afterwards says it, too.
    await expect(loser.zk.getData("/")).rejects.toBe(error);
  });

  it("leave it to the one that insists", async () => {
    const one = await Client.open({ servers: ensemble.servers[1]?.address ?? "" });
    const closed = one.next("closed");
    const two = await Client.open({ servers: ensemble.servers[2]?.address ?? "", ticket: one.zk.ticket() ?? "", takeover: true });
    await one.zk.create("/taken-over").catch(() => {});
    const writers = [scribble(one, "/taken-over"), scribble(two, "/taken-over")];
    await closed;
    expect(two.zk.phase).not.toBe("closed");
    for (const writer of writers) await writer.stop();
    await two.zk.close();
  });
});

/** `ROUNDS=100` for a thorough run. */
const rounds = Number(process.env["ROUNDS"] ?? 0) || undefined;

describe("an honest holder", { timeout: 120_000 + (rounds ?? 0) * 15_000 }, () => {
  it("is never told that its session is contested, however often its servers are killed", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const { zk } = client;
    await zk.create("/honest").catch(() => {});
    const writer = scribble(client, "/honest");
    for (let round = 0; round < (rounds ?? 5); round += 1) {
      // An election may take it from one server to the next before it stays.
      let server: ZooKeeperServer | undefined;
      await expect.poll(async () => {
        await zk.exists("/honest");
        return server = client.on(ensemble);
      }).toBeDefined();
      await server?.kill();
      await server?.start();
    }
    await writer.stop();
    await zk.exists("/honest", { retry: "safe" });
    expect(client.count("closed")).toBe(0);
  });
});

describe("a request that is delayed on the old connection", { timeout: 120_000 }, () => {
  it("changes nothing when it arrives after the move, and its client never hears of it", async () => {
    const [old, other] = (await ensemble.followers()).map(({ address }) => address) as [string, string];
    await using line = await lateLine(Number(old.split(":")[1]));
    await using witness = await Client.open({ servers: other });
    await witness.zk.create("/moved", "0");
    for (let round = 0; round < (rounds ?? 10);) {
      // Dials in the order written: the late line first.
      await using client = await Client.open({ servers: [line.address, other], heartbeat: { interval: 300, timeout: 300, maxMisses: 1 }, random: () => 0.999 });
      const { zk } = client;
      if (zk.server !== line.address) continue; // So impatient a client may have left a busy server already.
      round += 1;
      const before = (await witness.zk.getData("/moved")).stat.version;
      const moved = client.next("connected");
      line.hold();
      const write = await Promise.all([zk.setData("/moved", "late").catch((error: unknown) => error), moved]).then(([error]) => error);
      expect(write).toMatchObject({ code: "ZK_CONNECTION_LOSS", outcome: "unknown" });
      expect(zk.server).toBe(other);
      const told = client.told.length;
      expect(await line.release()).toBeGreaterThan(20); // It has arrived, and the old server has hung up.
      await witness.zk.sync("/moved");
      const { data, stat } = await witness.zk.getData("/moved");
      expect([text(data), stat.version]).toEqual(["0", before]);
      expect(client.told.slice(told).filter(({ event }) => event["server"] === line.address)).toEqual([]);
      expect(await zk.exists("/moved", { retry: "safe" })).toMatchObject({ version: before });
    }
  });
});
