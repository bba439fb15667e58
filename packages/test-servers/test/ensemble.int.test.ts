import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { Ensemble, zooKeeperIsInstalled } from "../src/index.ts";

/** Whether a process runs: one that ended and was not yet fetched does not. */
function lives(pid: number | undefined): boolean {
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

describe.skipIf(!zooKeeperIsInstalled())("an ensemble", { timeout: 90_000 }, () => {
  it("serves from all its servers, and has one leader", async () => {
    await using ensemble = await Ensemble.start();
    const leader = await ensemble.leader();
    const modes = await Promise.all(ensemble.servers.map((server) => server.mode()));
    expect(modes.filter((mode) => mode === "follower").length).toBe(2);
    expect(await ensemble.followers()).toEqual(ensemble.servers.filter((server) => server !== leader));
    expect(ensemble.connectString).toBe(ensemble.servers.map(({ port }) => `127.0.0.1:${port}`).join(","));
  });

  it("finds another leader when its leader is killed, which comes back as a follower on its port", async () => {
    await using ensemble = await Ensemble.start();
    const first = await ensemble.leader();
    const { pid } = first;
    await first.kill();
    expect([lives(pid), await refuses(first.port), first.running]).toEqual([false, true, false]);
    expect(await ensemble.leader()).not.toBe(first);
    await first.start();
    await first.serving();
    expect(await first.mode()).toBe("follower");
  });

  it("has servers that stand still with their ports open, and go on", async () => {
    await using ensemble = await Ensemble.start();
    const [follower] = await ensemble.followers();
    follower?.freeze();
    expect([await follower?.mode(), follower?.running, follower?.frozen, await refuses(follower?.port ?? 0)]).toEqual([undefined, true, true, false]);
    follower?.thaw();
    await follower?.serving();
    expect(follower?.frozen).toBe(false);
    // One that stands still can be killed, too.
    follower?.freeze();
    await follower?.kill();
    expect(follower?.running).toBe(false);
  });

  it("serves from the third of five servers on, when they are started one by one", async () => {
    await using ensemble = await Ensemble.create({ size: 5 });
    const early = ensemble.servers.slice(0, 2);
    for (const server of early) await server.start();
    await vi.waitFor(async () => { expect(await early[1]?.mode()).toBe("read-only"); }, { timeout: 30_000, interval: 100 });
    const three = ensemble.servers.slice(0, 3);
    await three[2]?.start();
    await Promise.all(three.map((server) => server.serving()));
    expect(three).toContain(await ensemble.leader());
  });

  it("may have observers, and takes one more server while it runs", async () => {
    await using ensemble = await Ensemble.start({ size: 1, observers: 1 });
    expect(await Promise.all(ensemble.servers.map((server) => server.mode()))).toEqual(["leader", "observer"]);
    const more = await ensemble.add();
    await more.start();
    await more.serving();
    expect(await more.mode()).toBe("follower");
    expect(ensemble.joiningLine(more)).toMatch(/^server\.3=127\.0\.0\.1:\d+:\d+:participant;127\.0\.0\.1:\d+$/);
  });

  it("may be one server that stands alone, with settings of the caller", async () => {
    await using ensemble = await Ensemble.start({ standalone: true, settings: { maxSessionTimeout: 7_777 } });
    expect(await ensemble.servers[0]?.mode()).toBe("standalone");
    expect(await ensemble.servers[0]?.ask("conf")).toContain("maxSessionTimeout=7777\n");
  });

  it("says what a server logged when it cannot start", async () => {
    await expect(Ensemble.start({ standalone: true, settings: { minSessionTimeout: 9, maxSessionTimeout: 8 } })).rejects.toThrow(/ended before it served:[^]*minSessionTimeout must not be larger/);
  });

  it("leaves no process, no port and no folder behind when it stops", async () => {
    const ensemble = await Ensemble.start({ size: 2 });
    const pids = ensemble.servers.map(({ pid }) => pid);
    expect([...pids.map(lives), existsSync(ensemble.folder)]).toEqual([true, true, true]);
    await ensemble.stop();
    await ensemble.stop();
    expect([...pids.map(lives), existsSync(ensemble.folder)]).toEqual([false, false, false]);
    expect(await Promise.all(ensemble.servers.map(({ port }) => refuses(port)))).toEqual([true, true]);
  });

  it("leaves nothing behind when its owner is killed", async ({ onTestFinished }) => {
    const owner = fork(new URL("owner.ts", import.meta.url), { execArgv: [] });
    onTestFinished(() => { owner.kill("SIGKILL"); });
    const [{ pids, folder }] = (await once(owner, "message")) as [{ pids: readonly number[]; folder: string }]; // What owner.ts says.
    expect([...pids.map(lives), existsSync(folder)]).toEqual([true, true, true]);
    owner.kill("SIGKILL");
    await vi.waitFor(() => { expect([...pids.map(lives), existsSync(folder)]).toEqual([false, false, false]); }, { timeout: 10_000, interval: 50 });
  });
});
