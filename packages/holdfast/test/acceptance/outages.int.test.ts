import { constant, detectionBound, framed, Link, resolveHeartbeat, type Frame } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
// The same measurements as `npm run bench -- detect listen-only stalls`, smaller and quicker.
import { sleep } from "../../../bench/src/busy.ts";
import { Child } from "../../../bench/src/child.ts";
import { faults, kinds, sides, type Case } from "../../../bench/src/detect/case.ts";
import { isWithin, watch } from "../../../bench/src/detect/watch.ts";
import { listen } from "../../../bench/src/listen-only/listen.ts";
import { Flock } from "../../../bench/src/stalls/flock.ts";
import type { Doors } from "../../../bench/src/stalls/server.ts";

const cases: readonly Case[] = kinds.flatMap((kind) => sides.flatMap((side) => faults.flatMap((fault) => [{ kind, side, fault }, { kind, side, fault }])));

/** They wait far more than they work, so they wait together. */
describe.concurrent("a link over real sockets", { timeout: 240_000 }, () => {
  it("notices silence within its bound, and so does a server, whichever direction is dead", async ({ expect }) => {
    let heartbeat = { interval: 250, timeout: 400, maxMisses: 3 };
    let found = await watch(cases, { heartbeat, spread: 500 });
    // Who answers late is missed: a busy machine needs a slower heartbeat.
    for (let scale = 2; found.lateness > heartbeat.timeout / 4 && scale <= 4; scale *= 2) {
      heartbeat = { interval: 250 * scale, timeout: 400 * scale, maxMisses: 3 };
      found = await watch(cases, { heartbeat, spread: 500 });
    }
    const { findings, lateness, latenessInAll } = found;
    // A loop that was asleep at the moment of the verdict asks once more (docs/concepts/heartbeats.md).
    const granted = lateness > heartbeat.timeout / 4 ? latenessInAll + heartbeat.timeout : lateness;
    expect(findings.filter((finding) => !isWithin(finding, granted))).toEqual([]);
    expect(findings.length).toBe(36);
  });

  it("lives, although it only listens, under a server that closes silent readers after two intervals", { retry: 1 }, async ({ expect }) => {
    let found = await listen(125, 10_000);
    // Who is late pings late: on a busy machine the server has to be more patient.
    for (let interval = 250; found.lateness > interval / 4 && interval <= 2_000; interval *= 2) found = await listen(interval, 10_000);
    expect(found).toMatchObject({ lost: 0, closed: 0 });
    expect(found.messages).toBeGreaterThan(200);
  });

  it("rides out a server that stands still for 0.8 × the bound, unless the first miss is fatal", { retry: 1 }, async ({ expect, onTestFinished }) => {
    const server = new Child(new URL("../../../bench/src/stalls/server.ts", import.meta.url), []);
    onTestFinished(() => server.end());
    const { live } = await server.hear<Doors>();
    const patient = { interval: 200, timeout: 600, maxMisses: 3 };
    const where = kinds.map((kind, at) => ({ kind, port: live[at] ?? 0 }));
    const [calm, strict] = [new Flock(), new Flock()];
    await Promise.all([calm.gather(where, patient), strict.gather(where, { ...patient, maxMisses: 1 })]);
    // Where our own loop is late, too, an impatient link asks once more before it judges: then another stall is needed.
    for (let stall = 0; stall < 5 && strict.lostAt.size < kinds.length; stall += 1) {
      server.say({ block: 0.8 * detectionBound(resolveHeartbeat(patient)) });
      await server.hear();
      await sleep(500);
    }
    expect([calm.lostAt.size, strict.lostAt.size]).toEqual([0, kinds.length]);
    expect(calm.missed).toBeGreaterThanOrEqual(kinds.length);
    calm.disperse();
    strict.disperse();
  });

  it.for(["tcp", "ws"])("survives kill -9 of the server while messages flow, and what was lost is in `unconfirmed`: %s", async (scheme, { expect, onTestFinished }) => {
    const { servers, uris, folder } = await diarists(scheme, 4, onTestFinished);
    const link = new Link<Frame, Frame>({
      endpoints: uris, shuffle: false, stagger: Infinity, transports: [tcp(), websocket()], protocol: framed(), backoff: constant(10), logger: false,
      heartbeat: { interval: 50, timeout: 1_000, maxMisses: 3 },
    });
    let unconfirmed = 0;
    const losses: string[] = [];
    link.on("disconnected", (event) => {
      if (event.cause === "requested") return;
      losses.push(event.cause);
      unconfirmed += event.unconfirmed;
    });
    link.on("migrated", (event) => { unconfirmed += event.unconfirmed; });
    await link.open();
    let sent = 0;
    const flow = setInterval(() => { for (let burst = 0; burst < 20; burst += 1) link.send(`${sent += 1} ${"x".repeat(200)}`); }, 2);
    onTestFinished(() => { clearInterval(flow); });
    for (const round of [0, 1, 2]) {
      await answered(link, 6 + round); // Each time the link knows more of what was sent.
      // A server that a busy machine lets wait may have been left already.
      const lost = new Promise((resolve) => { link.once("disconnected", resolve); });
      await servers[uris.findIndex((uri) => new URL(uri).port === new URL(link.endpoint ?? "").port)]?.end();
      await lost;
      await link.ready();
    }
    await sleep(100);
    clearInterval(flow);
    await link.close();
    const delivered = readDiaries(folder);
    const lost = sent - delivered.length;
    expect(losses.length).toBeGreaterThanOrEqual(3);
    expect(new Set(delivered).size).toBe(delivered.length);
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(unconfirmed);
    // What was sent since the last answered ping, not everything: most messages were vouched for.
    expect(unconfirmed).toBeLessThan(sent / 2);
  });
});

/** Resolves when so many more pings were answered. */
async function answered(link: Link<Frame, Frame>, count: number): Promise<void> {
  for (let seen = 0, last = link.rtt?.last; seen < count;) {
    await sleep(5);
    if (link.rtt === undefined || link.rtt.last === last) continue;
    last = link.rtt.last; // No two take equally long, to the microsecond.
    seen += 1;
  }
}

/** So many servers, each a process with a diary of its own. */
async function diarists(scheme: string, count: number, onTestFinished: TestContext["onTestFinished"]): Promise<{ readonly servers: readonly Child[]; readonly uris: readonly string[]; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-diaries-"));
  const servers = Array.from({ length: count }, (_, at) => new Child(new URL("diary-server.ts", import.meta.url), [join(folder, String(at)), scheme]));
  onTestFinished(async () => {
    for (const server of servers) await server.end();
    rmSync(folder, { recursive: true });
  });
  const uris = await Promise.all(servers.map(async (server) => (await server.hear<{ readonly uri: string }>()).uri));
  return { servers, uris, folder };
}

/** The numbers of all messages that reached an application. A half-written line was not delivered. */
function readDiaries(folder: string): readonly number[] {
  return readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1).map((line) => Number(line.split(" ")[0])));
}
