import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultProxy } from "../src/proxy/index.ts";
import { Party, settled, street, until } from "./proxy-pair.ts";

describe("a fault proxy", () => {
  it("passes bytes and ends both ways, and counts them", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    client.socket.write("hello");
    await until(() => server.text === "hello");
    server.socket.end("goodbye");
    await until(() => client.news.includes("end"));
    expect(client.text).toBe("goodbye");
    client.socket.end();
    await until(() => client.news.includes("close") && server.news.includes("close"));
    await until(() => road.proxy.connections.length === 0);
    expect(road.proxy.counters).toMatchObject({
      accepted: 1, reached: 1, unreachable: 0, resets: 0,
      outward: { received: 5, delivered: 5, swallowed: 0 }, inward: { received: 7, delivered: 7, swallowed: 0 },
    });
  });

  it("passes a megabyte unharmed although its buffer holds a kilobyte", async () => {
    await using road = await street({ maxBuffer: 1_024 });
    const { client, server } = await road.meet();
    const sent = Buffer.from(Uint8Array.from({ length: 2 ** 20 }, (_, place) => place % 251));
    client.socket.end(sent);
    await until(() => server.news.includes("end"));
    expect(Buffer.concat(server.chunks).equals(sent)).toBe(true);
  });

  it("passes a reset on as a reset", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    server.socket.resetAndDestroy();
    await until(() => client.news.includes("close"));
    expect(client.news).toEqual(["ECONNRESET", "close"]);
  });

  it("resets a client whose target cannot be reached", async () => {
    await using road = await street();
    await road.stopServer();
    const client = await road.enter();
    await until(() => client.news.includes("close"));
    expect(client.news).toEqual(["ECONNRESET", "close"]);
    expect(road.proxy.counters).toMatchObject({ accepted: 1, reached: 0, unreachable: 1 });
  });

  it("stands in front of a Unix socket too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proxy-"));
    const server = createServer((socket) => socket.pipe(socket)).listen(join(folder, "socket"));
    await once(server, "listening");
    const proxy = await faultProxy({ target: { path: join(folder, "socket") } });
    const client = new Party(connect(proxy.port, proxy.host));
    client.socket.write("echo");
    await until(() => client.text === "echo");
    await proxy.close();
    await new Promise((resolve) => { server.close(resolve); });
    rmSync(folder, { recursive: true });
    expect(proxy.connections).toEqual([]);
  });

  it("names a URI for clients", async () => {
    await using road = await street();
    expect(road.proxy.uri("ws")).toBe(`ws://127.0.0.1:${road.proxy.port}`);
  });
});

describe("refuse", () => {
  it("refuses connects, spares living connections, and comes back on the same port", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    const { port } = road.proxy;
    await road.proxy.refuse();
    expect((await road.enter()).news).toEqual(["ECONNREFUSED", "close"]);
    client.socket.write("still here");
    await until(() => server.text === "still here");
    await road.proxy.pass();
    await road.meet();
    expect(road.proxy.port).toBe(port);
    expect(road.proxy.faults.map(({ fault }) => fault)).toEqual(["refuse", "pass"]);
  });

  it.runIf(process.platform === "linux")("keeps the port bound while nobody listens on it, so that the system gives it to nobody else", async () => {
    await using road = await street();
    const local = `0100007F:${road.proxy.port.toString(16).toUpperCase().padStart(4, "0")}`;
    // Column 1 is the local address, column 3 the state: 0A listens, 01 is connected.
    const states = (): string[] => readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/)).filter((columns) => columns[1] === local).map((columns) => columns[3] ?? "");
    expect(states()).toEqual(["0A"]);
    await road.proxy.refuse();
    expect(states()).toEqual(["01"]);
    await road.proxy.pass();
    expect(states()).toContain("0A");
  });

  it("settles in the order of the calls, also when nobody waits", async () => {
    await using road = await street();
    void road.proxy.refuse();
    void road.proxy.pass();
    void road.proxy.refuse();
    await road.proxy.pass();
    await road.meet();
    expect(road.served.length).toBe(1);
  });
});

describe("silence", () => {
  it("accepts, never answers, and the target hears nothing", async () => {
    await using road = await street();
    road.proxy.silence();
    const client = await road.enter();
    client.socket.write("anybody there?");
    await until(() => road.proxy.counters.outward.swallowed === 14);
    await settled();
    expect([client.news, client.text, road.served.length]).toEqual([[], "", 0]);
  });
});

describe("bounds", () => {
  it("turns away more clients than it may have", async () => {
    await using road = await street({ maxConnections: 1 });
    await road.meet();
    const second = await road.enter();
    await until(() => second.news.includes("close"));
    expect(second.news).toEqual(["ECONNRESET", "close"]);
    expect(road.proxy.counters).toMatchObject({ accepted: 2, turnedAway: 1 });
  });

  it("leaves no handle behind, whatever was going on", async () => {
    await settled(); // What the test before has left, too.
    const before = process.getActiveResourcesInfo().length;
    const road = await street();
    road.proxy.latency({ delay: 10_000 });
    const { client } = await road.meet();
    client.socket.write("on its way");
    await until(() => road.proxy.counters.outward.received === 10);
    road.proxy.silence();
    await road.enter();
    await road.proxy.refuse();
    await road[Symbol.asyncDispose]();
    await until(() => process.getActiveResourcesInfo().length <= before);
    expect(road.proxy.connections).toEqual([]);
  });

  it.each([
    ["latency.delay", (proxy: Awaited<ReturnType<typeof faultProxy>>) => { proxy.latency({ delay: -1 }); }],
    ["slice.bytes", (proxy: Awaited<ReturnType<typeof faultProxy>>) => { proxy.slice({ bytes: 0 }); }],
    ["bandwidth.bytesPerSecond", (proxy: Awaited<ReturnType<typeof faultProxy>>) => { proxy.bandwidth({ bytesPerSecond: NaN }); }],
  ])("refuses a senseless %s", async (_name, act) => {
    await using road = await street();
    expect(() => { act(road.proxy); }).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });

  it("says so when its own port is taken", async () => {
    await using road = await street();
    await expect(faultProxy({ target: { host: "127.0.0.1", port: 1 }, port: road.proxy.port })).rejects.toMatchObject({ code: "HF_LISTEN_FAILED" });
  });
});
