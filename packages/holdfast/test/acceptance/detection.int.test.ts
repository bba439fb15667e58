import { detectionBound, resolveHeartbeat } from "@holdfast/core";
import { describe, it } from "vitest";
// The same measurements as `npm run bench -- detect listen-only stalls`, smaller and quicker.
import { Child } from "../../../bench/src/child.ts";
import { faults, kinds, sides, type Case } from "../../../bench/src/detect/case.ts";
import { isWithin, watch } from "../../../bench/src/detect/watch.ts";
import { listen } from "../../../bench/src/listen-only/listen.ts";
import { Flock } from "../../../bench/src/stalls/flock.ts";
import type { Doors } from "../../../bench/src/stalls/server.ts";

const cases: readonly Case[] = kinds.flatMap((kind) => sides.flatMap((side) => faults.flatMap((fault) => [{ kind, side, fault }, { kind, side, fault }])));

/** They wait far more than they work, so they wait together. */
describe.concurrent("a heartbeat over real sockets", () => {
  it("notices silence within its bound, as link and as server, whichever direction is dead", async ({ expect }) => {
    const heartbeat = { interval: 250, timeout: 400, maxMisses: 3 };
    const { findings, lateness } = await watch(cases, { heartbeat, spread: 500 });
    // A loop that was asleep at the moment of the verdict asks once more (docs/concepts/heartbeats.md).
    const granted = lateness > heartbeat.timeout / 4 ? lateness + heartbeat.timeout : lateness;
    expect(findings.filter((finding) => !isWithin(finding, granted))).toEqual([]);
    expect(findings.length).toBe(36);
  });

  it("keeps a client that only listens alive under a server that closes silent readers after two intervals", { retry: 1 }, async ({ expect }) => {
    const { lost, closed, messages } = await listen(100, 100 * 100);
    expect({ lost, closed }).toEqual({ lost: 0, closed: 0 });
    expect(messages).toBeGreaterThan(200);
  });

  it("rides out a server that stands still for 0.8 × the bound, unless the first miss is fatal", async ({ expect, onTestFinished }) => {
    const server = new Child(new URL("../../../bench/src/stalls/server.ts", import.meta.url), []);
    onTestFinished(() => server.end());
    const { live } = await server.hear<Doors>();
    const patient = { interval: 100, timeout: 300, maxMisses: 3 };
    const where = kinds.map((kind, at) => ({ kind, port: live[at] ?? 0 }));
    const [calm, strict] = [new Flock(), new Flock()];
    await Promise.all([calm.gather(where, patient), strict.gather(where, { ...patient, maxMisses: 1 })]);
    server.say({ block: 0.8 * detectionBound(resolveHeartbeat(patient)) });
    await server.hear();
    expect([calm.lostAt.size, strict.lostAt.size]).toEqual([0, kinds.length]);
    expect(calm.missed).toBeGreaterThanOrEqual(kinds.length);
    calm.disperse();
    strict.disperse();
  });
});
