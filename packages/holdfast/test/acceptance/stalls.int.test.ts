import { detectionBound, resolveHeartbeat } from "@holdfast/core";
import { describe, expect, it, onTestFinished } from "vitest";
// Smaller than `npm run bench -- stalls`, on the same stage.
import { block, blockRepeatedly, sleep } from "../../../bench/src/busy.ts";
import { Child } from "../../../bench/src/child.ts";
import { LoopLateness } from "../../../bench/src/lateness.ts";
import { kinds } from "../../../bench/src/detect/case.ts";
import { Flock } from "../../../bench/src/stalls/flock.ts";
import type { Doors, Killed } from "../../../bench/src/stalls/server.ts";

interface Stage extends Doors { readonly server: Child }

async function stage(): Promise<Stage> {
  const server = new Child(new URL("../../../bench/src/stalls/server.ts", import.meta.url), []);
  onTestFinished(() => server.end());
  return { server, ...await server.hear<Doors>() };
}

const places = (ports: readonly number[]) => kinds.map((kind, at) => ({ kind, port: ports[at] ?? 0 }));

describe("links on a loop that stands still", () => {
  it("keep their live peers", async () => {
    const { live } = await stage();
    const flock = new Flock();
    await flock.gather(places(live), { interval: 200, timeout: 300, maxMisses: 2 });
    for (const pause of [30, 220]) {
      await sleep(pause); // Another moment of the heartbeat each time.
      block(1_000); // More than it takes to give up a dead one.
    }
    await sleep(800);
    expect(flock.lostAt.size).toBe(0);
    flock.disperse();
  });

  it("are found out within twice the bound when they are dead, and live on when they are not, while the loop is always late", async () => {
    const { server, live, doomed } = await stage();
    const heartbeat = { interval: 400, timeout: 400, maxMisses: 2 };
    const bound = detectionBound(resolveHeartbeat(heartbeat));
    const [alive, dead] = [new Flock(), new Flock()];
    await Promise.all([alive.gather(places(live), heartbeat), dead.gather(places(doomed), heartbeat)]);
    const stop = blockRepeatedly(100, 150);
    onTestFinished(stop);
    const loop = new LoopLateness();
    server.say({ kill: true });
    const { killedAt } = await server.hear<Killed>();
    await dead.allLost(4 * bound);
    expect([dead.lostAt.size, alive.lostAt.size]).toEqual([kinds.length, 0]);
    expect(Math.max(...dead.lostAt.values()) - killedAt).toBeLessThan(2 * bound + loop.stop());
    alive.disperse();
  });
});
