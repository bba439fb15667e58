import type { Frame, Link, Millis } from "@holdfast/core";
import { faultProxy } from "@holdfast/testkit/proxy";
import { describe, expect, it } from "vitest";
import { LoopLateness } from "../../bench/src/lateness.ts";
import { inOrder, kinds, stand, type Stand } from "./real.ts";

const now = (): Millis => performance.now();
const quiet = (ms: Millis): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Answers every message. */
function echo(...places: readonly Stand[]): void {
  for (const { server } of places) server.on("peer", ({ peer }) => peer.on("message", (message) => { peer.send(message); }));
}

/** A message every 20 ms; gives the time without an answer from now on, once one has come after it began to be missed, less what the loop of this process was late in it. */
async function outage(link: Link<Frame, Frame>, broken: () => void): Promise<Millis> {
  let last = now();
  const silent = Promise.withResolvers<Millis>();
  const sending = setInterval(() => { link.send("hello"); }, 20);
  link.on("message", () => { last = now(); });
  await quiet(200);
  const loop = new LoopLateness();
  broken();
  const from = last;
  const heard = (): void => { silent.resolve(now() - from - loop.total); };
  link.on("migrated", () => { link.once("message", heard); });
  link.on("disconnected", () => { link.once("message", heard); });
  try {
    return await silent.promise;
  } finally {
    clearInterval(sending);
    loop.stop();
  }
}

describe("a link whose list begins with a black hole", () => {
  it.each(kinds)("pays the stagger and a healthy connect for it, and no more ($scheme)", async (kind) => {
    await using one = await stand(kind);
    await using other = await stand(kind);
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: one.port } });
    const healthy: Millis[] = [];
    const holed: Millis[] = [];
    /** Of the dials into the hole, less what the loop of this process was late meanwhile. */
    const prompt: Millis[] = [];
    const time = async (endpoints: string): Promise<readonly [taken: Millis, less: Millis]> => {
      const loop = new LoopLateness();
      const start = now();
      const link = other.link({ endpoints, shuffle: false });
      await link.ready();
      const taken = now() - start;
      loop.stop();
      expect(new URL(link.endpoint ?? "").port).toBe(String(other.port));
      link.abort();
      return [taken, taken - loop.total];
    };
    proxy.silence();
    for (let round = 0; round < 7; round += 1) {
      healthy.push((await time(other.uri))[0]);
      const [taken, less] = await time(`${proxy.uri(kind.scheme)},${other.uri}`);
      holed.push(taken);
      prompt.push(less);
    }
    const best = Math.min(...prompt);
    if (process.env["HOLDFAST_FIGURES"]) console.log(`${kind.scheme}: ${best.toFixed(1)} ms with the hole, ${Math.max(...healthy).toFixed(1)} ms at most without`);
    expect(Math.min(...holed)).toBeGreaterThanOrEqual(249);
    expect(best).toBeLessThan(250 + 1.2 * Math.max(...healthy) + 2); // A timer of Node may be 1 ms late.
  });
});

describe("a link whose connection is swallowed by a black hole, and that has a healthy second endpoint,", () => {
  it.each([["tcp", "lan", 1_500], ["ws", "lan", 1_500], ["tcp", "default", 8_000]] as const)("goes on within its time (%s, %s: %d ms)", { timeout: 60_000 }, async (scheme, heartbeat, most) => {
    const kind = kinds.find((one) => one.scheme === scheme) as (typeof kinds)[number]; // One of both.
    await using one = await stand(kind);
    await using other = await stand(kind);
    echo(one, other);
    await using proxy = await faultProxy({ target: { host: "127.0.0.1", port: Number(new URL(one.uri).port) } });
    const told: string[] = [];
    const link = one.link({ endpoints: `${proxy.uri(kind.scheme)},${other.uri}`, ...inOrder, ...(heartbeat === "lan" && { heartbeat }) });
    link.on("disconnected", ({ cause }) => { told.push(`disconnected: ${cause}`); });
    link.on("migrated", ({ cause, unconfirmed }) => { told.push(`migrated: ${cause}${unconfirmed > 0 ? ", some unconfirmed" : ""}`); });
    await link.ready();
    await new Promise((resolve) => { const beat = setInterval(() => { if (link.rtt) { clearInterval(beat); resolve(undefined); } }, 10); });
    const silent = await outage(link, () => { proxy.blackHole(); });
    expect(told).toEqual(["migrated: suspected, some unconfirmed"]);
    expect(silent).toBeLessThan(most);
    link.abort();
  });
});
