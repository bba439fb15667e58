import { describe, expect, it } from "vitest";
import { Command, holdfast } from "./command.ts";
import { echoOverTcp, echoOverWebSocket, freePort } from "./plain-servers.ts";

describe("holdfast watch", () => {
  it("stays connected through a crash: the other server takes over", async () => {
    const [a, b] = [await echoOverWebSocket(), await echoOverWebSocket()];
    const watch = new Command(["watch", `failover:(${a.uri},${b.uri})?randomize=false`, "--json", "--send", "hi"]);
    expect(await watch.until("connected")).toMatchObject({ endpoint: a.uri, epoch: 1, noticedWithin: 20_000 });
    expect(await watch.until("message")).toMatchObject({ message: "hi" });
    await a.kill();
    expect(await watch.until("disconnected")).toMatchObject({ endpoint: a.uri, cause: "reset", error: { code: "HF_RESET" } });
    expect(await watch.until((line) => line.event === "connected" && line["epoch"] !== 1)).toMatchObject({ endpoint: b.uri, from: a.uri });
    await watch.until((line) => line.event === "message" && line !== watch.lines.find(({ event }) => event === "message"));
    watch.kill("SIGINT");
    expect(await watch.ended).toMatchObject({ code: 0, stderr: "" });
    expect(watch.lines.at(-1)).toMatchObject({ event: "ended", connections: 2, failovers: 1, received: 2, sent: 2 });
  });

  it("measures the round trip", async () => {
    const { uri } = await echoOverWebSocket();
    const watch = new Command(["watch", uri, "--json", "--heartbeat", "lan"]);
    const { last } = await watch.until("alive");
    expect(last).toBeGreaterThan(0);
  });

  it("tells people the same in sentences, without colours in a pipe", async () => {
    const { uri } = await echoOverWebSocket({ say: ["hello"] });
    const { code, stdout, stderr } = await holdfast(["watch", uri, "--count", "1"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(/^ *\d+\.\d{3}  /gm, "").replace(/[\d.]+ m?s,/, "T,").replace(/% of [\d.]+ m?s/, "% of T").replace(/connected [\d.]+ %/, "connected P %").split("\n")).toEqual([
      `connecting    ${uri}`,
      `connected     ${uri}, a silent peer is noticed within 20 s`,
      "message       ← hello",
      "ended         connected P % of T, 1 connection, 0 failovers, 1 message in, 0 out",
      "",
    ]);
  });

  it("sends the lines of its input, over TCP as lines", async () => {
    const { uri } = await echoOverTcp();
    const watch = new Command(["watch", uri, "--json", "--count", "2"]);
    watch.process.stdin?.end("one\ntwo");
    expect((await watch.ended).code).toBe(0);
    expect(watch.lines.filter(({ event }) => event === "message").map(({ message }) => message)).toEqual(["one", "two"]);
  });

  it("warns where nobody can ping, and says what to do", async () => {
    const { uri } = await echoOverTcp();
    const watch = new Command(["watch", uri, "--json"]);
    expect(await watch.until("connected")).toMatchObject({ noticedWithin: null });
    expect(await watch.until("warning")).toMatchObject({ warning: "unwatched" });
    watch.kill("SIGTERM");
    expect((await watch.ended).code).toBe(0);
  });

  it("asks with JSON where the peer answers", async () => {
    const { uri } = await echoOverTcp();
    const watch = new Command(["watch", uri, "--json", "--protocol", "json", "--ping", "{\"type\":\"ping\",\"n\":1}", "--pong", "{\"type\":\"ping\"}", "--heartbeat", "lan"]);
    expect(await watch.until("connected")).toMatchObject({ noticedWithin: 4_000 });
    await watch.until("alive");
    expect(watch.lines.some(({ event }) => event === "message")).toBe(false);
  });

  it("gives up after --max-attempts on a port nobody listens on", async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await holdfast(["watch", `tcp://127.0.0.1:${port}`, "--max-attempts", "2"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout.match(/failed/g)).toHaveLength(2);
    expect(stdout).toMatch(/closed +gave up, as no attempt was left.*\[HF_\w+\]\n/);
  });

  it("says that a plain server does not speak holdfast", async () => {
    for (const { uri } of [await echoOverTcp(), await echoOverWebSocket({ say: ["hello"] })]) {
      const { code, stdout } = await holdfast(["watch", uri, "--protocol", "framed", "--max-attempts", "1"]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/failed .*does not speak the framed protocol of holdfast.*\[HF_NOT_HOLDFAST\]/);
    }
  });

  it("ends by itself after --for", async () => {
    const { uri } = await echoOverWebSocket();
    const { code } = await holdfast(["watch", uri, "--for", "0.05"]);
    expect(code).toBe(0);
  });

  it("never shows a secret", async () => {
    const { port } = await echoOverWebSocket();
    const dead = await freePort();
    const watch = new Command(["watch", `ws://anna:hunter2@127.0.0.1:${port}/?token=hunter3`, `ws://bob:hunter4@127.0.0.1:${dead}/?token=hunter5`, "--json", "--count", "1", "--send", "hi"]);
    const { stdout, stderr } = await watch.ended;
    expect(stdout).toContain(`ws://127.0.0.1:${port}`);
    expect(stdout + stderr).not.toContain("hunter");
  });

  it("reports a message that cannot be sent, and goes on", async () => {
    const { uri } = await echoOverWebSocket();
    const watch = new Command(["watch", uri, "--protocol", "json", "--json", "--count", "1"]);
    watch.process.stdin?.end("no json\n{\"a\":1}\n");
    expect(await watch.until("unsent")).toMatchObject({ message: "no json" });
    expect((await watch.ended).code).toBe(0);
    expect(watch.lines.find(({ event }) => event === "message")).toMatchObject({ message: { a: 1 } });
  });
});

describe("holdfast watch is ended", () => {
  it("by a closed pipe, quietly and with 0", async () => {
    const { uri } = await echoOverWebSocket();
    const watch = new Command(["watch", uri, "--json", "--heartbeat", "lan"]);
    await watch.until("connected");
    watch.process.stdout?.destroy(); // As `head -1` does.
    expect(await watch.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("by Ctrl-C while it waits for a server", async () => {
    const watch = new Command(["watch", `tcp://127.0.0.1:${await freePort()}`, "--json"]);
    await watch.until("waiting");
    watch.kill("SIGINT");
    expect(await watch.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("by an impatient Ctrl-C at once, where the goodbye takes too long", async () => {
    const { uri } = await echoOverTcp({ sulk: true });
    const watch = new Command(["watch", uri, "--json"]);
    await watch.until("connected");
    const pressing = setInterval(() => { watch.kill("SIGINT"); }, 100);
    const { code } = await watch.ended;
    clearInterval(pressing);
    expect(code).toBe(130);
  });

  it("politely by the two signals of one Ctrl-C under npm", async () => {
    const { uri } = await echoOverWebSocket();
    const watch = new Command(["watch", uri, "--json"]);
    await watch.until("connected");
    watch.kill("SIGINT");
    watch.kill("SIGTERM");
    expect((await watch.ended).code).toBe(0);
    expect(watch.lines.at(-1)).toMatchObject({ event: "ended" });
  });
});

describe("the process", () => {
  it("ends with 2 and no stack where the command was written wrongly", async () => {
    const { code, stdout, stderr } = await holdfast(["watch", "mqtt://h:1883"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^holdfast: transports must be able to dial mqtt:\/\/h:1883 .*no transport for mqtt.* \[HF_BAD_OPTION\]\nRead more with: holdfast watch --help\n$/);
  });

  it("says nothing where nobody reads its help to the end", async () => {
    const help = new Command(["watch", "--help"]);
    help.process.stdout?.destroy(); // As `head -0` does.
    expect(await help.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("knows its version", async () => {
    expect(await holdfast(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });
});
