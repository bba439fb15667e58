import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultProxy } from "../src/proxy/index.ts";
import { SimClock, seededRandom } from "../src/index.ts";
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

describe("latency", () => {
  it("delays bytes and ends, and keeps their order", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock, random: seededRandom(1) });
    road.proxy.latency({ delay: 100, jitter: 400, direction: "outward" });
    const { client, server } = await road.meet();
    for (const digit of "0123456789") {
      client.socket.write(digit);
      await until(() => road.proxy.counters.outward.received === Number(digit) + 1);
    }
    client.socket.end();
    await settled();
    clock.advance(99);
    await settled();
    expect(server.text).toBe("");
    clock.advance(401);
    await until(() => server.news.includes("end"));
    expect(server.text).toBe("0123456789");
  });
});

describe("bandwidth", () => {
  it("lets so many bytes through in a second", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock });
    road.proxy.bandwidth({ bytesPerSecond: 1_000 });
    const { client } = await road.meet();
    client.socket.write(Buffer.alloc(5_000));
    await until(() => road.proxy.counters.outward.received === 5_000);
    clock.advance(1_000);
    expect(road.proxy.counters.outward.delivered).toBeGreaterThan(980);
    expect(road.proxy.counters.outward.delivered).toBeLessThan(1_040);
    clock.advance(4_000);
    expect(road.proxy.counters.outward.delivered).toBe(5_000);
  });
});

describe("slice", () => {
  it("delivers byte by byte", async () => {
    await using road = await street();
    road.proxy.slice({ bytes: 1, direction: "inward" });
    const { client, server } = await road.meet();
    server.socket.write("slowly");
    await until(() => client.text === "slowly");
    expect(client.chunks.map(String)).toEqual(["s", "l", "o", "w", "l", "y"]);
  });

  it("waits between the pieces where it is told to", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock });
    road.proxy.slice({ bytes: 2, every: 50, direction: "outward" });
    const { client, server } = await road.meet();
    client.socket.write("abcdef");
    await until(() => server.text === "ab");
    clock.advance(50);
    await until(() => server.text === "abcd");
    expect(clock.pending).toBe(1);
  });
});

describe("hold", () => {
  it("keeps bytes and the end, and delivers both when released", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.hold("outward");
    client.socket.end("kept");
    server.socket.write("the other way is open");
    await until(() => client.text !== "" && road.proxy.counters.outward.received === 4);
    await settled();
    expect([server.text, server.news]).toEqual(["", []]);
    road.proxy.release();
    await until(() => server.news.includes("end"));
    expect(server.text).toBe("kept");
  });

  it("stops reading when its buffer is full, and loses nothing", async () => {
    await using road = await street({ maxBuffer: 100_000 });
    const { client, server } = await road.meet();
    road.proxy.hold();
    const sent = Buffer.alloc(20 * 2 ** 20, "x");
    client.socket.end(sent);
    await until(() => road.proxy.counters.outward.received > 100_000);
    await settled();
    expect(road.proxy.counters.outward.received).toBeLessThan(300_000);
    await road.proxy.pass();
    await until(() => server.news.includes("end"));
    expect(server.bytes).toBe(sent.length);
  });
});

