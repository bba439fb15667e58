import { Ensemble } from "@holdfast/test-servers";
import { faultProxy } from "@holdfast/testkit/proxy";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LoopLateness } from "../../../bench/src/lateness.ts";
import { Election, Lock, Membership, type MembershipChange } from "../../src/recipes/index.ts";
import { Client, queued, text } from "../session/stage.ts";
import { Crowd } from "./crowd.ts";
import { Program } from "./program.ts";

let ensemble: Ensemble;
beforeAll(async () => { ensemble = await Ensemble.start({ size: 3 }); }, 60_000);
afterEach(async () => { await ensemble.startAll(); }, 60_000);
afterAll(async () => { await ensemble.stop(); });

/** So that the client is not on the leader: the ensemble goes on serving when its server is gone. */
const followers = async (): Promise<string> => (await ensemble.followers()).map(({ address }) => address).join(",");

describe("a lock", { timeout: 120_000 }, () => {
  it("stays with its holder when the server of its session is killed: nobody else gets it", async () => {
    await using one = await Client.open({ servers: await followers() });
    await using two = await Client.open({ servers: ensemble.connectString });
    const held = await new Lock(one.zk, "/kept").acquire();
    const waiting = new Lock(two.zk, "/kept").acquire();
    await expect.poll(() => two.zk.getChildren("/kept", { retry: "safe" })).toHaveLength(2);
    const back = one.next("connected");
    await one.on(ensemble).kill();
    expect(await back).toMatchObject({ resumed: true });
    expect(held.held).toBe(true);
    await expect(Promise.race([waiting, two.zk.sync().then(() => "still waiting")])).resolves.toBe("still waiting");
    await held.release();
    expect((await waiting).token).toBeGreaterThan(held.token);
  });

  it("leaves a frozen holder, who does not claim it when it is thawed, not even before its timers have run", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    await using holder = Program.holdfast("hold", ensemble.connectString, "/frozen", "holder");
    const token = BigInt((await holder.line("held")).slice("held ".length));
    await holder.line("claim true");
    const waiting = new Lock(client.zk, "/frozen").acquire();
    holder.signal("SIGSTOP");
    const next = await waiting;
    const at = process.hrtime.bigint(); // From here on somebody else holds it. One clock for all processes of a machine.
    expect(next.token).toBeGreaterThan(token);
    holder.signal("SIGCONT");
    expect(await holder.line("lost")).toContain("the lock /frozen is lost: no server has answered for the whole timeout of the session");
    const said = holder.lines.length;
    await holder.line("claim", said);
    const claims = holder.lines.map((line) => /^claim (\S+) (\d+)$/.exec(line)).filter((claim) => claim !== null);
    expect(claims.filter(([, held, when]) => held === "true" && BigInt(when ?? 0) > at)).toEqual([]);
    expect(claims.filter(([, held, when]) => held === "false" && BigInt(when ?? 0) > at).length).toBeGreaterThan(0);
    expect(next.held).toBe(true);
    await next.release();
  });

  it("is lost when somebody deletes its node", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const held = await new Lock(client.zk, "/stolen").acquire();
    await client.zk.setData(held.node, "a change is no loss");
    await client.zk.delete(held.node);
    expect(await held.ended).toMatchObject({ name: "RecipeError", code: "ZK_LOST", path: "/stolen" });
    expect([held.held, held.lost.aborted]).toEqual([false, true]);
  });

  it("is lost with the client, and free at once", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const gone = await Client.open({ servers: ensemble.connectString });
    const held = await new Lock(gone.zk, "/closed").acquire();
    const waiting = new Lock(client.zk, "/closed").acquire();
    await gone.zk.close();
    expect(held.held).toBe(false);
    expect((await held.ended)?.message).toContain("the client was closed");
    await (await waiting).release();
    await expect(new Lock(gone.zk, "/closed").acquire()).rejects.toMatchObject({ name: "SessionError", code: "ZK_CLOSED" });
  });

  it("leaves nothing behind of those who gave up waiting: no node, and one listener at most", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    const lock = new Lock(client.zk, "/patience");
    const held = await lock.acquire();
    for (let round = 0; round < 20; round += 1) await expect(lock.acquire({ timeout: 5 })).rejects.toMatchObject({ code: "ZK_LOCK_TIMEOUT" });
    const reason = new Error("enough");
    const own = new AbortController();
    const waiting = lock.acquire({ signal: own.signal });
    own.abort(reason); // In the middle of the creation.
    await expect(waiting).rejects.toBe(reason);
    await expect.poll(() => client.zk.getChildren("/patience")).toEqual([held.node.split("/").at(-1)]);
    await held.release();
  });

  it("is released though the connection is lost over it, and so is the place of who gave up meanwhile", async () => {
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: ensemble.servers[0]?.port ?? 0 } });
    await using client = await Client.open({ servers: `127.0.0.1:${proxy.port}` });
    await using witness = await Client.open({ servers: ensemble.connectString });
    for (let round = 0; round < 5; round += 1) {
      const lock = new Lock(client.zk, "/cut");
      const held = await lock.acquire();
      const own = new AbortController();
      const waiting = lock.acquire({ signal: own.signal }).catch((error: unknown) => error);
      const released = held.release();
      own.abort();
      proxy.reset(); // Nobody knows what the server has done of it.
      await released;
      expect(await waiting).toBe(own.signal.reason);
      await expect.poll(() => queued(witness, "/cut")).toEqual([]);
    }
  });

  it("is queued for again, at the end, on the session that takes the place of an expired one", async () => {
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: ensemble.servers[0]?.port ?? 0 } });
    await using holder = await Client.open({ servers: ensemble.connectString });
    await using client = await Client.open({ servers: `127.0.0.1:${proxy.port}`, sessionTimeout: 1_500, onExpiry: "renew" });
    const held = await new Lock(holder.zk, "/renewed").acquire();
    const waiting = new Lock(client.zk, "/renewed").acquire();
    await expect.poll(() => holder.zk.getChildren("/renewed")).toHaveLength(2);
    const expired = client.next("expired");
    await proxy.refuse();
    proxy.reset();
    await expect.poll(() => holder.zk.getChildren("/renewed")).toHaveLength(1);
    await proxy.pass();
    await expired;
    await expect.poll(() => holder.zk.getChildren("/renewed")).toHaveLength(2);
    await held.release();
    expect((await waiting).held).toBe(true);
  });
});

