import { describe, expect, it } from "vitest";
import { obey } from "../src/cli/words.ts";
import { Ensemble, zooKeeperIsInstalled } from "../src/index.ts";

describe.skipIf(!zooKeeperIsInstalled())("the words of npm run ensemble", { timeout: 60_000 }, () => {
  it("kill, freeze, thaw and start a server, and say what it is", async () => {
    await using ensemble = await Ensemble.start({ standalone: true });
    const say = async (line: string): Promise<string> => (await obey(ensemble, line)).replace(/process \d+ +/, "").replace(/127.0.0.1:\d+/, "address");
    expect(await say("status")).toBe("server 1  address  standalone");
    expect(await say(" freeze  1 ")).toBe("server 1  address  frozen");
    expect(await say("thaw 1")).toBe("server 1  address  running");
    expect(await say("kill 1")).toBe("server 1  address  dead");
    expect(await say("freeze 1")).toBe("server 1 does not run: nothing to freeze");
    expect(await say("start 1")).toBe("server 1  address  running");
    await ensemble.servers[0]?.serving();
    expect(await say("status")).toBe("server 1  address  standalone");
  });

  it("are named where one is not understood", async () => {
    await using ensemble = await Ensemble.create({ standalone: true });
    for (const line of ["kill", "kill 2", "kill 1 2", "toString 1", "status 1", "?"]) expect(await obey(ensemble, line)).toMatch(/^not understood: .*kill, start, freeze, thaw/);
    expect(await obey(ensemble, "  ")).toBe("");
  });
});