describe("blackHole", () => {
  it("swallows what clients send, and lets the server's bytes through", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.blackHole("outward");
    client.socket.write("lost");
    server.socket.write("heard");
    await until(() => client.text === "heard" && road.proxy.counters.outward.swallowed === 4);
    await settled();
    expect([server.text, server.news, client.news]).toEqual(["", [], []]);
  });

  it("swallows what the server sends, and lets the clients' bytes through", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.blackHole("inward");
    client.socket.write("heard");
    server.socket.write("lost");
    await until(() => server.text === "heard" && road.proxy.counters.inward.swallowed === 4);
    await settled();
    expect([client.text, client.news, server.news]).toEqual(["", [], []]);
  });

  it.each([
    ["close", (party: Party) => { party.socket.end(); }],
    ["death", (party: Party) => { party.socket.destroy(); }],
    ["reset", (party: Party) => { party.socket.resetAndDestroy(); }],
  ])("hides the %s of the server from the client, and the client's from the server", async (_name, leave) => {
    await using road = await street();
    const [one, other] = [await road.meet(), await road.meet()];
    road.proxy.blackHole();
    leave(one.server);
    leave(other.client);
    await settled();
    one.client.socket.write("still sending");
    other.server.socket.write("still sending");
    await settled();
    expect([one.client.news, other.server.news]).toEqual([[], []]);
    expect(road.proxy.connections.length).toBe(2);
  });

  it("loses what was held and delayed", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.hold();
    client.socket.write("waiting");
    await until(() => road.proxy.counters.outward.received === 7);
    road.proxy.blackHole();
    await road.proxy.pass();
    client.socket.write("after the gap");
    await until(() => road.proxy.counters.outward.swallowed === 20);
    await settled();
    expect(server.text).toBe("");
  });

  it("spares a connection that had nothing to say while it lasted, and later ones", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.blackHole();
    await road.proxy.pass();
    client.socket.write("unharmed");
    await until(() => server.text === "unharmed");
    await road.meet();
    expect(road.served.length).toBe(2);
  });
});

describe("cutAfter", () => {
  it.each([[0, ""], [1, "h"], [4, "hand"], [9, "handshake"]])("resets after exactly %i bytes", async (bytes, passed) => {
    await using road = await street();
    road.proxy.cutAfter({ bytes, direction: "outward" });
    const { client, server } = await road.meet();
    client.socket.write("handshake and more");
    await until(() => client.news.includes("close") && server.news.includes("close"));
    expect([server.text, server.news, client.news]).toEqual([passed, ["ECONNRESET", "close"], ["ECONNRESET", "close"]]);
    expect(road.proxy.faults.at(-1)).toMatchObject({ fault: "cut", details: { connection: 1, direction: "outward" } });
  });

  it("ends both sides after exactly so many bytes where it is told to", async () => {
    await using road = await street();
    road.proxy.cutAfter({ bytes: 3, direction: "inward", by: "end" });
    const { client, server } = await road.meet();
    server.socket.write("abcdef");
    await until(() => client.news.includes("end") && server.news.includes("end"));
    expect(client.text).toBe("abc");
  });

  it("counts each connection by itself", async () => {
    await using road = await street();
    road.proxy.cutAfter({ bytes: 4, direction: "outward" });
    const [one, other] = [await road.meet(), await road.meet()];
    one.client.socket.write("abc");
    other.client.socket.write("abcd");
    await until(() => one.server.text === "abc" && other.client.news.includes("close"));
    expect(one.client.news).toEqual([]);
  });
});

describe("reset", () => {
  it("resets all connections on both sides", async () => {
    await using road = await street();
    const pairs = [await road.meet(), await road.meet()];
    road.proxy.reset();
    await until(() => pairs.every(({ client, server }) => client.news.includes("close") && server.news.includes("close")));
    expect(pairs.flatMap(({ client, server }) => [client.news, server.news])).toEqual(Array.from({ length: 4 }, () => ["ECONNRESET", "close"]));
    await until(() => road.proxy.connections.length === 0);
    expect(road.proxy.counters.resets).toBe(2);
    expect(road.proxy.faults).toEqual([{ at: expect.any(Number), fault: "reset", details: { connections: 2 } }]);
  });

  it("resets one connection alone", async () => {
    await using road = await street();
    const [one, other] = [await road.meet(), await road.meet()];
    road.proxy.connections[0]?.reset();
    await until(() => one.client.news.includes("close"));
    other.client.socket.write("unharmed");
    await until(() => other.server.text === "unharmed");
    expect(other.client.news).toEqual([]);
  });
});

describe("halfClose", () => {
  it("ends one direction and leaves the other open", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.halfClose("inward");
    await until(() => client.news.includes("end"));
    client.socket.write("half a line still works");
    server.socket.write("lost");
    await until(() => server.text === "half a line still works" && road.proxy.counters.inward.swallowed === 4);
    expect([client.news, client.text, server.news]).toEqual([["end"], "", []]);
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
    await settled();
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
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