describe("an election", { timeout: 120_000 }, () => {
  it("moves to the next candidate when the leader's process is killed, within the timeout of its session", async () => {
    const sessionTimeout = 3_000;
    const names = ["a", "b", "c"];
    await using stack = new AsyncDisposableStack();
    const programs: Program[] = [];
    for (const name of names) {
      const program = stack.use(Program.holdfast("lead", ensemble.connectString, "/killed", name));
      programs.push(program);
      await program.line("ready");
    }
    const winner = async (of: readonly Program[]): Promise<{ readonly program: Program; readonly token: bigint }> =>
      Promise.any(of.map(async (program) => ({ program, token: BigInt((await program.line("elected")).slice("elected ".length)) })));
    const first = await winner(programs);
    const others = programs.filter((program) => program !== first.program);
    expect(others.flatMap(({ lines }) => lines)).not.toContainEqual(expect.stringMatching(/^elected/));
    first.program.signal("SIGKILL");
    const loop = new LoopLateness();
    const killedAt = performance.now();
    const second = await winner(others);
    // Servers round a timeout up to their ticks; the rest is for a slow machine.
    expect(performance.now() - killedAt - loop.total).toBeLessThan(sessionTimeout + 3_000);
    loop.stop();
    expect(second.token).toBeGreaterThan(first.token);
    const last = others.find((program) => program !== second.program);
    second.program.tell("end");
    await second.program.line("resigned");
    await last?.line("elected");
  });

  it("deposes a leader whose session may be over, and elects it again afterwards", async () => {
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: ensemble.servers[0]?.port ?? 0 } });
    await using client = await Client.open({ servers: `127.0.0.1:${proxy.port}`, sessionTimeout: 1_500, onExpiry: "renew" });
    await using other = await Client.open({ servers: ensemble.connectString });
    const election = new Election(client.zk, "/deposed");
    const story: string[] = [];
    election.on("elected", () => { story.push("elected"); });
    election.on("deposed", ({ error }) => { story.push(`deposed ${error.code}`); });
    const first = await election.campaign();
    const rival = new Election(other.zk, "/deposed");
    const won = rival.campaign();
    await expect.poll(() => rival.candidates()).toHaveLength(2);
    await proxy.refuse();
    proxy.reset();
    const theirs = await won;
    expect([first.held, election.leadership, story]).toEqual([false, undefined, ["elected", "deposed ZK_LOST"]]);
    expect(theirs.token).toBeGreaterThan(first.token);
    await proxy.pass();
    const again = election.campaign(); // It stands already; this only waits.
    await expect.poll(() => rival.candidates()).toHaveLength(2);
    await rival.resign();
    expect((await again).token).toBeGreaterThan(theirs.token);
    await election.resign();
    expect(story).toEqual(["elected", "deposed ZK_LOST", "elected"]);
    expect(await queued(other, "/deposed")).toEqual([]);
  });

  it("is given up by an aborted campaign, and a release of the office goes to the end of the queue", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    await using one = new Election(client.zk, "/handed", { data: "one" });
    await using two = new Election(client.zk, "/handed", { data: "two" });
    const mine = await one.campaign();
    const own = new AbortController();
    const given = two.campaign({ signal: own.signal });
    own.abort();
    await expect(given).rejects.toBe(own.signal.reason);
    const theirs = two.campaign();
    await expect.poll(async () => (await one.candidates()).map(({ data }) => text(data))).toEqual(["one", "two"]);
    await mine.release();
    expect((await theirs).held).toBe(true);
    await expect.poll(async () => (await one.candidates()).map(({ data }) => text(data))).toEqual(["two", "one"]);
  });
});

