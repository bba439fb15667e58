import { constant, framed, Link, type Frame } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
import { sleep } from "../../../bench/src/busy.ts";
import { Child } from "../../../bench/src/child.ts";

describe.concurrent("kill -9 of the server while messages flow", () => {
  it.for(["tcp", "ws"])("moves the link to the next one, and what was lost is in `unconfirmed`: %s", async (scheme, { expect, onTestFinished }) => {
    const { servers, uris, folder } = await stage(scheme, 4, onTestFinished);
    const link = new Link<Frame, Frame>({
      endpoints: uris, shuffle: false, transports: [tcp(), websocket()], protocol: framed(), backoff: constant(10), logger: false,
      heartbeat: { interval: 50, timeout: 1_000, maxMisses: 3 },
    });
    let unconfirmed = 0;
    const losses: string[] = [];
    link.on("disconnected", (event) => {
      if (event.cause === "requested") return;
      losses.push(event.cause);
      unconfirmed += event.unconfirmed;
    });
    await link.open();
    let sent = 0;
    const flow = setInterval(() => { for (let burst = 0; burst < 20; burst += 1) link.send(`${sent += 1} ${"x".repeat(200)}`); }, 2);
    onTestFinished(() => { clearInterval(flow); });
    for (const round of [0, 1, 2]) {
      await sleep(150 + 40 * round);
      const moved = new Promise((resolve) => { link.once("connected", resolve); });
      await servers[round]?.end();
      await moved;
    }
    await sleep(100);
    clearInterval(flow);
    await link.close();
    const delivered = readDiaries(folder);
    const lost = sent - delivered.length;
    expect(losses.length).toBe(3);
    expect(new Set(delivered).size).toBe(delivered.length);
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(unconfirmed);
    // What was sent since the last answered ping, not everything: most messages were vouched for.
    expect(unconfirmed).toBeLessThan(sent / 2);
  });
});

/** So many servers, each a process with a diary of its own. */
async function stage(scheme: string, count: number, onTestFinished: TestContext["onTestFinished"]): Promise<{ readonly servers: readonly Child[]; readonly uris: readonly string[]; readonly folder: string }> {
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
