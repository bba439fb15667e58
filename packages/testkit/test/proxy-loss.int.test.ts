import { describe, expect, it } from "vitest";
import { settled, street, until, type Party } from "./proxy-pair.ts";

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

describe("reset, in the moment in which the end of the stream leaves", () => {
  it.each(["outward", "inward"] as const)("resets all the same: %s", async (direction) => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.halfClose(direction);
    road.proxy.reset();
    const [ended, other] = direction === "outward" ? [server, client] : [client, server];
    await until(() => ended.news.includes("end") && other.news.includes("close"));
    expect(other.news).toEqual(["ECONNRESET", "close"]);
    await until(() => road.proxy.connections.length === 0);
    ended.socket.write("to nobody");
    await until(() => ended.news.includes("close"));
    expect(ended.news).toEqual(["end", "EPIPE", "close"]);
  });

  it("does not keep the proxy from its end, nor does who comes in meanwhile", async () => {
    await using road = await street();
    await road.meet();
    road.proxy.halfClose("outward");
    road.proxy.reset();
    const coming = Array.from({ length: 20 }, () => road.enter());
    await road.proxy.close();
    expect(road.proxy.connections).toEqual([]);
    await Promise.all(coming);
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