describe("a membership", { timeout: 120_000 }, () => {
  const told = (group: Membership): MembershipChange[] => {
    const changes: MembershipChange[] = [];
    group.on("changed", (change) => { changes.push(change); });
    return changes;
  };
  const ids = (group: Membership): readonly string[] => [...group.members].map(([id, payload]) => `${id}=${text(payload)}`).toSorted();

  it("tells who joins, changes and leaves, through a failover, and never an older state after a newer one", async () => {
    await using client = await Client.open({ servers: await followers(), retry: "safe" });
    await using other = await Client.open({ servers: ensemble.connectString, retry: "safe" });
    await using observer = new Membership(client.zk, "/group");
    const changes = told(observer);
    await observer.open();
    await using one = new Membership(other.zk, "/group", { id: "one", payload: "0" });
    await one.open();
    await expect.poll(() => ids(observer)).toEqual(["one=0"]);
    const moved = client.next("connected");
    const kill = client.on(ensemble).kill();
    for (let version = 1; version <= 50; version += 1) await one.update(`${version}`);
    await kill;
    await moved;
    await expect.poll(() => ids(observer)).toEqual(["one=50"]);
    const seen = changes.map(({ members }) => Number(text(members.get("one") ?? new Uint8Array())));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await one.close();
    await expect.poll(() => ids(observer)).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ left: ["one"], joined: [], updated: [] });
  });

  it("comes back by itself when its node is deleted, and on a renewed session", async () => {
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: ensemble.servers[0]?.port ?? 0 } });
    await using client = await Client.open({ servers: `127.0.0.1:${proxy.port}`, sessionTimeout: 1_500, onExpiry: "renew" });
    await using other = await Client.open({ servers: ensemble.connectString });
    await using observer = new Membership(other.zk, "/back");
    await observer.open();
    await using one = new Membership(client.zk, "/back", { id: "one", payload: "x" });
    await one.open();
    expect(ids(one)).toEqual(["one=x"]);
    const before = await other.zk.exists("/back/one");
    await other.zk.delete("/back/one");
    await expect.poll(async () => (await other.zk.exists("/back/one"))?.czxid ?? 0n).toBeGreaterThan(before?.czxid ?? 0n);
    await proxy.refuse();
    proxy.reset();
    await expect.poll(() => other.zk.exists("/back/one")).toBeUndefined();
    await expect.poll(() => ids(observer)).toEqual([]);
    await proxy.pass();
    await expect.poll(() => ids(observer)).toEqual(["one=x"]);
  });

  it.each([21, 23, 24])("is seen by everybody as it is, whatever happens to nodes and connections (seed %d)", async (seed) => {
    await using crowd = new Crowd(seed);
    await crowd.gather(ensemble);
    for (let round = 0; round < 4; round += 1) {
      await crowd.run(40);
      await expect.poll(() => crowd.views).toEqual(Array.from({ length: 4 }, () => crowd.truth));
      expect(crowd.surprises).toEqual([]);
    }
  });

  it("waits for its name while somebody else has it, and leaves theirs alone", async () => {
    await using client = await Client.open({ servers: ensemble.connectString });
    await using other = await Client.open({ servers: ensemble.connectString });
    await using theirs = new Membership(other.zk, "/taken", { id: "one", payload: "theirs" });
    await theirs.open();
    const impatient = new Membership(client.zk, "/taken", { id: "one" });
    const own = new AbortController();
    const opening = impatient.open({ signal: own.signal });
    own.abort();
    await expect(opening).rejects.toBe(own.signal.reason);
    await impatient.close();
    await expect(impatient.open()).rejects.toMatchObject({ code: "ZK_CLOSED" });
    expect(ids(theirs)).toEqual(["one=theirs"]);
    await using mine = new Membership(client.zk, "/taken", { id: "one", payload: "mine" });
    const opened = mine.open();
    await theirs.close();
    await opened;
    expect(ids(mine)).toEqual(["one=mine"]);
  });

  it("ends with its session, and says so", async () => {
    const client = await Client.open({ servers: ensemble.connectString });
    const group = new Membership(client.zk, "/ended", { id: "one" });
    const closed = new Promise((resolve) => { group.on("closed", resolve); });
    await group.open();
    await client.zk.close();
    expect(await closed).toMatchObject({ error: { code: "ZK_CLOSED" } });
    await group.close();
  });
});
