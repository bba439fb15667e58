import { describe, expect, it } from "vitest";
import { Command, holdfast, type Line } from "./command.ts";
import { echoOverTcp } from "./plain-servers.ts";

const [anyTcp, anyWs] = ["tcp://127.0.0.1:0", "ws://127.0.0.1:0"] as const;

/** A server and where it listens. */
async function serve(given: readonly string[]): Promise<Served> {
  const command = new Command(["serve", ...given, "--json"]);
  const wanted = given.filter((word) => word.includes("://")).length;
  await command.until(() => command.lines.filter(({ event }) => event === "listening").length === wanted);
  return { command, uris: command.lines.map(({ endpoint }) => String(endpoint)) };
}

interface Served { readonly command: Command; readonly uris: readonly string[] }

/** The server that a client is connected to, and the other one. */
function inUse([one, other]: readonly Served[], { endpoint }: Line): readonly [Served, Served] {
  if (one === undefined || other === undefined) throw new Error("two servers, please");
  return one.uris[0] === endpoint ? [one, other] : [other, one];
}

const is = (event: string, detail: Readonly<Record<string, unknown>>) => (line: Line): boolean =>
  line.event === event && Object.entries(detail).every(([name, value]) => line[name] === value);

describe("holdfast serve", () => {
  it("answers over TCP and WebSocket at once, and shows who comes and goes", async () => {
    const { command, uris: [tcp = "", ws = ""] } = await serve([anyTcp, anyWs]);
    expect(tcp).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]/);
    expect(command.lines).toMatchObject([{ watched: false }, { watched: true }]);
    for (const uri of [tcp, ws]) {
      expect(await holdfast(["watch", uri, "--send", "hi", "--count", "1"])).toMatchObject({ code: 0, stdout: expect.stringContaining("← hi") as string });
    }
    expect(await command.until(is("message", { id: 2 }))).toMatchObject({ message: "hi" });
    expect(await command.until(is("peerGone", { id: 2 }))).toMatchObject({ cause: "closed" });
    command.kill("SIGINT");
    expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
    expect(command.lines.at(-1)).toMatchObject({ event: "ended", connections: 2, most: 1, received: 2 });
  });

  it("passes messages on to the others with --broadcast, whatever they came over", async () => {
    const { uris: [tcp = "", ws = ""] } = await serve([anyTcp, anyWs, "--broadcast"]);
    const [anna, bert] = [new Command(["watch", tcp, "--json"]), new Command(["watch", ws, "--json"])];
    await Promise.all([anna.until("connected"), bert.until("connected")]);
    anna.process.stdin?.write("from anna\n");
    expect(await bert.until("message")).toMatchObject({ message: "from anna" });
    bert.process.stdin?.write("from bert\n");
    expect(await anna.until("message")).toMatchObject({ message: "from bert" });
  });

  it("recognises who returns with --identify", async () => {
    const { command, uris: [uri = ""] } = await serve([anyWs, "--identify"]);
    for (let visit = 1; visit <= 2; visit += 1) {
      const watch = new Command(["watch", uri, "--send", "anna", "--json"]);
      await command.until(() => command.lines.filter(is("peer", { id: "anna" })).length === visit);
      watch.kill("SIGKILL");
      await command.until(() => command.lines.filter(is("peerGone", { id: "anna" })).length === visit);
    }
    expect(await command.until("peerReturned")).toMatchObject({ id: "anna", away: expect.any(Number) as number });
  });

  it("drains on SIGTERM: a framed client moves to the other server", async () => {
    const both = await Promise.all([1, 2].map(() => serve([anyTcp, "--protocol", "framed", "--drain", "5"])));
    const watch = new Command(["watch", ...both.map(({ uris }) => uris[0] ?? ""), "--protocol", "framed", "--json"]);
    const [a, b] = inUse(both, await watch.until("connected"));
    a.command.kill("SIGTERM");
    expect(await watch.until("draining")).toMatchObject({ endpoint: a.uris[0], within: 5_000 });
    expect(await watch.until("migrated")).toMatchObject({ to: b.uris[0], from: a.uris[0], cause: "drained" });
    expect(await a.command.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await a.command.until("draining")).toMatchObject({ peers: 1, within: 5_000 });
    expect(await a.command.until("peerGone")).toMatchObject({ cause: "drained" });
  });

  it("is left for another when it freezes: a heartbeat notices what no error tells", async () => {
    const both = await Promise.all([serve([anyWs]), serve([anyWs])]);
    const watch = new Command(["watch", ...both.map(({ uris }) => uris[0] ?? ""), "--heartbeat", "lan", "--json"]);
    await watch.until("alive");
    const [a, b] = inUse(both, await watch.until("connected"));
    a.command.kill("SIGSTOP");
    expect(await watch.until("migrated")).toMatchObject({ from: a.uris[0], to: b.uris[0], cause: "suspected" });
    expect(watch.lines.filter(({ event }) => event === "disconnected" || event === "missed")).toEqual([]);
  });

  it("is given up when it freezes and there is no other", async () => {
    const a = await serve([anyWs]);
    const watch = new Command(["watch", a.uris[0] ?? "", "--heartbeat", "lan", "--json"]);
    await watch.until("alive");
    a.command.kill("SIGSTOP");
    expect(await watch.until("disconnected")).toMatchObject({ cause: "heartbeat", error: { code: "HF_HEARTBEAT" } });
    expect(watch.lines.filter(({ event }) => event === "missed").length).toBeGreaterThanOrEqual(2);
  });

  it("says so when the address cannot be had, with exit code 1", async () => {
    const { uri } = await echoOverTcp();
    const { code, stdout, stderr } = await holdfast(["serve", anyWs, uri]);
    expect(code).toBe(1);
    expect(stdout).toContain("listening     ws://127.0.0.1:");
    expect(stderr).toMatch(/^holdfast: .*EADDRINUSE.* \[HF_LISTEN_FAILED\]\n$/);
  });
});
